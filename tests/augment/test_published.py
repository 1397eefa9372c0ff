"""Adaptive discriminator augmentation gives the published numbers for given random ones."""

import numpy as np
import pytest
import tensorflow as tf

import augment_vectors
import vectors
from augment_vectors import channels_last
from compare import assert_close
from published import completed
from stylegan_tf.augment import colour, corruptions, filters, geometry, pipeline

BUNDLED = vectors.bundled("augment")
# Three times the difference between float32 and float64 in the published code.
TOLERANCE, GRADIENT_TOLERANCE = 1.5e-5, 2.1e-5


def of_every_case(part):
    return pytest.mark.parametrize("case", augment_vectors.cases(BUNDLED, part))


@of_every_case("G_inv")
def test_maps(case):
    height, width = (24, 32) if "nonsquare" in case or "pct" in case else (32, 32)
    if case.split("/")[1] in ("bg", "bgc", "bgcfnc"):
        height = 32
    maps = geometry.matrices(augment_vectors.draws(BUNDLED, case), height, width)
    assert_close(maps, BUNDLED[f"{case}/G_inv"][:, :2], 1e-6)


@of_every_case("C")
def test_colours(case):
    draws, expected = augment_vectors.draws(BUNDLED, case), BUNDLED[f"{case}/C"]
    if "gray" in case:
        assert_close(tf.stack(colour.grey(draws), 1)[:, 0], expected[:, 0, :3].sum(1), 1e-6)
        assert_close(colour.grey(draws)[1], expected[:, 0, 3], 1e-6)
    else:
        assert_close(colour.matrices(draws), expected[:, :3], 1e-6)


@of_every_case("imgfilter_gains")
def test_bands(case):
    bands = (1, 0, 0.5, 1) if "bands" in case else (1, 1, 1, 1)
    gains = filters.gains(augment_vectors.draws(BUNDLED, case), bands)
    assert_close(gains, BUNDLED[f"{case}/imgfilter_gains"], 1e-6)
    taps = BUNDLED[f"{case}/imgfilter_taps"]
    assert_close(tf.matmul(gains, np.float32(filters.bank())), taps, 1e-6)


def test_filter_bank():
    assert_close(filters.bank(), BUNDLED["const/Hz_fbank"], 1e-7)


@of_every_case("noise_sigma")
def test_strength_of_noise(case):
    deviation = corruptions.deviation(augment_vectors.draws(BUNDLED, case))
    assert_close(deviation, BUNDLED[f"{case}/noise_sigma"][:, 0, 0], 1e-6)


@of_every_case("cutout_mask")
def test_squares(case):
    expected = channels_last(BUNDLED[f"{case}/cutout_mask"])
    images = corruptions.cut_out(augment_vectors.draws(BUNDLED, case), tf.ones(expected.shape))
    np.testing.assert_array_equal(images, expected)


@of_every_case("out")
def test_images_and_gradients(case):
    check_images(BUNDLED, case)


@pytest.mark.whole_vectors
def test_every_case_of_the_whole_reference():
    arrays = vectors.read("augment")
    cases = augment_vectors.cases(arrays, "out")
    assert len(cases) > 50
    for case in cases:
        check_images(arrays, case)


def check_images(arrays, case):
    """Compares the images of a case, and their gradient where it is known."""
    images, cotangent = map(tf.constant, augment_vectors.inputs(arrays, case))
    draws = augment_vectors.draws(arrays, case)
    if "bands" in case:  # no option: the filter alone
        taps = tf.matmul(filters.gains(draws, (1, 0, 0.5, 1)), np.float32(filters.bank()))
        return assert_close(
            filters.along_rows_and_columns(taps, images),
            channels_last(arrays[f"{case}/out"]),
            TOLERANCE,
            case,
        )
    with tf.GradientTape() as tape:
        tape.watch(images)
        result = pipeline.apply(draws, images, augment_vectors.Pixels(arrays, case))
    expected = completed(channels_last(arrays[f"{case}/out"]), result)
    assert_close(result, expected, TOLERANCE, case)
    if f"{case}/dx" in arrays:
        gradient = tape.gradient(result, images, cotangent)
        expected = completed(channels_last(arrays[f"{case}/dx"]), gradient)
        assert_close(gradient, expected, GRADIENT_TOLERANCE, case)
    return None
