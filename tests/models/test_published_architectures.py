"""The same images as the published networks in the configurations A to F (DESIGN 2.11)."""

import functools
import math

import numpy as np
import pytest

import published
import stylegan_tf as sg
from published import LODS, assert_matches
from stylegan_tf.importing import assign_generator

whole_vectors = pytest.mark.whole_vectors  # the small ones lack Table 1
every_storage = pytest.mark.parametrize("fused", [0, 1])
every_lod = pytest.mark.parametrize("lod", LODS)

# Rows of Table 1 and neighbours, by the name of the published switches.
ROWS = {
    "tuned-baseline": {"architecture": "b"},
    "add-mapping-and-styles": {"architecture": "c"},
    "remove-traditional-input": {"architecture": "d"},
    "add-noise-inputs": {"architecture": "e"},
    "traditional-8": {"architecture": "b", "mapping_layers": 8},
    "stylebased-0": {"mapping_layers": 0},
    "stylebased-1": {"mapping_layers": 1},
}


@whole_vectors
@pytest.mark.parametrize("row", ROWS)
def test_w(row):
    stored = published.arrays("stylegan32_table1")
    generator = published.generator("stylegan32_table1", f"{row}/vars/", **ROWS[row])
    assert_matches(generator.mapping(stored["in/z"]), stored[f"{row}/w"][:, 0])


@whole_vectors
@every_storage
@pytest.mark.parametrize("lod", [0, 1.3])
@pytest.mark.parametrize("row", ROWS)
def test_images(row, lod, fused):
    stored = published.arrays("stylegan32_table1")
    generator = published.generator("stylegan32_table1", f"{row}/vars/", fused, **ROWS[row])
    growing = published.resolution_and_fade(lod)
    images = generator(stored["in/z"], noise="constant", **growing)
    assert_matches(published.nchw(images), stored[f"{row}/img/lod{lod:g}/fused{fused}/off"])


def equalized(name: str, value: np.ndarray) -> np.ndarray:
    """A weight that was stored with its scale → what we scale to it; other variables as is."""
    if not name.endswith("/weight") or "Noise" in name:
        return value
    gain = 1 if "ToRGB" in name or "StyleMod" in name else math.sqrt(2)
    return value / (gain / math.sqrt(np.prod(value.shape[:-1])))


@functools.cache
def equalized_generator(fused):
    """A generator of the weights that were trained without equalized learning rate."""
    stored = published.variables("stylegan32_table1", "nowscale/vars/")
    variables = {name: equalized(name, value) for name, value in stored.items()}
    generator = sg.Generator(resolution=32, **published.SIZES)
    assign_generator(generator, variables, fused_from=4 if fused else None)
    return generator


@whole_vectors
@every_storage
@pytest.mark.parametrize("lod", [0, 1.3])
def test_images_without_equalized_learning_rate(lod, fused):
    """The published switch `use_wscale=False` scales by learning-rate multipliers alone."""
    stored = published.arrays("stylegan32_table1")
    growing = published.resolution_and_fade(lod)
    images = equalized_generator(fused)(stored["in/z"], noise="constant", **growing)
    assert_matches(published.nchw(images), stored[f"nowscale/img/lod{lod:g}/fused{fused}/off"])


def progan_images(fused, lod):
    generator = published.generator("progan32", fused=fused, architecture="a")
    z = published.arrays("progan32")["in/z"]
    return published.nchw(generator(z, **published.resolution_and_fade(lod)))


@every_storage
@every_lod
def test_images_of_progressive_gan(lod, fused):
    expected = published.arrays("progan32")[f"out/img/lod{lod:g}/recursive/fused{fused}/off"]
    assert_matches(progan_images(fused, lod), expected)


def progan_scores(fused, lod, images):
    """Unfused, Progressive GAN took 2×2 means after bias and activation."""
    discriminator = published.discriminator("progan32", architecture="a", pool_first=bool(fused))
    growing = published.resolution_and_fade(lod)
    return discriminator(published.nhwc(images, growing["resolution"]), **growing)


@every_storage
@every_lod
@pytest.mark.parametrize("kind", ["fakes", "images8"])
def test_scores_of_progressive_gan(kind, lod, fused):
    stored = published.arrays("progan32")
    images = stored["in/images8"]
    if kind == "fakes":
        images = stored[f"out/img/lod{lod:g}/recursive/fused{fused}/off"]
        images = published.completed(images, progan_images(fused, lod))
    expected = stored[f"out/scores/lod{lod:g}/recursive/fused{fused}/{kind}"]
    assert_matches(progan_scores(fused, lod, images), expected)


@every_storage
@pytest.mark.parametrize("count", [1, 2, 3])
def test_scores_of_progressive_gan_for_small_batches(count, fused):
    stored = published.arrays("progan32")
    expected = stored[f"out/scores/lod0/recursive/fused{fused}/images8_first{count}"]
    assert_matches(progan_scores(fused, 0, stored["in/images8"][:count]), expected)
