"""The emulation itself: it converts as NumPy does, and notices what a GPU would not forgive."""

from pathlib import Path

import numpy as np
import pytest

from emulated_cuda import DTYPES, EmulatedCuda, compile_library

pytestmark = pytest.mark.any_stack
WRONG = Path(__file__).with_name("wrong_kernels.cu")
THREADS = 256


@pytest.fixture(scope="module")
def wrong(cuda, tmp_path_factory):
    """Kernels with mistakes in them."""
    return EmulatedCuda(compile_library(tmp_path_factory.mktemp("wrong"), [WRONG]))


def floats():
    return np.arange(THREADS, dtype=np.float32), np.full(THREADS, -1, np.float32)


@pytest.mark.parametrize("dtype", DTYPES[1:], ids=str)
def test_all_values_of_a_half_type_are_widened_exactly(cuda, dtype):
    every = np.arange(1 << 16, dtype=np.uint16).view(dtype)
    np.testing.assert_array_equal(cuda.widened(every), every.astype(np.float32))


@pytest.mark.parametrize("dtype", DTYPES[1:], ids=str)
def test_floats_are_rounded_to_the_nearest_half_type(cuda, dtype, rng):
    bits = rng.integers(0, 1 << 32, 1 << 18, np.uint32)
    small = rng.standard_normal(1 << 16, np.float32) * np.float32(2e-6)
    exact = np.arange(1 << 16, dtype=np.uint16).view(dtype).astype(np.float32)
    ties = (exact.view(np.uint32) + np.uint32(1 << 12 if dtype == np.float16 else 1 << 15)).view(
        np.float32
    )
    values = np.concatenate([bits.view(np.float32), small, exact, ties])
    with np.errstate(over="ignore", invalid="ignore"):
        expected = values.astype(dtype)
    np.testing.assert_array_equal(
        cuda.rounded(values, dtype).astype(np.float32), expected.astype(np.float32)
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_barrier_makes_shared_memory_visible(wrong, seed):
    wrong.seed(seed)
    values, out = floats()
    wrong.call("reverse", values, out, True)
    np.testing.assert_array_equal(out, values[::-1])


@pytest.mark.parametrize("seed", range(3))
def test_a_missing_barrier_reads_nan(wrong, seed):
    wrong.seed(seed)
    values, out = floats()
    wrong.call("reverse", values, out, False)
    assert np.isnan(out).any()


def test_a_barrier_that_some_threads_never_reach_is_an_error(wrong):
    with pytest.raises(RuntimeError, match="divergent.*249 wait at __sync.*7 have left"):
        wrong.call("some_leave")


def test_a_shuffle_that_a_lane_never_reaches_is_an_error(wrong):
    with pytest.raises(RuntimeError, match="divergent.*31 for their warp"):
        wrong.call("one_lane_leaves", floats()[1])


def test_barriers_in_different_lines_are_not_the_same(wrong):
    with pytest.raises(RuntimeError, match="divergent.*256 wait at __syncthreads"):
        wrong.call("two_barriers")


def test_lanes_of_a_warp_see_each_other(wrong):
    _, out = floats()
    wrong.call("votes", out)
    lane_5 = np.arange(THREADS) // 32 * 32 + 5
    np.testing.assert_array_equal(out, 0b01010101 + lane_5)
