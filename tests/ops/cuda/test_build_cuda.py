"""Building the CUDA library: which compiler, for which GPUs, what it is called, how it fails."""

import subprocess
import sys

import pytest
import tensorflow as tf

from stylegan_tf.ops import build_cuda, library
from stylegan_tf.ops.build import BuildError

FAKE = "#!/bin/sh\n"
LOAD = """
import ctypes
import sys
import tensorflow as tf
from tensorflow.python.framework import kernels
tf.load_op_library(sys.argv[1])
result = kernels.get_registered_kernels_for_op("StyleganEpilogueGrad").kernel
print(sorted(kernel.device_type for kernel in result if kernel.device_type == "GPU"))
obstacle = ctypes.CDLL(sys.argv[1]).stylegan_tf_cuda_xla_obstacle
obstacle.restype = ctypes.c_char_p
print(obstacle().decode())
"""


@pytest.fixture
def nothing_installed(monkeypatch, tmp_path):
    """No nvcc is on the PATH, in CUDA_HOME, or among Python's packages."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.delenv("CUDA_HOME", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "packages")])
    monkeypatch.delitem(sys.modules, "nvidia", raising=False)
    return tmp_path


def fake_nvcc(folder, script=""):
    """An nvcc that is a shell script."""
    folder.mkdir(parents=True)
    nvcc = folder / "nvcc"
    nvcc.write_text(FAKE + script)
    nvcc.chmod(0o755)
    return str(nvcc)


def test_without_nvcc_the_error_says_what_to_do(nothing_installed):
    with pytest.raises(BuildError, match="no CUDA compiler.*CUDA_HOME.*PyPI"):
        build_cuda.build_cuda(nothing_installed)


def test_finds_nvcc_in_each_place(nothing_installed, monkeypatch):
    packaged = fake_nvcc(nothing_installed / "packages" / "nvidia" / "cu13" / "bin")
    assert build_cuda.find_nvcc() == packaged
    on_path = fake_nvcc(nothing_installed / "path")
    assert build_cuda.find_nvcc() == on_path
    at_home = fake_nvcc(nothing_installed / "home" / "bin")
    monkeypatch.setenv("CUDA_HOME", str(nothing_installed / "home"))
    assert build_cuda.find_nvcc() == at_home


def test_one_program_a_generation_and_ptx_of_the_newest(tmp_path):
    nvcc = fake_nvcc(tmp_path / "bin", "echo sm_60 sm_75 sm_80 sm_86 sm_89 sm_90 sm_103 sm_100")
    targets = [flag.partition(",code=")[2] for flag in build_cuda.architectures(nvcc)]
    assert targets == ["sm_75", "sm_80", "sm_90", "sm_100", "compute_103"]


def test_an_nvcc_that_knows_old_gpus_only_is_refused(tmp_path):
    with pytest.raises(BuildError, match="none of the GPUs"):
        build_cuda.architectures(fake_nvcc(tmp_path / "bin", "echo sm_50 sm_60"))


def test_a_failing_compiler_leaves_nothing_but_its_message(nothing_installed, monkeypatch):
    script = 'case "$*" in *--list*) echo sm_75;; *) echo "no such GPU"; exit 2;; esac'
    monkeypatch.setenv("CXX", "true")
    fake_nvcc(nothing_installed / "path", script)
    with pytest.raises(BuildError, match="(?s)nvcc failed with exit code 2.*no such GPU"):
        build_cuda.build_cuda(nothing_installed / "lib")
    assert not list((nothing_installed / "lib").iterdir())


def test_the_name_is_of_one_tensorflow(monkeypatch):
    name = build_cuda.cuda_library_name()
    assert name.startswith("stylegan_tf_cuda-") and name.endswith(".so")
    monkeypatch.setattr(tf, "__version__", "9.9.9")
    assert build_cuda.cuda_library_name() != name


@pytest.mark.slow
def test_builds_and_registers_kernels_without_a_gpu(tmp_path, monkeypatch):
    try:
        nvcc = build_cuda.find_nvcc()
    except BuildError as error:
        pytest.skip(str(error))
    oldest = build_cuda.architectures(nvcc)[:1]
    monkeypatch.setattr(build_cuda, "architectures", lambda nvcc: oldest)
    built = build_cuda.build_cuda(tmp_path)
    assert list(tmp_path.iterdir()) == [built]
    command = [sys.executable, "-c", LOAD, str(built)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    registered, for_xla, *_ = done.stdout.splitlines()
    assert registered == "['GPU', 'GPU', 'GPU']", done.stderr
    assert for_xla == library.load().xla_reason  # XLA takes the functions, if it takes any
