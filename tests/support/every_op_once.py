"""Runs every op and its gradient from one library, given as an argument, over awkward shapes."""

import functools
import sys

import numpy as np
import tensorflow as tf

from stylegan_tf.ops import library
from stylegan_tf.ops.xla import Kernels

# Fewer and more channels than a vector has, single pixels, rows that end in a vector, empty
# batches, and images of several strips.
SHAPES = [(1, 1, 1, 1), (2, 3, 5, 3), (1, 4, 4, 8), (3, 7, 2, 13), (1, 33, 40, 16), (2, 5, 6, 24)]
SHAPES += [(1, 2, 3, 33), (0, 4, 4, 3), (1, 70, 300, 17), (1, 40, 512, 16)]
# Of convolutions by Winograd's method: none, few and many pixels, even, and ending within a square.
EVEN = [(0, 4, 4, 16), (1, 2, 2, 16), (2, 6, 10, 48), (1, 66, 70, 16)]
ODD = [(1, 1, 1, 16), (3, 5, 7, 32), (1, 63, 67, 16)]


def run(op, tensors):
    """The gradient of a sum of squares, so that everything is computed."""
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        total = tf.reduce_sum(tf.cast(op(*tensors), tf.float32) ** 2)
    tape.gradient(total, tensors)


def run_case(case, dtype, shape):
    """An op at a shape of x, compiled."""
    arguments = case.arguments(np.random.default_rng(0), shape)
    tensors = [tf.cast(a, dtype if a.ndim == 4 else tf.float32) for a in arguments]
    run(functools.partial(case.op, implementation="compiled"), tensors)


def run_winograd(winograd, dtype, resample):
    """The convolution in both directions, at each shape."""
    for shape in EVEN if resample < 0 else EVEN + ODD:
        for channels, transposed in (((shape[-1], 32), False), ((32, shape[-1]), True)):
            tensors = [tf.ones(shape, dtype), tf.ones([3, 3, *channels])]
            run(lambda x, w, t=transposed: winograd(x, w, 0.5, resample, t), tensors)


def main(path: str) -> None:
    """Loads the library before anything loads the usual one: an op is registered once only."""
    loaded = library.Library(Kernels(tf.load_op_library(path)), "compiled: given")
    library.load = lambda: loaded
    from op_cases import CASES
    from stylegan_tf.ops import affine_warp, to_rgb
    from stylegan_tf.ops.winograd import DOWN, NONE, UP, winograd

    for dtype in (tf.float32, tf.bfloat16, tf.float16):
        for shape in SHAPES:
            for case in CASES:
                # Outside graphs TensorFlow fails at a product of two tensors that are both empty.
                if shape[0] or "modulated" not in case.name:
                    run_case(case, dtype, shape)
            weights = tf.ones([1, 1, shape[-1], 3]), tf.ones([3])
            run(
                functools.partial(to_rgb, implementation="compiled"),
                [tf.ones(shape, dtype), *weights],
            )
            if min(shape[1:3]) > 1:
                maps = tf.tile([[[0.3, 2.0, -9.0], [-0.7, 0.4, 2.0]]], [shape[0], 1, 1])
                warp = functools.partial(affine_warp, matrices=maps, implementation="compiled")
                run(warp, [tf.ones(shape, dtype)])
        for resample in (NONE, UP, DOWN):
            run_winograd(winograd, dtype, resample)
    print("all ran")


if __name__ == "__main__":
    main(sys.argv[1])
