"""Latents and noise from seeds."""

import numpy as np
import pytest
from scipy import stats

from stylegan_tf.latents import noise_from_seeds, parse_seeds, z_from_seeds

SHAPES = [(4, 4), (4, 4), (8, 8)]


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("0", [0]),
        ("0-3", [0, 1, 2, 3]),
        ("0-3,8", [0, 1, 2, 3, 8]),
        ("7, 2 - 3", [7, 2, 3]),
        ("5-5", [5]),
    ],
)
def test_seeds_are_numbers_and_ranges(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "1-", "-3", "1-2-3", "0,", "0..3", "1.5", "3-1"])
def test_other_text_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match="--seeds") as caught:
        parse_seeds(text)
    assert f"--seeds {text}:" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_seed_gives_the_same_latent_in_any_batch():
    together = z_from_seeds([3, 1, 4], 16).numpy()
    for seed, z in zip([3, 1, 4], together, strict=True):
        np.testing.assert_array_equal(z_from_seeds([seed], 16)[0], z)


def test_a_seed_gives_the_same_noise_in_any_batch():
    together = noise_from_seeds([3, 1], SHAPES)
    alone = noise_from_seeds([1], SHAPES)
    assert [image.shape for image in together] == [(2, *shape, 1) for shape in SHAPES]
    for many, one in zip(together, alone, strict=True):
        np.testing.assert_array_equal(many[1], one[0])


def test_z_and_the_noise_of_each_layer_are_not_alike():
    streams = [z_from_seeds([0], 64), *noise_from_seeds([0], [(8, 8)] * 3)]
    correlations = np.corrcoef([np.ravel(stream) for stream in streams])
    assert np.abs(correlations[~np.eye(4, dtype=bool)]).max() < 0.5  # 4 deviations


def test_networks_without_noise_inputs_get_none():
    assert noise_from_seeds([0, 1], []) == []


def test_latents_and_noise_are_normally_distributed():
    z = np.ravel(z_from_seeds(range(64), 64))
    noise = np.ravel(noise_from_seeds(range(8), [(32, 32)])[0])
    for sample in (z, noise):
        assert stats.kstest(sample, "norm").pvalue > 0.01


def test_neighbouring_seeds_are_not_alike():
    z = z_from_seeds(range(32), 256).numpy()
    correlations = np.corrcoef(z)[~np.eye(32, dtype=bool)]
    assert np.abs(correlations).max() < 0.3
