"""Styles per layer: broadcasting, truncation, mixing."""

import numpy as np
import pytest
import tensorflow as tf

import tiny
from compare import assert_close
from stylegan_tf.models import styles

W = tiny.draw(3, 5).numpy()
PER_LAYER = tiny.draw(3, 8, 5).numpy()
W_AVG = tiny.draw(5, seed=1).numpy()


def test_one_w_serves_all_layers():
    broadcast = styles.broadcast(W, 8).numpy()
    assert broadcast.shape == (3, 8, 5)
    assert_close(broadcast, np.repeat(W[:, None], 8, axis=1), 0)


def test_a_w_for_each_layer_is_cut_to_the_layers_in_use():
    assert_close(styles.broadcast(PER_LAYER, 4), PER_LAYER[:, :4], 0)


@pytest.mark.parametrize("psi", [0.7, 0.0, 1.0, -0.5])
@pytest.mark.parametrize("cutoff", [None, 0, 3, 8, 100])
def test_truncation_moves_the_first_layers_towards_the_mean(psi, cutoff):
    factors = np.where(np.arange(8) < (8 if cutoff is None else cutoff), psi, 1.0)
    expected = W_AVG + factors[None, :, None] * (PER_LAYER - W_AVG)
    assert_close(styles.truncate(tf.constant(PER_LAYER), W_AVG, psi, cutoff), expected, 1e-6)


@pytest.mark.parametrize("cutoff", [None, 3])
def test_psi_can_differ_by_image(cutoff):
    psi = tf.constant([0.0, 0.5, 1.0])
    together = styles.truncate(tf.constant(PER_LAYER), W_AVG, psi, cutoff)
    for index, one in enumerate(psi):
        alone = styles.truncate(tf.constant(PER_LAYER[index : index + 1]), W_AVG, one, cutoff)
        assert_close(together[index : index + 1], alone, 1e-6)


def test_a_psi_of_0_makes_all_images_the_mean_one():
    generator = tiny.generator()
    images = generator(tiny.latents(), truncation_psi=0.0, noise="constant")
    mean = generator.synthesis(np.asarray(generator.w_avg)[None], noise="constant")
    assert_close(images, np.repeat(mean, 4, axis=0), 1e-5)


@pytest.mark.parametrize("psi", [1, 1.0])
def test_a_psi_of_1_is_off_even_where_the_mean_is_not_finite(psi):
    generator = tiny.generator()
    before = generator(tiny.latents(), noise="constant")
    generator.w_avg.assign(np.full(5, np.nan))
    assert_close(generator(tiny.latents(), truncation_psi=psi, noise="constant"), before, 1e-6)


@pytest.mark.parametrize("crossover", [0, 1, 4, 8])
def test_mixing_changes_over_at_the_crossover(crossover):
    other = tiny.draw(3, 8, 5, seed=2).numpy()
    mixed = styles.mix(tf.constant(PER_LAYER), tf.constant(other), crossover)
    expected = np.concatenate([PER_LAYER[:, :crossover], other[:, crossover:]], axis=1)
    assert_close(mixed, expected, 0)


def test_crossover_can_differ_by_image():
    other = tiny.draw(3, 8, 5, seed=2)
    mixed = styles.mix(tf.constant(PER_LAYER), other, tf.constant([0, 4, 8]))
    for index, crossover in enumerate([0, 4, 8]):
        alone = styles.mix(tf.constant(PER_LAYER), other, crossover)
        assert_close(mixed[index], alone[index], 0)


def test_coarse_styles_reach_only_layers_after_them():
    """An image of 4×4 depends on the first two styles and no other."""
    generator = tiny.generator()
    w = tiny.draw(2, 6, 5).numpy()
    changed = w.copy()
    changed[:, 2:] += 1
    before, after = (
        generator.synthesis(styles_, noise="constant", resolution=4) for styles_ in (w, changed)
    )
    assert_close(before, after, 1e-6)
    before, after = (generator.synthesis(styles_, noise="constant") for styles_ in (w, changed))
    assert np.abs(before - after).max() > 0.1
