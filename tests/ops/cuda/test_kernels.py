"""The CUDA kernels in the emulation, beside float64."""

import numpy as np
import pytest

import oracles
from compare import assert_close
from cuda_cases import CASES, CONV_KERNEL, EPILOGUE_GRAD, SHAPES, epilogue, epilogue_grad
from emulated_cuda import DTYPES
from gradients import gradients

pytestmark = pytest.mark.any_stack
every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=str)
TOLERANCES = {"float32": 5e-6, "bfloat16": 5e-3, "float16": 1e-3}
BLURS = pytest.mark.parametrize("blur", [False, True])


def run(cuda, case, arguments):
    return getattr(cuda, case.name)(**arguments)


def assert_right(cuda, case, arguments):
    """A map of small deviation is divided by it, and so is its rounding."""
    tolerance = TOLERANCES[str(next(iter(arguments.values())).dtype)]
    tolerance *= max(1, np.max(arguments.get("rstd", 1)))
    actual, expected = run(cuda, case, arguments), case.in_float64(arguments)
    for index, (one, other) in enumerate(zip(actual, expected, strict=True)):
        assert_close(one, other, tolerance, f"output {index}")


@every_case
@every_dtype
def test_matches_float64(cuda, case, dtype, rng):
    for shape in SHAPES:
        assert_right(cuda, case, case.arguments(rng, shape, dtype))


@every_case
def test_order_of_threads_changes_no_bit(cuda, case, rng):
    arguments = case.arguments(rng, (2, 19, 70, 16), np.float32)
    results = []
    for seed in range(4):
        cuda.seed(seed)
        results.append([one.tobytes() for one in run(cuda, case, arguments)])
    assert all(one == results[0] for one in results)


@pytest.mark.parametrize("case", [one for one in CASES if one not in CONV_KERNEL], ids=str)
@every_dtype
def test_no_images_give_empty_results_and_zero_sums(cuda, case, dtype, rng):
    arguments = case.arguments(rng, (1, 6, 6, 4), dtype)
    images = {"x", "y", "dy", "g", "style", "mean", "rstd"}
    empty = {key: one[:0] if key in images else one for key, one in arguments.items()}
    if isinstance(empty.get("noise"), np.ndarray):
        empty["noise"] = empty["noise"][:1]
    for result in run(cuda, case, empty):
        assert not np.any(result)


@every_case
def test_pointers_between_vectors_are_fine(cuda, case, rng):
    """Slices of tensors can start anywhere: then elements go one at a time."""
    arguments = case.arguments(rng, (1, 5, 6, 16), np.float16)
    moved = {
        key: shifted(one) if isinstance(one, np.ndarray) else one for key, one in arguments.items()
    }
    assert_right(cuda, case, moved)


def shifted(array):
    """The same numbers, one element past a multiple of 16 bytes."""
    space = np.empty(array.size + 17, array.dtype)
    start = (-space.ctypes.data % 16) // array.itemsize + 1
    space[start : start + array.size] = array.ravel()
    return space[start : start + array.size].reshape(array.shape)


@BLURS
def test_statistics_far_from_zero_keep_their_digits(cuda, blur, rng):
    """Maps of mean 10,000 and deviation 1: a mean of squares would have no digit left."""
    x = rng.standard_normal((1, 40, 40, 16), np.float32) + np.float32(1e4)
    bias, style = np.zeros(16, np.float32), np.zeros((1, 32), np.float32)
    given = {"noise": None, "strength": None, "bias": bias, "style": style, "blur": blur}
    _, mean, rstd = cuda.epilogue(x, **given)
    _, expected_mean, expected_rstd = epilogue(x.astype(np.float64), **given)
    np.testing.assert_allclose(mean, expected_mean, rtol=2e-7)
    np.testing.assert_allclose(rstd, expected_rstd, rtol=1e-3 if blur else 1e-4)


@BLURS
def test_the_formulas_of_the_gradient_are_those_of_the_epilogue(blur, rng):
    """Derivatives by complex steps of the oracle agree with what the kernels are held against."""
    values = [rng.standard_normal(one) for one in [(2, 3, 4, 2), (2, 3, 4, 1), (2,), (2,), (2, 4)]]
    dy = rng.standard_normal((2, 3, 4, 2))

    def loss(x, *others):
        return (dy * oracles.style_epilogue(oracles.blur2d(x) if blur else x, *others)).sum()

    dx, _, dstrength, dbias, dstyle = gradients(loss, values)
    ours = epilogue_grad(dy, *values, mean=None, rstd=None, blur=blur)
    for one, other in zip(ours, (dx, dstrength, dbias, dstyle), strict=True):
        assert_close(one, other, 1e-10)


def test_the_blur_of_the_gradient_owns_every_pixel_once(cuda, rng):
    """Blocks overlap by a column at each side, and strips by a row: no sum counts them twice."""
    case = next(one for one in EPILOGUE_GRAD if one.others["blur"])
    assert_right(cuda, case, case.arguments(rng, (1, 64, 33, 128), np.float32))
