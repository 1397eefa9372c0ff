"""Path lengths of generators for which they are known, with a distance that is quadratic."""

import numpy as np
import pytest
import tensorflow as tf

import tiny
from known_generators import LATENT, SIDE, Known, squares
from recorded_progress import RecordedProgress
from stylegan_tf.images import to_float
from stylegan_tf.latents import noise_from_seeds, z_from_seeds
from stylegan_tf.metrics import Sampling, WeightsMissing, perceptual_path_length
from stylegan_tf.metrics.perceptual_path_lengths import EPSILON, face, path_length, paths
from stylegan_tf.metrics.sampling import unseen

COUNT = 400
HALF = SIDE // 2
SAMPLING = Sampling(50, seed=0, labels=None, batch=None, strategy=None, progress=unseen)


def measured(generator, space, sampling, count=COUNT, **options):
    return perceptual_path_length(generator, space, sampling, count, perceptual=squares, **options)


def ends(count=COUNT, size=LATENT):
    """The two latents of each path, float64 [count, 2, size]: those of two successive seeds."""
    result = z_from_seeds(range(2 * count), size).numpy().astype(np.float64)
    return result.reshape(count, 2, size)


def angles(z):
    cosines = (z[:, 0] * z[:, 1]).sum(-1) / np.linalg.norm(z, axis=-1).prod(-1)
    return np.arccos(cosines)


@pytest.mark.parametrize("sampling", ["full", "end"])
def test_a_linear_generator_has_the_length_of_its_map_in_w(sampling, rng):
    """|A·(b − a)|², wherever on the path; A gives each pixel, and only the face counts."""
    matrix = rng.standard_normal((LATENT, SIDE * SIDE * 3)).astype(np.float32)
    generator = Known(images=lambda w: tf.reshape(w @ matrix, [-1, SIDE, SIDE, 3]))
    whole = matrix.astype(np.float64).reshape(LATENT, SIDE, SIDE, 3)
    seen = whole[:, 12:28, 8:24].reshape(LATENT, -1)
    z = ends()
    expected = path_length((((z[:, 1] - z[:, 0]) @ seen) ** 2).sum(1))
    assert measured(generator, "w", sampling) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("sampling", ["full", "end"])
def test_in_z_a_path_is_as_long_as_its_arc(sampling):
    """Colours are z / 5 in the first three numbers; summed over all four, D·θ² remains."""
    pixels = HALF * HALF
    generator = Known(images=lambda w: tf.repeat(w[:, None, None], SIDE, 1) * tf.ones([SIDE, 1]))
    generator.channels = LATENT

    def all_channels(a, b):
        return squares(a, b) / pixels

    result = perceptual_path_length(
        _without_alpha(generator), "z", sampling, COUNT, perceptual=all_channels
    )
    assert result == pytest.approx(path_length(LATENT * angles(ends()) ** 2), rel=1e-3)


def _without_alpha(generator):
    """The fourth number of z goes into further columns of an RGB image."""

    def images(w):
        rest = tf.concat([w[:, 3:], tf.zeros_like(w[:, :2])], 1)
        left, right = (tf.tile(x[:, None, None], [1, SIDE, HALF, 1]) for x in (w[:, :3], rest))
        both = tf.stack([left, right], 3)  # every other column
        return tf.sqrt(2.0) * tf.reshape(both, [-1, SIDE, SIDE, 3])

    generator.synthesis.images = images
    generator.channels = 3
    return generator


def test_the_end_of_a_path_is_its_beginning():
    """Images are squares of w, so the length at a is |2a(b − a)|²."""
    generator = Known(images=lambda w: tf.tile((w**2)[:, None, None, :3], [1, SIDE, SIDE, 1]))
    z = ends()[..., :3]
    expected = HALF**2 * ((2 * z[:, 0] * (z[:, 1] - z[:, 0])) ** 2).sum(1)
    assert measured(generator, "w", "end") == pytest.approx(path_length(expected), rel=2e-3)


def test_full_paths_are_met_anywhere(rng):
    """Images are squares of w: at t the length is |2(a + t(b − a))(b − a)|²."""
    generator = Known(images=lambda w: tf.tile((w**2)[:, None, None, :1], [1, SIDE, SIDE, 3]))
    a, b = ends(1500)[..., 0].T
    other_places = rng.random(1500)
    expected = path_length(3 * HALF**2 * (2 * (a + other_places * (b - a)) * (b - a)) ** 2)
    full, end = (measured(generator, "w", one, 1500, batch=500) for one in ("full", "end"))
    assert full == pytest.approx(expected, rel=0.15)
    assert end > 1.5 * expected  # the squares are steeper there, by a factor of 2 on average


def test_both_points_have_the_same_noise():
    noisy = Known(images=lambda w: tf.zeros([w.shape[0], SIDE, SIDE, 3]), strength=1.0)
    assert measured(noisy, "z", "full", 20) == 0


def test_noise_differs_between_batches():
    seen = []

    def keep(a, b):
        tf.py_function(lambda images: seen.append(images.numpy()), [a], [])
        return tf.reduce_max(a, [1, 2, 3])

    noisy = Known(images=lambda w: tf.zeros([w.shape[0], SIDE, SIDE, 3]), strength=1.0)
    perceptual_path_length(noisy, "w", "full", 4, batch=4, perceptual=keep)
    assert len(seen) == 2
    for number, batch in enumerate(seen):
        noise = noise_from_seeds([4 * number], [(SIDE, SIDE)])[0][0, 12:28, 8:24]
        for image in batch:
            np.testing.assert_allclose(image, np.repeat(noise, 3, -1), rtol=1e-6)


def test_both_ends_have_the_label_of_the_path(rng):
    """w is the label alone: the path is a point."""
    labels = np.eye(LATENT, dtype=np.float32)[rng.integers(0, LATENT, 30)]
    point = Known(mapping=lambda z, labels: labels, label_size=LATENT)
    assert measured(point, "w", "full", 30, labels=labels) == 0
    assert measured(point, "z", "full", 30, labels=labels) == 0
    labelled = Known(mapping=lambda z, labels: z * (1 + labels), label_size=LATENT)
    z = ends(30)[..., :3]
    apart = (z[:, 1] - z[:, 0]) * (1 + labels[:, :3]) / 5
    expected = path_length(HALF**2 * (apart**2).sum(1))
    assert measured(labelled, "w", "full", 30, labels=labels) == pytest.approx(expected, rel=1e-3)


def test_in_z_latents_are_as_long_as_they_are_in_training():
    """Otherwise the embedding of a label would drown them."""
    for _, a, b, _ in paths(Known(), "z", "full", SAMPLING, 16):
        np.testing.assert_allclose(np.linalg.norm([a, b], axis=-1), LATENT**0.5, rtol=1e-6)


def test_a_step_is_as_long_as_it_should_be():
    """Rounding to float32 comes last: a step of ε·θ keeps three digits."""
    for _, a, b, _ in paths(Known(), "z", "full", SAMPLING, 50):
        steps = np.linalg.norm(a.astype(float) - b.astype(float), axis=-1)
        np.testing.assert_allclose(steps, EPSILON * angles(ends(50)) * LATENT**0.5, rtol=3e-3)


@pytest.mark.parametrize("space", ["z", "w"])
def test_batches_of_any_size_give_the_same_length(space):
    lengths = [measured(Known(), space, "full", 21, batch=batch) for batch in (1, 6, 64)]
    assert lengths[1:] == pytest.approx(lengths[:1] * 2, rel=1e-3)


def test_a_network_is_measured_as_by_its_definition():
    """A real one, which is 32×32 and half grown, in NumPy's float64 but for its layers."""
    generator = tiny.generator(resolution=64, grown=4.5)
    z = ends(6, tiny.LATENT)
    noise = noise_from_seeds([0], generator.synthesis.noise_shapes(32))
    w = generator.mapping(z.reshape(12, -1)).numpy().astype(float).reshape(6, 2, -1)

    def images(t):
        here = (w[:, 0] + t * (w[:, 1] - w[:, 0])).astype(np.float32)
        return generator.synthesis(here, noise=noise, resolution=32, fade=0.5).numpy()

    apart = (images(EPSILON) - images(0)).astype(float)[:, 12:28, 8:24]
    expected = path_length((apart**2).sum((1, 2, 3)) / EPSILON**2)
    assert measured(generator, "w", "end", 6, batch=12) == pytest.approx(expected, rel=0.02)


def test_the_face_is_cut_out_before_large_images_are_reduced(rng):
    x = rng.standard_normal((2, 1024, 1024, 3)).astype(np.float32)
    cut = x[:, 384:896, 256:768]
    expected = cut.reshape(2, 256, 2, 256, 2, 3).mean((2, 4))
    np.testing.assert_allclose(face(tf.constant(x)), expected, atol=1e-6)
    x = rng.standard_normal((1, 512, 512, 1)).astype(np.float32)
    np.testing.assert_array_equal(face(tf.constant(x)), x[:, 192:448, 128:384])
    assert face(tf.zeros([1, 32, 32, 3])).shape == (1, 16, 16, 3)


def test_images_are_not_clipped_and_grey_is_repeated():
    bright = Known(images=lambda w: 10 + w[:, None, None, :1] * tf.ones([SIDE, SIDE, 1]))
    bright.channels = 1
    z = ends(9)[..., 0]
    expected = path_length(3 * HALF**2 * (z[:, 1] - z[:, 0]) ** 2)
    assert measured(bright, "w", "full", 9) == pytest.approx(expected, rel=0.02)


def test_lpips_is_the_distance_where_none_is_given(monkeypatch):
    from stylegan_tf.metrics import lpips

    monkeypatch.setattr(lpips, "load_lpips", lambda: squares)
    result = perceptual_path_length(Known(), "w", "full", 9)
    assert result == measured(Known(), "w", "full", 9)


def test_published_lpips_measures_the_smallest_network():
    generator = tiny.generator(resolution=32)
    try:
        length = perceptual_path_length(generator, "w", "full", 8)
    except WeightsMissing as error:
        pytest.skip(str(error))
    assert length > 0


def test_progress_hears_of_all_paths():
    progress = RecordedProgress()
    measured(Known(), "w", "full", 5, batch=4, progress=progress)
    assert progress.calls == [("paths in w", done, 5) for done in (2, 4, 5)]


@pytest.mark.parametrize(
    ("generator", "arguments", "reason"),
    [
        (Known(), ("v", "full"), "space is 'v'; it can be 'z' or 'w'"),
        (Known(), ("w", "begin"), "sampling is 'begin'; it can be 'full' or 'end'"),
        (Known(side=16), ("w", "full"), "needs images of 32×32 or more.*have 16×16"),
        (Known(label_size=2), ("w", "full"), "has labels; path length needs one for each"),
    ],
)
def test_what_cannot_be_measured_is_refused(generator, arguments, reason):
    with pytest.raises(ValueError, match=reason):
        measured(generator, *arguments)


def test_bytes_and_floats_have_the_same_middle():
    """The images that LPIPS sees go from -1 to 1, as its own do."""
    assert to_float(np.array([0, 255], np.uint8)).numpy() == pytest.approx([-1, 1])
