"""The CPU kernels compiled for arm64 and run under qemu: the numbers of this machine's."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from stylegan_tf.ops import build

SYSROOT = Path("/usr/aarch64-linux-gnu")
NATIVE, ARM = shutil.which("g++"), shutil.which("aarch64-linux-gnu-g++")
QEMU = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
DRIVER = Path(__file__).parents[1] / "support" / "kernel_driver.cc"
# By TensorFlow's number of the type: float32 sums in another order, the others round to 8 or 11
# bits, at either side of a half: to the next number, which is up to 2^-7 or 2^-10 away.
TOLERANCES = {1: 1e-5, 14: 2.0**-7, 19: 2.0**-10}

pytestmark = [
    pytest.mark.any_stack,
    pytest.mark.slow,
    pytest.mark.skipif(not NATIVE, reason="no g++"),
    pytest.mark.skipif(not ARM, reason="no g++ for arm64 (g++-aarch64-linux-gnu)"),
    pytest.mark.skipif(not QEMU, reason="no emulator of arm64 (qemu-user)"),
]


def numbers(compiler: str, flags: list[str], program: Path, *before: str) -> dict:
    """What every kernel computes, by op, type and output, in the order of the calls."""
    sources = [DRIVER, *build.KERNELS.glob("*.cc")]
    build.run([compiler, *build.FLAGS, *flags, f"-I{build.KERNELS}", "-o", program, *sources])
    command = [*before, program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    result = {}
    for line in done.stdout.splitlines():
        op, type_, output, *values = line.split()
        key = (op, int(type_), int(output))
        result.setdefault(key, []).append(np.array(values, float))
    return result


def test_every_kernel_computes_the_same(tmp_path):
    # One version of each function is enough here: which one a CPU takes is tested elsewhere.
    expected = numbers(NATIVE, ["-O1", "-DCLONES="], tmp_path / "native")
    result = numbers(ARM, [], tmp_path / "arm64", QEMU, "-L", str(SYSROOT))
    assert expected.keys() == result.keys()
    assert {type_ for _, type_, _ in result} == set(TOLERANCES)
    for key, results in expected.items():
        for one, other in zip(results, result[key], strict=True):
            scale = max(np.abs(one).max(initial=0), 1)
            limit = TOLERANCES[key[1]] * scale
            np.testing.assert_allclose(other, one, rtol=0, atol=limit, err_msg=str(key))
