"""The CUDA kernels in the emulation, beside float64."""

import numpy as np
import pytest

from compare import assert_close
from cuda_cases import BLUR, CASES, EPILOGUE, EPILOGUE_GRAD, SHAPES
from emulated_cuda import DTYPES

every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=str)
TOLERANCES = {"float32": 5e-6, "bfloat16": 5e-3, "float16": 1e-3}


def assert_right(cuda, case, arguments, tolerance):
    actual = getattr(cuda, case.name)(**arguments)
    expected = case.in_float64(arguments)
    for index, (one, other) in enumerate(zip(actual, expected, strict=True)):
        assert_close(one, other, tolerance, f"output {index}")


@every_case
@every_dtype
def test_matches_float64(cuda, case, dtype, rng):
    for shape in SHAPES:
        factor = 20 if case.name == "epilogue_grad" and shape[1] * shape[2] < 20 else 2
        arguments = case.arguments(rng, shape, dtype)
        assert_right(cuda, case, arguments, factor * TOLERANCES[str(dtype)])
