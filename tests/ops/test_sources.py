"""The CPU kernels as sources: other compilers' targets, and memory errors."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import every_op_once
from stylegan_tf.ops import build

COMPILER = shutil.which("g++")
ARM = shutil.which("aarch64-linux-gnu-g++")
needs_gcc = pytest.mark.skipif(not COMPILER, reason="no g++")
needs_arm = pytest.mark.skipif(not ARM, reason="no g++ for arm64 (g++-aarch64-linux-gnu)")
pytestmark = pytest.mark.any_stack
STRICT = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror"]


@pytest.mark.parametrize(
    "compiler", [pytest.param(COMPILER, marks=needs_gcc), pytest.param(ARM, marks=needs_arm)]
)
def test_they_compile_without_a_warning(compiler):
    for source in build.KERNELS.glob("*.cc"):
        build.run([compiler, *build.FLAGS, *STRICT, str(source)])


@needs_gcc
@pytest.mark.slow
def test_no_op_touches_memory_that_is_not_its_own(tmp_path):
    """AddressSanitizer ends the process at the first such access."""
    stub, library = tmp_path / build.FRAMEWORK, tmp_path / "checked.so"
    build.run(
        [COMPILER, "-shared", f"-Wl,-soname,{stub.name}", "-o", str(stub), "-xc++", os.devnull]
    )
    sources = [str(source) for source in build.KERNELS.glob("*.cc")]
    flags = [*(flag for flag in build.FLAGS if flag != "-O3"), "-DCLONES="]
    linked = ["-shared", "-o", str(library), "-Wl,--no-as-needed", str(stub)]
    build.run([COMPILER, *flags, "-O1", "-fsanitize=address", *sources, *linked])
    runtime = [
        build.run([COMPILER, f"-print-file-name={name}"]).strip()
        for name in ("libasan.so", "libstdc++.so")
    ]
    environment = {
        **os.environ,
        "LD_PRELOAD": ":".join(runtime),
        "ASAN_OPTIONS": "detect_leaks=0:alloc_dealloc_mismatch=0",  # TensorFlow's own
        "PYTHONPATH": str(Path(every_op_once.__file__).parent),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    done = subprocess.run(
        [sys.executable, every_op_once.__file__, str(library)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.endswith("all ran\n")
