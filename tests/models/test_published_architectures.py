"""The same images as the published networks in the configurations A to F (DESIGN 2.11)."""

import pytest

import published
import rows
from published import LODS, assert_matches

every_storage = pytest.mark.parametrize("fused", [0, 1])
every_lod = pytest.mark.parametrize("lod", LODS)

D = "remove-traditional-input"
WITH_IMAGES = [
    # In the small vectors no network has D's layers.
    pytest.param(row, marks=[pytest.mark.whole_vectors] if row == D else [])
    for row in rows.ROWS
]


@pytest.mark.parametrize("row", rows.ROWS)
def test_w(row):
    z = published.arrays("stylegan32_table1")["in/z"]
    assert_matches(rows.generator(row).mapping(z), rows.w(row))


@every_storage
@pytest.mark.parametrize("lod", [0, 1.3])
@pytest.mark.parametrize("row", WITH_IMAGES)
def test_images(row, lod, fused):
    numbers = rows.numbers(row)
    growing = published.resolution_and_fade(lod)
    synthesis = rows.generator(row, fused).synthesis
    images = synthesis(numbers.latents(), noise="constant", **growing)
    assert_matches(published.nchw(images), numbers.image(lod, fused), numbers.tolerance)


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
