"""The CUDA kernels touch no memory but their arguments', under AddressSanitizer.

It warns once that it does not follow jumps between fibers; its reports about the heap are valid.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import emulated_cuda_memory
from emulated_cuda import COMPILER, compile_library, kernel_sources

pytestmark = pytest.mark.any_stack
WRONG = Path(__file__).with_name("wrong_kernels.cu")
FLAGS = ["-fsanitize=address", "-O0"]


@pytest.fixture(scope="module")
def sanitizer(cuda):
    """The sanitizer's library, which must be loaded before Python."""
    command = [COMPILER, "-print-file-name=libasan.so"]
    path = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    if not Path(path).is_file():
        pytest.skip("g++ has no AddressSanitizer here")
    return path


def run(sanitizer, *arguments):
    environment = {**os.environ, "LD_PRELOAD": sanitizer, "ASAN_OPTIONS": "detect_leaks=0"}
    environment["PYTHONPATH"] = str(Path(emulated_cuda_memory.__file__).parent)
    command = [sys.executable, emulated_cuda_memory.__file__, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_no_kernel_leaves_its_arrays(sanitizer, tmp_path):
    done = run(sanitizer, compile_library(tmp_path, kernel_sources(), FLAGS))
    assert (done.returncode, done.stdout) == (0, "no errors\n"), done.stderr


@pytest.mark.parametrize("mistake", ["past_shared", "past_end"])
def test_a_kernel_that_does_is_noticed(sanitizer, mistake, tmp_path):
    done = run(sanitizer, compile_library(tmp_path, [WRONG], FLAGS), mistake)
    assert done.returncode != 0
    assert "heap-buffer-overflow" in done.stderr
