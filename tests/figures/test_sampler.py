"""What figures draw from."""

import numpy as np
import pytest
import tensorflow as tf

import tiny
from stylegan_tf.figures import Sampler
from stylegan_tf.figures.sampler import BATCH
from stylegan_tf.images import to_uint8
from stylegan_tf.latents import noise_from_seeds, z_from_seeds


def close(actual, expected):
    """Images differ by rounding at most."""
    assert np.abs(np.stack(actual).astype(int) - np.asarray(expected).astype(int)).max() <= 1


def test_a_seed_is_the_image_of_the_network():
    generator = tiny.generator()
    seeds = [3, 1]
    images = generator(
        z_from_seeds(seeds, tiny.LATENT),
        truncation_psi=0.5,
        truncation_cutoff=2,
        noise=noise_from_seeds(seeds, generator.synthesis.noise_shapes()),
    )
    sampler = Sampler(generator, psi=0.5, cutoff=2)
    close(list(sampler.images(sampler.sample_styles(seeds), seeds)), to_uint8(images))


def test_more_images_than_a_batch_are_each_their_seeds():
    sampler = Sampler(tiny.generator())
    seeds = range(2 * BATCH + 1)
    done = []
    sampler.progress = lambda *counts: done.append(counts)
    together = list(sampler.images(sampler.sample_styles(seeds), seeds))
    assert done == [(8, 17), (16, 17), (17, 17)]
    close(together[11:12], list(sampler.images(sampler.sample_styles([11]), [11])))


def test_classes_are_drawn():
    generator = tiny.generator(label_size=3)
    labels = tf.one_hot([2], 3)
    w = generator.mapping(z_from_seeds([4], tiny.LATENT), labels)
    np.testing.assert_allclose(Sampler(generator, label=2).sample_w([4]), w, rtol=1e-6)
    assert not np.allclose(Sampler(generator).sample_w([4]), w)


@pytest.mark.parametrize(
    ("size", "label", "reason"), [(3, 3, "0 to 2"), (3, -1, "0 to 2"), (0, 0, "has no labels")]
)
def test_a_class_that_is_not_there_is_refused(size, label, reason):
    with pytest.raises(ValueError, match=f"label is {label}; .*{reason}"):
        Sampler(tiny.generator(label_size=size), label=label)


def test_a_network_that_still_grows_draws_what_it_has():
    generator = tiny.generator(grown=2.5)
    sampler = Sampler(generator)
    assert (sampler.resolution, sampler.num_ws) == (8, 4)
    (image,) = sampler.images(sampler.sample_styles([0]), [0])
    noise = noise_from_seeds([0], generator.synthesis.noise_shapes(8))
    z = z_from_seeds([0], tiny.LATENT)
    expected = generator(z, truncation_psi=0.7, truncation_cutoff=8, noise=noise)
    close([image], to_uint8(expected))


def test_noise_can_be_for_some_layers_alone():
    generator = tiny.generator()
    sampler = Sampler(generator)
    w = np.repeat(sampler.sample_styles([0]).numpy(), 3, axis=0)
    result = list(sampler.images(w, [0, 0, 0], [[], [1, 4], range(6)]))
    noise = noise_from_seeds([0], generator.synthesis.noise_shapes())
    some = [image if layer in (1, 4) else 0 * image for layer, image in enumerate(noise)]
    for image, given in zip(result, ("none", some, noise), strict=True):
        close([image], to_uint8(generator.synthesis(w[:1], noise=given)))


@pytest.mark.parametrize(
    ("architecture", "what", "refused"),
    [("a", "styles", True), ("c", "styles", False), ("d", "noise", True), ("e", "noise", False)],
)
def test_what_an_architecture_has_not_is_told(architecture, what, refused):
    sampler = Sampler(tiny.generator(architecture=architecture))
    if not refused:
        sampler.require(what)
        return
    with pytest.raises(
        ValueError, match=f"architecture {architecture.upper()}, which has no {what}"
    ):
        sampler.require(what)
