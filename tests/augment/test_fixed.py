"""Transforms with a fixed probability: any channels, twice differentiable, in every graph."""

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from stylegan_tf import augment
from stylegan_tf.augment.transforms import GROUPS, TRANSFORMS


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_probability_0_gives_the_images(images, stream, channels):
    x = images(channels)
    assert_close(augment.get("fixed")(0, "bgcfnc")(x, stream()), x, 1e-5)


@pytest.mark.parametrize("name", [*TRANSFORMS, *GROUPS])
def test_every_transform_and_group_changes_images(images, stream, name):
    x = images()
    y = augment.get("fixed")(1, name)(x, stream())
    assert y.shape == x.shape
    assert not np.allclose(x, y, atol=1e-3)
    np.testing.assert_array_equal(augment.get("fixed")(1, name)(x, stream()), y)
    assert not np.allclose(augment.get("fixed")(1, name)(x, stream(1)), y, atol=1e-3)


def test_images_change_independently_of_each_other(images, stream):
    x = images()
    y = augment.get("fixed")(0.7, "bgcfnc")(x, stream())
    other = tf.concat([x[:1], images(count=5) * 2], 0)
    assert_close(augment.get("fixed")(0.7, "bgcfnc")(other, stream())[0], y[0], 1e-6)


def test_colours_leave_alpha_alone(images, stream):
    x = images(4)
    y = augment.get("fixed")(1, "color")(x, stream())
    np.testing.assert_array_equal(y[..., 3], x[..., 3])
    rgb = augment.get("fixed")(1, "color")(x[..., :3], stream())
    np.testing.assert_array_equal(y[..., :3], rgb)


def test_images_of_two_channels_have_no_colours(images, stream):
    with pytest.raises(ValueError, match="2 channels; transforms of colours take 1, 3 or 4"):
        augment.get("fixed")(1, "color")(images(2), stream())
    assert augment.get("fixed")(1, "geom")(images(2), stream()).shape[3] == 2


@pytest.mark.parametrize("transforms", ["bgcfnc", "bgc"])
def test_second_derivative_is_that_of_finite_differences(images, stream, transforms):
    """The map is affine: of Σ T(x)³ it is 6·Tᵀ(T(x)·T(v)) in the direction v."""
    aug, x = augment.get("fixed")(0.8, transforms), images(count=3)
    direction = images(count=3)[::-1]

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(aug(x, stream()) ** 3)
        return tape.gradient(total, x)

    with tf.GradientTape() as tape:
        tape.watch(x)
        first = gradient(x)
    second = tape.gradient(first, x, direction)
    step = 0.05  # the gradient is quadratic in x: central differences are exact
    difference = (gradient(x + step * direction) - gradient(x - step * direction)) / (2 * step)
    assert_close(second, difference, 1e-4)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_graphs_compute_the_same(images, given, jit_compile):
    aug, x = augment.get("fixed")(0.8, "bgcfnc"), images()
    graph = tf.function(lambda x: aug(x, given()), jit_compile=jit_compile)
    assert_close(graph(x), aug(x, given()), 1e-5)


def test_batches_of_unknown_size(images, stream):
    aug, x = augment.get("fixed")(0.8, "bgcfnc"), images()
    graph = tf.function(lambda x: aug(x, stream()), [tf.TensorSpec([None, 8, 8, 3])])
    assert_close(graph(x), aug(x, stream()), 1e-5)


@pytest.mark.parametrize("size", [2, 4, 16])
def test_small_images(images, stream, size):
    y = augment.get("fixed")(1, "bgcfnc")(images(size=size), stream())
    assert np.isfinite(y).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p": 1.5}, "p is 1.5; it must be from 0 to 1"),
        ({"p": "half"}, "p is 'half'"),
        ({"p": True}, "p is True"),
        ({"transforms": "bgd"}, "none called 'bgd'"),
    ],
)
def test_other_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        augment.get("fixed")(**options)


def test_the_log_gets_the_probability():
    assert augment.get("fixed")(0.25).statistics == {"aug_p": 0.25}
