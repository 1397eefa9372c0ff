"""Compiles the CUDA kernels, with nvcc, for the TensorFlow that is installed.

The kernels are independent of TensorFlow. The adapter that registers them uses TensorFlow's C++
API, so the library works with one version only. Compiling and loading need no GPU.
"""

import importlib.util
import itertools
import os
import re
import shutil
from pathlib import Path

import tensorflow as tf

from .build import BuildError, digest, find_compiler, make, run

KERNELS = Path(__file__).resolve().parent / "kernels" / "cuda"
ADAPTER = KERNELS / "tensorflow_gpu.cc"
MIN_ARCHITECTURE = 75  # Turing, the oldest that current nvcc compiles for
NVCC_FLAGS = ["-std=c++17", "-O3", "-Xcompiler=-fPIC,-fvisibility=hidden", "-Xfatbin=-compress-all"]
ADAPTER_FLAGS = [
    "-O2",
    "-fPIC",
    "-fvisibility=hidden",
    "-w",
]  # no warnings of headers
HINT = "put nvcc on the PATH, set CUDA_HOME, or install CUDA's compiler from PyPI (docs/cuda.md)"


def cuda_library_name() -> str:
    """Returns the file name of the library, which depends on the kernels and on TensorFlow."""
    sources = [ADAPTER, *KERNELS.glob("*.cu"), *KERNELS.glob("*.h")]
    sources += KERNELS.parent.glob("xla_*.h")
    extra = " ".join([tf.__version__, *NVCC_FLAGS, *ADAPTER_FLAGS])
    return f"stylegan_tf_cuda-{digest(sources, extra)}.so"


def build_cuda(directory: Path) -> Path:
    """Compiles the CUDA kernels into a directory. Takes a minute or two.

    Returns:
        The library's path.

    Raises:
        BuildError: if there is no nvcc or no C++ compiler, one fails, or the directory cannot be
            written to.
    """
    library = Path(directory) / cuda_library_name()
    nvcc = find_nvcc()
    make(library, lambda work: _compile(nvcc, work))
    return library


def find_nvcc() -> str:
    """Returns the path of nvcc: in CUDA_HOME, on the PATH, or of PyPI's nvidia-cuda-nvcc.

    Raises:
        BuildError: if there is none.
    """
    home = os.environ.get("CUDA_HOME")
    if home and (Path(home) / "bin" / "nvcc").is_file():
        return str(Path(home) / "bin" / "nvcc")
    if path := shutil.which("nvcc"):
        return path
    packages = importlib.util.find_spec("nvidia")
    for place in (packages and packages.submodule_search_locations) or ():
        if paths := sorted(Path(place).glob("*/bin/nvcc")):
            return str(paths[-1])
    raise BuildError(f"no CUDA compiler was found: {HINT}")


def architectures(nvcc: str) -> list[str]:
    """Returns the flags for all GPUs that an nvcc supports, from Turing on.

    Code for the first GPUs of a generation runs on the later ones, so there is one for each
    generation. PTX of the newest architecture is for future GPUs.
    """
    known = sorted(int(code) for code in re.findall(r"sm_(\d+)\b", run([nvcc, "--list-gpu-code"])))
    generations = itertools.groupby(
        (code for code in known if code >= MIN_ARCHITECTURE), lambda c: c // 10
    )
    first = [next(codes) for _, codes in generations]
    if not first:
        raise BuildError(f"{nvcc} compiles for none of the GPUs that TensorFlow runs on")
    newest = known[-1]
    flags = [f"-gencode=arch=compute_{code},code=sm_{code}" for code in first]
    return [*flags, f"-gencode=arch=compute_{newest},code=compute_{newest}"]


def _compile(nvcc: str, work: Path) -> Path:
    compiler, toolkit = find_compiler(), _toolkit(nvcc)
    kernel = [nvcc, *NVCC_FLAGS, *architectures(nvcc), "--threads=0", f"-ccbin={compiler[0]}"]
    objects = []
    for source in sorted(KERNELS.glob("*.cu")):
        objects.append(str(work / f"{source.stem}.o"))
        run([*kernel, "-c", str(source), "-o", objects[-1]])
    adapter, built = str(work / "adapter.o"), work / "built.so"
    headers = [*tf.sysconfig.get_compile_flags(), f"-I{_existing(toolkit, 'cuda_runtime.h')}"]
    run([*compiler, *ADAPTER_FLAGS, *headers, "-c", str(ADAPTER), "-o", adapter])
    # The CUDA runtime first: libtensorflow_framework has stubs of it, which would win.
    runtime = str(_existing(toolkit, "libcudart_static.a") / "libcudart_static.a")
    hidden = "-Wl,--exclude-libs,libcudart_static.a"
    libraries = [runtime, *tf.sysconfig.get_link_flags(), "-lrt", "-lpthread", "-ldl", hidden]
    run([*compiler, "-shared", "-o", str(built), adapter, *objects, *libraries])
    return built


def _toolkit(nvcc: str) -> Path:
    """Returns the CUDA folder of an nvcc. The one on the PATH can be a link, or a script."""
    listed = run([nvcc, "--dryrun", "-x", "cu", "-c", os.devnull, "-o", os.devnull])
    match = re.search(r"TOP=(.+)", listed)
    return Path(match[1].strip()) if match else Path(nvcc).resolve().parents[1]


def _existing(toolkit: Path, name: str) -> Path:
    """Returns the folder with a header or a library, which differs between installers."""
    usual = [toolkit / folder for folder in ("include", "lib64", "lib")]
    for folder in [*usual, *toolkit.glob("targets/*/*")]:
        if (folder / name).is_file():
            return folder
    raise BuildError(f"{toolkit} has no {name}: CUDA's development files are not all installed")
