"""The CUDA kernels of affine_warp in the emulation: both directions beside float64."""

import numpy as np
import pytest

import oracles
from compare import assert_close
from stylegan_tf.ops.affine_warp import SYM6

pytestmark = [pytest.mark.any_stack, pytest.mark.slow]
TAPS = SYM6.astype(np.float32)
ODD = [[0.8, -0.4, 1.3], [0.5, 0.9, -2.2]]
LARGE = [[0.1, 0.03, 0.4], [-0.02, 0.08, 0.3]]
SMALL = [[5.0, 1.0, 3.0], [-1.0, 7.0, 0.0]]  # beyond the reflections
FLAT = [[1.0, 0.5, 0.2], [2.0, 1.0, 0.1]]  # all of the image on a line
POINT = [[0.0, 0.0, 0.3], [0.0, 0.0, -0.2]]
FAR = [[1, 0, 1e6], [0, 1, 0]]
MAPS = np.array([ODD, LARGE, SMALL, FLAT, POINT, FAR], np.float32)


def images(rng, height, width, channels):
    return rng.standard_normal((len(MAPS), height, width, channels), np.float32)


@pytest.mark.parametrize("shape", [(2, 2, 1), (9, 16, 3), (33, 20, 6)])
def test_it_matches_the_definition(shape, cuda, rng):
    x = images(rng, *shape)
    (y,) = cuda.affine_warp(x, MAPS, TAPS, False)
    for image, one, matrix in zip(x, y, MAPS, strict=True):
        assert_close(
            one, oracles.affine_warp(image.astype(np.float64), matrix, SYM6), 1e-4, str(matrix)
        )


@pytest.mark.parametrize(("height", "width"), [(2, 3), (5, 8), (12, 7)])
def test_the_transpose_is_that_of_the_definition(height, width, cuda, rng):
    """The definition's matrix has what it makes of each pixel alone, the pixels as channels."""
    dy = images(rng, height, width, 2)
    (dx,) = cuda.affine_warp(dy, MAPS, TAPS, True)
    pixels = np.eye(height * width).reshape(height, width, -1)
    for back, one, matrix in zip(dx, dy, MAPS, strict=True):
        columns = oracles.affine_warp(pixels, matrix, SYM6).reshape(height * width, -1)
        expected = columns.T @ one.reshape(-1, 2).astype(np.float64)
        assert_close(back.reshape(-1, 2), expected, 1e-4, str(matrix))


@pytest.mark.parametrize("transpose", [False, True])
def test_maps_that_are_not_finite_give_zeros(transpose, cuda, rng):
    maps = MAPS.copy()
    maps[:, 1, 0] = np.nan, np.inf, 0, 0, 0, 0
    maps[2:, 0, 2] = np.inf
    (y,) = cuda.affine_warp(images(rng, 4, 5, 1), maps, TAPS, transpose)
    assert not y.any()


@pytest.mark.parametrize("transpose", [False, True])
def test_order_of_threads_changes_no_bit(transpose, cuda, rng):
    x, results = images(rng, 6, 9, 3), set()
    for seed in range(3):
        cuda.seed(seed)
        results.add(cuda.affine_warp(x, MAPS, TAPS, transpose)[0].tobytes())
    assert len(results) == 1
