"""What the machine has, as Linux tells it."""

import os

import pytest

from stylegan_tf import machine

CPU = """processor\t: 0
model name\t: Some CPU: 3 GHz
flags\t\t: fpu avx2 avx512f avx512fp16

processor\t: 1
model name\t: Another
"""


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Files in the place of those of the kernel, by the last part of their path."""
    for name, text in {"cpuinfo": CPU, "meminfo": "MemTotal: 100 kB\nMemAvailable: 60 kB"}.items():
        (tmp_path / name).write_text(text)
    path = machine.Path
    monkeypatch.setattr(machine, "Path", lambda *parts: tmp_path / path(*parts).name)
    return tmp_path


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_cores_are_those_that_this_process_may_use():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert machine.cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert machine.cores() == len(allowed)


def test_the_cpu_is_the_first(kernel):
    assert machine.cpu_model() == "Some CPU: 3 GHz"
    assert machine.vector_extensions() == ["AVX2", "AVX-512"]


def test_a_system_that_tells_nothing_is_met(kernel):
    for path in kernel.iterdir():
        path.unlink()
    assert machine.cpu_model()
    assert machine.memory() is None


@pytest.mark.parametrize(("processor", "extensions"), [("AMD64", []), ("arm64", ["NEON"])])
def test_without_the_kernels_files_the_kind_of_processor_is_known(
    processor, extensions, kernel, monkeypatch
):
    (kernel / "cpuinfo").unlink()
    monkeypatch.setattr(machine.platform, "machine", lambda: processor)
    assert machine.vector_extensions() == extensions


@pytest.mark.parametrize("sign", [None, "driver", "kfd", "tensorflow-plugins"])
def test_a_gpu_may_be_where_something_of_one_is(sign, kernel, monkeypatch):
    monkeypatch.setattr(machine, "has_nvidia_driver", lambda: sign == "driver")
    if sign:
        (kernel / sign).touch()
    assert machine.may_have_gpu() == bool(sign)


def test_memory_is_in_bytes(kernel):
    assert machine.memory() == (100 * 1024, 60 * 1024)


@pytest.mark.parametrize(
    ("limit", "used", "memory"),
    [
        ("max", "1", (102400, 61440)),
        ("9223372036854771712", "1", (102400, 61440)),  # no limit, in the first kind of groups
        ("51200", "10240", (51200, 40960)),
        ("92160", "10240", (92160, 61440)),  # the container may have more than there is
    ],
)
@pytest.mark.parametrize("names", [group[1:] for group in machine.CGROUPS])
def test_a_containers_limit_counts(kernel, names, limit, used, memory):
    for name, text in zip(names, (limit, used), strict=True):
        (kernel / name).write_text(f"{text}\n")
    assert machine.memory() == memory
