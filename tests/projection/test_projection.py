"""An image into w: what is found, its file, what is refused."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import published
import tiny
from devices import same_order_every_time
from stylegan_tf import projection
from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.projection import Projection, Projector, Settings, project

STEPS = 200
COLOURS = Settings(steps=STEPS, lpips=0)  # without LPIPS, whose weights are elsewhere


@pytest.fixture(scope="module")
def generator():
    """One of 8×8 with published weights."""
    return published.generator("stylegan8", resolution=8)


@pytest.fixture(scope="module")
def target(generator):
    """An image of the network itself."""
    sampler = Sampler(generator, psi=0.7)
    return next(sampler.images(sampler.sample_styles([11]), [11]))


@pytest.fixture(scope="module")
def result(generator, target):
    return project(generator, target, COLOURS)


def distance(a, b) -> float:
    """Mean squared difference of RGB values in [-1, 1]."""
    return float(np.square((a.astype(float) - b) / 127.5).mean())


@pytest.mark.parametrize(("space", "stated"), [("w", 0.15), ("w+", 0.03)])
def test_an_image_of_the_network_is_found_again(space, stated, generator, target, result):
    """Up to noise, which is another one: the mean image is 0.54 from it."""
    if space == "w+":
        result = project(generator, target, Settings(space, STEPS, lpips=0))
    assert result.w.shape == (1 if space == "w" else 4, 64)
    assert distance(Projector(generator, target, COLOURS).image(), target) > 0.5
    assert distance(result.image(generator), target) < stated
    assert result.distances["mse"].shape == (STEPS,)
    np.testing.assert_array_equal(result.distances["lpips"], 0)


@same_order_every_time
def test_the_same_seed_finds_the_same(generator, target):
    settings = Settings(steps=3, lpips=0, seed=5)
    first, second = (project(generator, target, settings) for _ in range(2))
    np.testing.assert_array_equal(first.w, second.w)
    np.testing.assert_array_equal(first.noise[2], second.noise[2])
    other = project(generator, target, Settings(steps=3, lpips=0, seed=6))
    assert not np.array_equal(first.w, other.w)


def test_noise_stays_noise(result):
    assert [image.shape for image in result.noise] == [(4, 4, 1)] * 2 + [(8, 8, 1)] * 2
    for image in result.noise:
        assert image.mean() == pytest.approx(0, abs=1e-4)
        assert image.std() == pytest.approx(1, abs=1e-4)


def test_a_step_is_traced_once(generator, target):
    projector = Projector(generator, target, Settings(steps=4, lpips=0))
    for _ in range(4):
        projector.step()
    assert projector._compiled.experimental_get_tracing_count() == 1


def test_what_was_found_is_saved_and_drawn_again(generator, result, tmp_path):
    result.save(tmp_path / "w.npz")
    loaded = projection.load(tmp_path / "w.npz")
    assert loaded.settings == result.settings
    np.testing.assert_array_equal(loaded.w, result.w)
    np.testing.assert_array_equal(loaded.distances["mse"], result.distances["mse"])
    np.testing.assert_array_equal(loaded.image(generator), result.image(generator))


@pytest.mark.parametrize(
    ("architecture", "channels", "label_size"), [("c", 3, 0), ("d", 1, 3), ("f", 4, 0)]
)
def test_other_networks_can_be_searched(architecture, channels, label_size):
    """Without noise inputs, grey, with classes, with an alpha channel, not yet fully grown."""
    network = tiny.generator(
        architecture=architecture,
        channels=channels,
        label_size=label_size,
        grown=2.5,
        resolution=16,
    )
    image = np.zeros((8, 8, channels), np.uint8)
    settings = Settings("w+", 2, lpips=0, label=2 if label_size else None)
    result = project(network, image, settings)
    assert result.w.shape == (4, 5)
    assert len(result.noise) == (4 if architecture == "f" else 0)
    assert result.image(network).shape == image.shape


class Brightness:
    """A distance instead of LPIPS: that of the mean brightness."""

    def features(self, images):
        assert images.shape[1:] == (64, 64, 3)
        return tf.reduce_mean(images, axis=[1, 2, 3])

    def distance(self, a, b):
        return tf.abs(a - b)


def test_the_perceptual_distance_counts_by_its_weight(generator):
    """A target that is white: what is found is brighter with the distance than without."""
    white = np.full((8, 8, 3), 255, np.uint8)
    settings = Settings(steps=30, lpips=1, mse=0)
    result = project(generator, white, settings, Brightness())
    assert result.distances["lpips"][-1] < result.distances["lpips"][0] - 0.1


@pytest.mark.parametrize("architecture", ["a", "b"])
def test_networks_without_styles_are_refused(architecture):
    network = tiny.generator(resolution=8, architecture=architecture)
    with pytest.raises(ValueError, match="no styles"):
        Projector(network, np.zeros((8, 8, 3), np.uint8), COLOURS)


def test_an_image_of_another_size_is_refused(generator):
    with pytest.raises(ValueError, match=r"image is \(16, 16, 3\); it must be \[8, 8, 3\]"):
        Projector(generator, np.zeros((16, 16, 3), np.uint8), COLOURS)


def test_another_network_is_refused(result):
    with pytest.raises(ValueError, match="found with a network of other sizes"):
        result.image(tiny.generator())


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"space": "z"}, "space is 'z'; it can be w or w\\+"),
        ({"steps": 0}, "steps is 0; it must be 1 or more"),
        ({"lpips": 0, "mse": 0}, "0 for LPIPS and 0 for MSE"),
        ({"lpips": -1}, "-1 for LPIPS"),
        ({"mse": float("nan")}, "nan for MSE"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, reason):
    with pytest.raises(ValueError, match=reason):
        Settings(**wrong)


@given(data=st.binary(max_size=80), kept=st.integers(0, 3000))
def test_any_bytes_are_a_projection_or_refused_by_name(data, kept, tmp_path_factory):
    path = tmp_path_factory.mktemp("found") / "w.npz"
    images = [np.zeros((4, 4, 1), np.float32)]
    whole = Projection(np.ones((1, 5)), images, {"lpips": np.ones(3), "mse": np.ones(3)}, COLOURS)
    whole.save(path)
    path.write_bytes(path.read_bytes()[:kept] + data)
    try:
        projection.load(path)
    except ValueError as error:
        assert "w.npz" in str(error)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="w.npz does not exist"):
        projection.load(tmp_path / "w.npz")
