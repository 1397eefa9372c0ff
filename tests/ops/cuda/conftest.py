"""The emulated kernels, compiled once a session."""

from pathlib import Path

import pytest

from emulated_cuda import COMPILER, EmulatedCuda, compile_objects, kernel_sources, link


@pytest.fixture(scope="session")
def objects(tmp_path_factory) -> list[Path]:
    """The kernels compiled for the CPU."""
    if COMPILER is None:
        pytest.skip("no g++ to compile the emulated kernels")
    return compile_objects(tmp_path_factory.mktemp("cuda"), kernel_sources())


@pytest.fixture(scope="session")
def cuda(objects) -> EmulatedCuda:
    """The kernels on the CPU."""
    return EmulatedCuda(link(objects))
