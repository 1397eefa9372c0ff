"""The same images and scores as the published StyleGAN, from the same weights."""

import numpy as np
import pytest

import published
from published import LODS, assert_matches

SETS = {"stylegan8": 8, "stylegan32": 32}  # resolution; the first is in this repository
CASES = [("stylegan8", lod) for lod in (0, 1)] + [("stylegan32", lod) for lod in LODS]

every_set = pytest.mark.parametrize("name", SETS)
every_lod = pytest.mark.parametrize(("name", "lod"), CASES)
# Convolutions that were fused with resampling are stored flipped (DESIGN 2.8).
every_storage = pytest.mark.parametrize("fused", [0, 1])

TRUNCATIONS = {
    "off": {},
    "default": {"truncation_psi": 0.7, "truncation_cutoff": 8},
    "psi0.7_cut8": {"truncation_psi": 0.7},  # 8 layers are all of them
    "psi0.7_cut4": {"truncation_psi": 0.7, "truncation_cutoff": 4},
    # Published code without a cutoff truncates nothing; ours would truncate all layers.
    "psi0.7_cutNone": {"truncation_psi": 0.7, "truncation_cutoff": 0},
    "is_validation": {},
    "psi-0.5_cut3": {"truncation_psi": -0.5, "truncation_cutoff": 3},
    "psi0_cut100": {"truncation_psi": 0.0, "truncation_cutoff": 100},
}


def images_of(name, fused=0, lod=0, noise="constant", **arguments):
    """Ours for the stored z, as the published ones: NCHW at the full resolution."""
    full = SETS[name]
    generator = published.generator(name, fused=fused, resolution=full)
    growing = published.resolution_and_fade(lod, full)
    z = published.arrays(name)["in/z"]
    return published.nchw(generator(z, noise=noise, **growing, **arguments), full)


def scores(name, kind, lod, fused=0, images=slice(None), **arguments):
    """Ours of the stored images, `"fakes"` or `"images8"`."""
    full = SETS[name]
    discriminator = published.discriminator(name, resolution=full, **arguments)
    stored = published.arrays(name)
    shown = stored["in/images8"]
    if kind == "fakes":
        shown = stored[f"out/img/lod{lod:g}/recursive/fused{fused}/off"]
        shown = published.completed(shown, images_of(name, fused, lod))
    growing = published.resolution_and_fade(lod, full)
    shown = published.nhwc(shown[images], growing["resolution"])
    return discriminator(shown, **growing)


@every_set
def test_w(name):
    stored = published.arrays(name)
    generator = published.generator(name, resolution=SETS[name])
    assert_matches(generator.mapping(stored["in/z"]), stored["out/w_nobroadcast"])


@every_storage
@every_lod
@pytest.mark.parametrize("truncation", ["off", "psi0.7_cut8"])
def test_images(name, lod, truncation, fused):
    stored = published.arrays(name)[f"out/img/lod{lod:g}/recursive/fused{fused}/{truncation}"]
    assert_matches(images_of(name, fused, lod, **TRUNCATIONS[truncation]), stored)


@pytest.mark.parametrize("truncation", TRUNCATIONS)
def test_truncation(truncation):
    stored = published.arrays("stylegan32")[f"out/img/lod0/recursive/fused1/{truncation}"]
    assert_matches(images_of("stylegan32", 1, **TRUNCATIONS[truncation]), stored)


def test_defaults_of_the_published_generator_are_a_psi_of_0_7():
    stored = published.arrays("stylegan32")["out/img_autofused_default_kwargs"]
    assert_matches(images_of("stylegan32", truncation_psi=0.7, truncation_cutoff=8), stored)


def test_images_of_one_w_a_layer():
    stored = published.arrays("stylegan32")
    w, expected = stored["in/w_mixed"], stored["out/img_w_mixed"]
    ours = published.generator("stylegan32").synthesis(w, noise="constant")
    assert_matches(published.nchw(ours), expected)


def test_images_with_the_noise_that_was_drawn():
    stored = published.arrays("stylegan32")
    drawn = [stored[f"out/img_randnoise_rnd/{i:02d}_apply_noise_normal"] for i in range(8)]
    noise = [image.transpose(0, 2, 3, 1) for image in drawn]
    assert_matches(images_of("stylegan32", noise=noise), stored["out/img_randnoise"])


@every_storage
@every_lod
@pytest.mark.parametrize("kind", ["fakes", "images8"])
def test_scores(name, lod, kind, fused):
    """Down-convolutions are stored alike, fused or not."""
    stored = published.arrays(name)[f"out/scores/lod{lod:g}/recursive/fused{fused}/{kind}"]
    assert_matches(scores(name, kind, lod, fused), stored)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_scores_of_a_batch_below_the_group_size(count):
    stored = published.arrays("stylegan32")
    expected = stored[f"out/scores/lod0/recursive/fused0/images8_first{count}"]
    assert_matches(scores("stylegan32", "images8", 0, images=slice(count)), expected)


@pytest.mark.parametrize(
    ("option", "arguments"),
    [("mbstd_group2", {"mbstd_group_size": 2}), ("noblur", {"config": "a"})],
)
def test_scores_with_options(option, arguments):
    expected = published.arrays("stylegan32")[f"out/scores_opts/{option}"]
    assert_matches(scores("stylegan32", "images8", 0, **arguments), expected)


def test_the_storages_differ():
    """A check of the checks: forgetting to flip would show."""
    images = published.arrays("stylegan8")
    first, second = (images[f"out/img/lod0/recursive/fused{i}/off"] for i in (0, 1))
    assert np.abs(first - second).max() > 0.1
