"""The tables about the CUDA kernels: their formulas, and the copy in the documentation."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.any_stack
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def tool():
    path = ROOT / "tools" / "cuda_table.py"
    spec = importlib.util.spec_from_file_location("cuda_table", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("blur", [False, True])
def test_blocks_are_those_of_the_kernels(tool, cuda, blur, dtype):
    item = np.dtype(dtype).itemsize
    for images in tool.BATCHES:
        for side, channels in tool.LAYERS:
            counts = [tool.chunks(images, side, channels, v, blur) for v in (1, 16 // item)]
            expected = 3 * 4 * channels * images * max(counts)
            shape = (images, side, side, channels)
            assert cuda.epilogue_workspace_bytes(np.dtype(dtype), shape, blur) == expected


def test_layers_are_those_of_the_generator_at_1024(tool):
    assert tool.LAYERS[0] == (4, 512)
    assert tool.LAYERS[-3:] == [(256, 64), (512, 32), (1024, 16)]


def test_an_op_moves_at_least_what_it_must(tool):
    for op in tool.OPS:
        minimum, moved = tool.bytes_moved(op, 4, 64, 256, 2)
        assert minimum <= moved < 2 * minimum


def test_occupancy_is_nvidias(tool):
    """Of the occupancy calculator: 32, 64 and 128 registers, then 100 KB of shared memory."""
    assert [tool.occupancy(count, 0) for count in (32, 64, 128)] == [1, 0.5, 0.25]
    assert tool.occupancy(32, 100 * 1024) == 0.25


def test_the_documentation_has_the_table(tool):
    text = (ROOT / "docs" / "cuda.md").read_text(encoding="utf-8")
    assert tool.bytes_table() in text
    assert tool.conv_kernel_table() in text
