"""nvcc compiles every kernel without a warning, and none of them spills registers."""

import re
import shutil
import subprocess

import pytest

from emulated_cuda import SOURCES

NVCC = shutil.which("nvcc")
KERNELS = sorted(SOURCES.glob("*.cu"))

pytestmark = [
    pytest.mark.any_stack,
    pytest.mark.slow,
    pytest.mark.skipif(NVCC is None, reason="no nvcc on the PATH"),
]


def newest():
    listed = subprocess.run([NVCC, "--list-gpu-code"], capture_output=True, text=True, check=True)
    return max(int(code) for code in re.findall(r"sm_(\d+)\b", listed.stdout))


@pytest.mark.parametrize("source", KERNELS, ids=lambda path: path.stem)
def test_compiles_without_warnings_and_spills(source, tmp_path):
    targets = [f"-gencode=arch=compute_{code},code=sm_{code}" for code in (75, newest())]
    flags = ["-std=c++17", "-O3", "-Werror=all-warnings", "--ptxas-options=-v", "--threads=2"]
    command = [NVCC, *flags, *targets, "-c", str(source), "-o", str(tmp_path / "kernel.o")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    spills = re.findall(r"(\d+) bytes spill stores, (\d+) bytes spill loads", done.stderr)
    assert len(spills) >= 2 * 4  # no source has fewer than four kernels, for two GPUs
    assert set(spills) == {("0", "0")}, done.stderr


def test_kernels_know_nothing_of_tensorflow():
    texts = [path.read_text() for path in (*KERNELS, *SOURCES.glob("*.h"))]
    assert sum("tensorflow/" in text for text in texts) == 1  # the adapter's header
