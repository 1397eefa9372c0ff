"""Images seen through affine maps: values, both derivatives, and what is beyond the edges."""

import numpy as np
import pytest
import tensorflow as tf

import oracles
from compare import assert_close
from op_cases import IMPLEMENTATIONS, NO_COMPILED
from stylegan_tf import ops
from stylegan_tf.ops.affine_warp import SYM6

every_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
IDENTITY = [[1, 0, 0], [0, 1, 0]]
QUARTER = [[0, -1, 0], [1, 0, 0]]
HALF = [[-1, 0, 0], [0, -1, 0]]
FLIP = [[-1, 0, 0], [0, 1, 0]]
ODD = [[0.8, -0.4, 1.3], [0.5, 0.9, -2.2]]
SMALL = [[5.0, 1.0, 3.0], [-1.0, 7.0, 0.0]]  # beyond the reflections
FAR = [[1, 0, 1e6], [0, 1, 0]]
MAPS = [IDENTITY, QUARTER, FLIP, ODD, SMALL, FAR]


@every_implementation
@pytest.mark.parametrize("shape", [(2, 2, 1), (4, 4, 3), (9, 16, 4), (33, 20, 2), (40, 140, 1)])
def test_matches_the_definition(shape, implementation, rng):
    images = rng.normal(size=[len(MAPS), *shape])
    maps = np.array(MAPS, np.float32)
    result = ops.affine_warp(tf.constant(images, tf.float32), maps, implementation)
    for image, one, matrix in zip(images, result, MAPS, strict=True):
        assert_close(one, oracles.affine_warp(image, matrix, SYM6), 1e-4, str(matrix))


@every_implementation
def test_smooth_images_are_turned_and_flipped(implementation):
    """The filter is not quite symmetric, so that other images change a little, too."""
    y, x = np.mgrid[:16, :16] / 16
    image = np.stack([np.sin(2 * x + y), np.cos(x - 2 * y), x * y], axis=2)
    maps = np.array([QUARTER, HALF, FLIP], np.float32)
    result = ops.affine_warp(np.stack(3 * [np.float32(image)]), maps, implementation)
    expected = np.stack([np.rot90(image, 1), np.rot90(image, 2), image[:, ::-1]])
    assert_close(result[:, 2:-2, 2:-2], expected[:, 2:-2, 2:-2], 3e-2)


@every_implementation
def test_the_identity_gives_the_images(implementation, rng):
    images = rng.normal(size=[2, 8, 12, 3]).astype(np.float32)
    assert_close(ops.affine_warp(images, 2 * [IDENTITY], implementation), images, 1e-6)


@every_implementation
def test_moved_images_are_continued_by_reflection(implementation, rng):
    images = rng.normal(size=[1, 8, 10, 1]).astype(np.float32)
    moved = ops.affine_warp(images, [[[1, 0, 3], [0, 1, -2]]], implementation)
    expected = np.pad(images[0], [(2, 0), (0, 3), (0, 0)], "reflect")[:8, 3:]
    assert_close(moved[0], expected, 3e-6)


@every_implementation
def test_gradient_is_the_transpose_and_its_gradient_the_op(implementation, rng):
    shape = [len(MAPS), 7, 12, 3]
    x, u, v = (tf.constant(rng.normal(size=shape), tf.float32) for _ in range(3))
    maps = np.array(MAPS, np.float32)
    with tf.GradientTape() as outer:
        outer.watch(u)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = ops.affine_warp(x, maps, implementation)
        transposed = tape.gradient(y, x, u)
    assert_close(tf.reduce_sum(transposed * x), tf.reduce_sum(u * y), 1e-4)
    # ⟨transposed(u), v⟩ = ⟨u, op(v)⟩
    expected = ops.affine_warp(v, maps, implementation)
    assert_close(outer.gradient(transposed, u, v), expected, 1e-5)


@every_implementation
def test_half_precision_is_computed_in_float32(implementation, rng):
    x = tf.cast(rng.normal(size=[1, 8, 8, 3]), tf.bfloat16)
    y = ops.affine_warp(x, [ODD], implementation)
    exact = ops.affine_warp(tf.cast(x, tf.float32), [ODD], implementation)
    np.testing.assert_array_equal(tf.cast(y, tf.float32), tf.cast(exact, tf.bfloat16))


@every_implementation
def test_maps_that_are_not_finite_spoil_no_other_image(implementation):
    maps = np.array([[[np.nan, 0, 0], [0, np.inf, 0]], IDENTITY], np.float32)
    result = ops.affine_warp(tf.ones([2, 4, 4, 1]), maps, implementation)
    assert_close(result[1], np.ones([4, 4, 1]), 1e-6)


@every_implementation
def test_a_graph_knows_the_shape_and_takes_any_batch(implementation, rng):
    images = rng.normal(size=[2, 8, 8, 3]).astype(np.float32)
    specs = [tf.TensorSpec([None, 8, 8, 3]), tf.TensorSpec([None, 2, 3])]
    shapes = []

    @tf.function(input_signature=specs)
    def graph(x, maps):
        y = ops.affine_warp(x, maps, implementation)
        shapes.append(y.shape.as_list())
        return y

    maps = tf.constant([ODD, QUARTER], tf.float32)
    assert_close(graph(images, maps), ops.affine_warp(images, maps, implementation), 1e-6)
    assert shapes == [[None, 8, 8, 3]]


def test_xla_compiles_it_with_both_derivatives(rng):
    images = rng.normal(size=[2, 8, 8, 3]).astype(np.float32)

    def square(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                total = tf.reduce_sum(ops.affine_warp(x, [ODD, QUARTER]) ** 3)
            gradient = tape.gradient(total, x)
        return outer.gradient(gradient, x)

    x = tf.constant(images)
    assert_close(tf.function(square, jit_compile=True)(x), square(x), 1e-4)


@NO_COMPILED
@pytest.mark.parametrize(
    ("shape", "maps", "message"),
    [([1, 1, 4, 3], [IDENTITY], "at least 2×2"), ([2, 4, 4, 3], [IDENTITY], r"\[N, 2, 3\]")],
)
def test_other_shapes_are_refused(shape, maps, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        ops.affine_warp(tf.zeros(shape), maps, "compiled")
