"""Runs every op and its gradient from one library, given as an argument, over awkward shapes."""

import sys

import numpy as np
import tensorflow as tf

from stylegan_tf.ops import library

# Fewer and more channels than a vector has, single pixels, rows that end in a vector, empty
# batches, and pictures of several strips.
SHAPES = [(1, 1, 1, 1), (2, 3, 5, 3), (1, 4, 4, 8), (3, 7, 2, 13), (1, 33, 40, 16), (2, 5, 6, 24)]
SHAPES += [(1, 2, 3, 33), (0, 4, 4, 3), (1, 70, 300, 17), (1, 40, 512, 16)]


def run(case, dtype, shape):
    """The gradient of a sum of squares, so that everything is computed."""
    arguments = case.arguments(np.random.default_rng(0), shape)
    tensors = [tf.cast(a, dtype if a.ndim == 4 else tf.float32) for a in arguments]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        y = case.op(*tensors, implementation="compiled")
        total = tf.reduce_sum(tf.cast(y, tf.float32) ** 2)
    tape.gradient(total, tensors)


def main(path: str) -> None:
    """Loads the library before anything loads the usual one: an op is registered once only."""
    loaded = library.Library(tf.load_op_library(path), "compiled: given")
    library.load = lambda: loaded
    from op_cases import CASES

    for dtype in (tf.float32, tf.bfloat16, tf.float16):
        for shape in SHAPES:
            for case in CASES:
                run(case, dtype, shape)
    print("all ran")


if __name__ == "__main__":
    main(sys.argv[1])
