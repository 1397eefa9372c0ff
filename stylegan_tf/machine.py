"""What this machine has, as far as its system tells: Linux all, others less. Needs no TensorFlow.

psutil knows neither the vector extensions of a CPU nor the limits of a container.
"""

import contextlib
import ctypes
import os
import platform
import sys
from pathlib import Path

# Those that make a difference here, as Linux names them, and as people do.
EXTENSIONS = {
    "avx2": "AVX2",
    "fma": "FMA",
    "avx512f": "AVX-512",
    "avx512_bf16": "AVX-512 BF16",
    "avx512_fp16": "AVX-512 FP16",
    "amx_bf16": "AMX BF16",
    "asimd": "NEON",
    "sve": "SVE",
    "bf16": "BF16",
}
# With one of these a CPU has fast products of the type, and TensorFlow sums them in float32.
FAST_PRODUCTS = {"bfloat16": {"AVX-512", "BF16"}, "float16": {"AVX-512 FP16"}}


def cores() -> int:
    """Returns how many CPU cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_model() -> str:
    """Returns the name of the CPU."""
    return _fields("/proc/cpuinfo").get("model name") or platform.processor() or platform.machine()


def vector_extensions() -> list[str]:
    """Returns the vector extensions of the CPU that make a difference here, as far as known."""
    fields = _fields("/proc/cpuinfo")
    flags = (fields.get("flags") or fields.get("Features") or "").split()
    if not flags and platform.machine() in ("arm64", "aarch64"):
        flags = ["asimd"]  # every 64-bit ARM has it
    return [text for flag, text in EXTENSIONS.items() if flag in flags]


def has_fast_products(dtype: str) -> bool:
    """Returns whether the CPU has fast products of "float32", "bfloat16" or "float16"."""
    extensions = FAST_PRODUCTS.get(dtype)
    return extensions is None or not extensions.isdisjoint(vector_extensions())


def memory() -> tuple[int, int] | None:
    """Returns the bytes that this process may have, and those still free; None if not known."""
    fields = _fields("/proc/meminfo")
    if not {"MemTotal", "MemAvailable"} <= set(fields):
        return None
    total, free = (int(fields[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    for folder, limit, used in CGROUPS:
        with contextlib.suppress(OSError, ValueError):  # no such group, or its limit is "max"
            limit_bytes = int(Path(folder, limit).read_text(encoding="utf-8"))
            if limit_bytes < total:
                free = min(free, limit_bytes - int(Path(folder, used).read_text(encoding="utf-8")))
                total = limit_bytes
    return total, free


def peak_memory() -> int | None:
    """Returns the most bytes that this process has used so far; None if not known (on Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


# The limits of a container: folder, file with the limit, file with what is used.
CGROUPS = (
    ("/sys/fs/cgroup", "memory.max", "memory.current"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)


def has_nvidia_driver() -> bool:
    """Returns whether the library of NVIDIA's driver is there and loads."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def may_have_gpu() -> bool:
    """Returns whether TensorFlow may find a GPU here: False only where it surely finds none.

    Besides the driver of NVIDIA it is that of AMD, or a library with which TensorFlow is made to
    know other devices, such as Apple's.
    """
    return has_nvidia_driver() or Path("/dev/kfd").exists() or _has_device_library()


def _has_device_library() -> bool:
    """Whether there is one in a folder where TensorFlow looks for them when it is imported."""
    return any(Path(folder, "tensorflow-plugins").exists() for folder in sys.path)


def _fields(path: str) -> dict[str, str]:
    """Returns the first of each "name: value" of a kernel file; empty if there is no such file."""
    fields: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            fields.setdefault(name.strip(), value.strip())
    return fields
