"""Runs every CUDA kernel under AddressSanitizer: python emulated_cuda_memory.py LIBRARY [MISTAKE].

A program of its own, since the sanitizer must be in the process from its start.
"""

import sys
from pathlib import Path

import numpy as np

from cuda_cases import CASES
from emulated_cuda import DTYPES, EmulatedCuda

SHAPES = [(2, 5, 7, 3), (1, 9, 6, 16), (1, 1, 9, 8), (1, 12, 1, 16)]


def main(library, mistake=None):
    """All kernels on odd shapes, or one of the wrong kernels."""
    cuda = EmulatedCuda(Path(library))
    if mistake:
        cuda.call(mistake, np.zeros(256, np.float32))
        return
    rng = np.random.default_rng(0)
    for case in CASES:
        for shape in SHAPES:
            for dtype in (DTYPES[0], DTYPES[2]):
                getattr(cuda, case.name)(**case.arguments(rng, shape, dtype))
    maps, taps = rng.standard_normal((2, 2, 3), np.float32), np.ones(12, np.float32)
    for shape in [(2, 2, 2, 1), (2, 5, 7, 3), (2, 9, 4, 6)]:
        for transpose in (False, True):
            cuda.affine_warp(rng.standard_normal(shape, np.float32), maps, taps, transpose)
    print("no errors")


if __name__ == "__main__":
    main(*sys.argv[1:])
