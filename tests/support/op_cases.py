"""Every op beside its oracle, for tests that all ops share."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import strategies as st

import oracles
from stylegan_tf import ops
from stylegan_tf.ops import library

KERNEL = np.array([[1.0, 2.0, -1.0], [0.5, 3.0, 0.25]])  # not symmetric in any way
RESAMPLE = {"up": 2, "down": 3, "padding": (2, 1, -1, 3)}


@dataclass(frozen=True)
class Case:
    """An op, what it should compute, and the shapes of its arguments for x [n, h, w, c]."""

    name: str
    op: Callable
    oracle: Callable
    shapes: Callable
    tolerance: float = 5e-6

    def arguments(self, rng, shape) -> list[np.ndarray]:
        """Random float64 arguments, all of them numbers that float32 has."""
        values = (rng.standard_normal(one, np.float32) for one in self.shapes(*shape))
        return [one.astype(np.float64) for one in values]


def _upfirdn2d(x, implementation="auto"):
    return ops.upfirdn2d(x, KERNEL, **RESAMPLE, implementation=implementation)


def _noisy(x, noise, strength, b, implementation="auto"):
    return ops.bias_act(x, b, implementation, 1.5, 0.8, noise, strength)


CASES = [
    Case("bias_act", ops.bias_act, oracles.bias_act, lambda n, h, w, c: [(n, h, w, c), (c,)]),
    Case(
        "bias_act with gain and clamp",
        functools.partial(ops.bias_act, gain=1.5, clamp=0.8),
        functools.partial(oracles.bias_act, gain=1.5, clamp=0.8),
        lambda n, h, w, c: [(n, h, w, c), (c,)],
    ),
    Case(
        "bias_act with noise, gain and clamp",
        _noisy,
        lambda x, noise, strength, b: oracles.bias_act(x + noise * strength, b, 1.5, 0.8),
        lambda n, h, w, c: [(n, h, w, c), (1, h, w, 1), (), (c,)],
    ),
    Case("blur2d", ops.blur2d, oracles.blur2d, lambda *shape: [shape]),
    Case(
        "upfirdn2d",
        _upfirdn2d,
        lambda x: oracles.upfirdn2d(x, KERNEL, **RESAMPLE),
        lambda n, h, w, c: [(n, h + 1, w + 1, c)],
    ),
    Case(
        "conv2d",
        functools.partial(ops.conv2d, scale=0.3),
        lambda x, w: oracles.conv2d(x, 0.3 * w),
        lambda n, h, w, c: [(n, h, w, c), (3, 3, c, 2)],
    ),
    Case(
        "upsample_conv2d",
        ops.upsample_conv2d,
        oracles.upsample_conv2d,
        lambda n, h, w, c: [(n, h, w, c), (3, 3, c, 2)],
    ),
    Case(
        "conv2d_downsample",
        ops.conv2d_downsample,
        oracles.conv2d_downsample,
        lambda n, h, w, c: [(n, 2 * h, 2 * w, c), (3, 3, c, 2)],
    ),
    Case("fir_upsample2d", ops.fir_upsample2d, oracles.fir_upsample2d, lambda *shape: [shape]),
    Case(
        "fir_downsample2d",
        ops.fir_downsample2d,
        oracles.fir_downsample2d,
        lambda n, h, w, c: [(n, 2 * h, 2 * w, c)],
    ),
    Case(
        "fir_upsample_conv2d",
        functools.partial(ops.fir_upsample_conv2d, scale=0.3),
        lambda x, w: oracles.fir_upsample_conv2d(x, 0.3 * w),
        lambda n, h, w, c: [(n, h, w, c), (3, 3, c, 2)],
    ),
    Case(
        "fir_downsample_conv2d",
        functools.partial(ops.fir_downsample_conv2d, scale=0.3),
        lambda x, w: oracles.fir_downsample_conv2d(x, 0.3 * w),
        lambda n, h, w, c: [(n, 2 * h, 2 * w, c), (3, 3, c, 2)],
    ),
    Case(
        "modulated_conv2d",
        functools.partial(ops.modulated_conv2d, gain=0.5),
        lambda *arguments: 0.5 * oracles.modulated_conv2d(*arguments),
        lambda n, h, w, c: [(n, h, w, c), (3, 3, c, 2), (n, c)],
    ),
    Case(
        "modulated_conv2d with up",
        functools.partial(ops.modulated_conv2d, up=True),
        functools.partial(oracles.modulated_conv2d, up=True),
        lambda n, h, w, c: [(n, h, w, c), (3, 3, c, 2), (n, c)],
    ),
    Case(
        "style_epilogue",
        ops.style_epilogue,
        oracles.style_epilogue,
        lambda n, h, w, c: [(n, h, w, c), (n, h, w, 1), (c,), (c,), (n, 2 * c)],
        tolerance=1e-4,  # a map of few pixels can have a small variance, and is divided by it
    ),
    Case(
        "style_epilogue with blur",
        functools.partial(ops.style_epilogue, blur=True),
        lambda x, *rest: oracles.style_epilogue(oracles.blur2d(x), *rest),
        lambda n, h, w, c: [(n, h, w, c), (1, h, w, 1), (c,), (c,), (n, 2 * c)],
        tolerance=1e-4,
    ),
]

# Batch, height, width, channels; odd sizes, single rows, and channels that fill vectors of a CPU
# wholly, partly and not at all.
CHANNELS = st.one_of(st.integers(1, 5), st.sampled_from([8, 13, 16, 17, 24, 33]))
SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 7), st.integers(1, 7), CHANNELS)


NO_COMPILED = pytest.mark.skipif(library.load().module is None, reason=library.load().reason)
IMPLEMENTATIONS = ["reference", pytest.param("compiled", marks=NO_COMPILED)]
