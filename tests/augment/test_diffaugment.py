"""DiffAugment: what it does to images, by hand."""

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from stylegan_tf import augment
from stylegan_tf.augment import corruptions, diffaugment


def test_numbers_in_the_middle_change_no_colours(images):
    middle = tf.fill([6, 3], 0.5)
    assert_close(diffaugment.recolour(images(), middle), images(), 1e-6)


@pytest.mark.parametrize(
    ("numbers", "change"),
    [
        ([1.0, 0.5, 0.5], lambda x: x + 0.5),
        ([0.5, 0.0, 0.5], lambda x: np.broadcast_to(x.mean(3, keepdims=True), x.shape)),
        ([0.5, 0.5, 0.0], lambda x: 0.5 * x + 0.5 * x.mean((1, 2, 3), keepdims=True)),
    ],
)
def test_brightness_saturation_and_contrast(images, numbers, change):
    result = diffaugment.recolour(images(), tf.constant(6 * [numbers]))
    assert_close(result, change(images().numpy().astype(np.float64)), 1e-6)


def test_alpha_and_greys(images, stream):
    x = images(4)
    y = augment.get("diffaug")("color")(x, stream())
    np.testing.assert_array_equal(y[..., 3], x[..., 3])
    grey = images(1)
    numbers = stream().uniform([6, 7])[:, :3]
    as_rgb = diffaugment.recolour(tf.repeat(grey, 3, axis=3), numbers)
    assert_close(diffaugment.recolour(grey, numbers)[..., 0], as_rgb[..., 1], 1e-6)


def test_shifts_are_whole_pixels_up_to_an_eighth():
    ends = diffaugment.shifts(tf.constant([[0, 0], [1 - 1e-6, 1 - 1e-6]]), 32, 64)
    np.testing.assert_array_equal(ends, [[-8, -4], [8, 4]])
    all_of_them = diffaugment.shifts(tf.stack(2 * [(tf.range(900.0) + 0.5) / 900], 1), 32, 32)
    np.testing.assert_array_equal(np.bincount(all_of_them[:, 0] + 4), 9 * [100])


def test_translated_images_have_zeros_where_they_were(images):
    x = images(count=2).numpy()
    y = diffaugment.translate(tf.constant(x), tf.constant([[2, -1], [0, 3]]))
    expected = np.zeros_like(x)
    expected[0, :-1, 2:] = x[0, 1:, :-2]
    expected[1, 3:] = x[1, :-3]
    np.testing.assert_array_equal(y, expected)


def test_gradient_of_a_translation_is_its_transpose(images):
    """And the gradient of that is the translation again."""
    shift = tf.constant([[2, -1], [-1, 0], [0, 3]])
    x, u, v = images(count=3), images(count=3) ** 2, images(count=3) ** 3
    with tf.GradientTape() as outer:
        outer.watch(u)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = diffaugment.translate(x, shift)
        transposed = tape.gradient(y, x, u)
    assert_close(tf.reduce_sum(transposed * x), tf.reduce_sum(u * y), 1e-5)
    assert_close(outer.gradient(transposed, u, v), diffaugment.translate(v, shift), 1e-6)


def test_a_square_of_half_the_side_is_cut_out():
    mask = corruptions.mask(tf.constant([[0.5, 0.5], [0.0, 1.0]]), True, 8, 8).numpy()[..., 0]
    expected = np.ones([2, 8, 8])
    expected[0, 2:6, 2:6] = 0
    expected[1, 6:, :2] = 0
    np.testing.assert_array_equal(mask, expected)


def test_every_image_changes_and_the_numbers_are_those_of_the_step(images, stream):
    aug, x = augment.get("diffaug")(), images()
    y = aug(x, stream())
    assert (np.abs(y - x).max(axis=(1, 2, 3)) > 0.01).all()
    np.testing.assert_array_equal(aug(x, stream()), y)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_second_derivatives_in_a_graph(images, given, jit_compile):
    """The map is affine: the second derivative of Σ T(x)³ is that of central differences."""
    aug, x, direction = augment.get("diffaug")(), images(count=3), images(count=3)[::-1]

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(aug(x, given()) ** 3)
        return tape.gradient(total, x)

    @tf.function(jit_compile=jit_compile)
    def second(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            first = gradient(x)
        return tape.gradient(first, x, direction)

    step = 0.05
    difference = (gradient(x + step * direction) - gradient(x - step * direction)) / (2 * step)
    assert_close(second(x), difference, 1e-4)


@pytest.mark.parametrize(
    ("transforms", "message"), [("colour", "none called 'colour'.*color"), ([], "names none")]
)
def test_other_options_are_refused(transforms, message):
    with pytest.raises(ValueError, match=message):
        augment.get("diffaug")(transforms)
