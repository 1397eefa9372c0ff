"""Compiles the CUDA kernels, with nvcc, for the TensorFlow that is installed.

The kernels know nothing of TensorFlow; the adapter that registers them uses its C++ API, which
ties the library to one version. It needs no GPU to compile, and loads without one.
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
OLDEST = 75  # Turing: what today's nvcc still compiles for
NVCC_FLAGS = ["-std=c++17", "-O3", "-Xcompiler=-fPIC,-fvisibility=hidden", "-Xfatbin=-compress-all"]
ADAPTER_FLAGS = ["-O2", "-fPIC", "-fvisibility=hidden", "-w"]  # headers of others warn a lot
HINT = "put nvcc on the PATH, set CUDA_HOME, or install CUDA's compiler from PyPI (docs/cuda.md)"


def cuda_library_name() -> str:
    """The file name of the library of these kernels for this TensorFlow, and no other one."""
    sources = [ADAPTER, *KERNELS.glob("*.cu"), *KERNELS.glob("*.h")]
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
    """The compiler: CUDA_HOME's, one on the PATH, or that of PyPI's nvidia-cuda-nvcc.

    Raises:
        BuildError: if there is none.
    """
    home = os.environ.get("CUDA_HOME")
    if home and (Path(home) / "bin" / "nvcc").is_file():
        return str(Path(home) / "bin" / "nvcc")
    if found := shutil.which("nvcc"):
        return found
    packages = importlib.util.find_spec("nvidia")
    for place in packages.submodule_search_locations if packages else ():
        if found := sorted(Path(place).glob("*/bin/nvcc")):
            return str(found[-1])
    raise BuildError(f"no CUDA compiler was found: {HINT}")


def architectures(nvcc: str) -> list[str]:
    """Flags for all GPUs that an nvcc knows, from Turing on.

    A program for the first GPUs of a generation runs on the later ones of it, so there is one for
    each generation; PTX of the newest is for those to come.
    """
    known = sorted(int(code) for code in re.findall(r"sm_(\d+)\b", run([nvcc, "--list-gpu-code"])))
    generations = itertools.groupby((code for code in known if code >= OLDEST), lambda c: c // 10)
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
    """The folder that nvcc belongs to. The one on the PATH can be a link, or a script."""
    listed = run([nvcc, "--dryrun", "-x", "cu", "-c", os.devnull, "-o", os.devnull])
    found = re.search(r"TOP=(.+)", listed)
    return Path(found[1].strip()) if found else Path(nvcc).resolve().parents[1]


def _existing(toolkit: Path, name: str) -> Path:
    """The folder with a header or a library; installers and packages put them differently."""
    for folder in ("include", "lib64", "lib", *toolkit.glob("targets/*/*")):
        if (toolkit / folder / name).is_file():
            return toolkit / folder
    raise BuildError(f"{toolkit} has no {name}: CUDA's development files are not all installed")
