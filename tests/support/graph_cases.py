"""Ops with their derivatives, for tests of graphs and of what XLA makes of them."""

import functools
import re
from collections import Counter

import tensorflow as tf

from op_cases import CASES
from stylegan_tf import ops

SCALED = {"scale": 0.3}
WIDE = [(2, 8, 8, 16), (3, 3, 16, 32)]  # channels that Winograd's method takes
ARGUMENTS = {
    **{case.name: (case.op, case.shapes(2, 6, 8, 3)) for case in CASES},
    "conv2d, wide": (functools.partial(ops.conv2d, **SCALED), WIDE),
    "upsample_conv2d, wide": (functools.partial(ops.upsample_conv2d, **SCALED), WIDE),
    "conv2d_downsample, wide": (functools.partial(ops.conv2d_downsample, **SCALED), WIDE),
    "to_rgb": (functools.partial(ops.to_rgb, **SCALED), [(2, 8, 8, 16), (1, 1, 16, 3), (3,)]),
    "style_epilogue without noise": (
        lambda x, bias, style: ops.style_epilogue(x, None, None, bias, style),
        [(2, 8, 8, 3), (3,), (2, 6)],
    ),
}


def arguments(rng, shapes) -> list[tf.Tensor]:
    """Random tensors."""
    return [tf.constant(rng.standard_normal(shape), tf.float32) for shape in shapes]


def gradients(op, *arguments):
    """The value and its gradients."""
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        y = op(*arguments)
        total = tf.reduce_sum(tf.sin(tf.cast(y, tf.float32)))
    return [y, *tape.gradient(total, arguments)]


def penalty_gradients(op, *arguments):
    """The gradients of the squared norm of all gradients."""
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        _, *first = gradients(op, *arguments)
        penalty = sum(tf.reduce_sum(one**2) for one in first)
    return tape.gradient(penalty, arguments)


def called(function: tf.types.experimental.PolymorphicFunction, *arguments) -> Counter:
    """How often a program of XLA calls each kernel, by the op's name."""
    return _calls(function.experimental_get_compiler_ir(*arguments)(stage="hlo"))


def made(function, *arguments) -> tuple[Counter, int]:
    """What XLA makes of a function: calls whose results are used, and how many fused loops."""
    traced = tf.function(function, jit_compile=True, autograph=False)
    program = traced.experimental_get_compiler_ir(*arguments)(stage="optimized_hlo")
    return _calls(program), len(re.findall(r" fusion\(", program))


def _calls(program: str) -> Counter:
    return Counter(re.findall(r'custom_call_target="stylegan_tf\.(\w+)', program))
