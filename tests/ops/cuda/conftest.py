"""The emulated kernels, compiled once a session."""

import pytest

from emulated_cuda import COMPILER, EmulatedCuda, compile_library, kernel_sources


@pytest.fixture(scope="session")
def cuda(tmp_path_factory) -> EmulatedCuda:
    """The kernels on the CPU."""
    if COMPILER is None:
        pytest.skip("no g++ to compile the emulated kernels")
    return EmulatedCuda(compile_library(tmp_path_factory.mktemp("cuda"), kernel_sources()))
