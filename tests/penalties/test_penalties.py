"""Penalties of a critic whose gradient is known: D(x) = a/2 · Σx², ∇D = a·x."""

import numpy as np
import pytest
import tensorflow as tf

from stylegan_tf import penalties
from stylegan_tf.penalties import Critic

A = 3.0
SHAPE = [4, 2, 2, 3]
REAL, FAKE = np.random.default_rng(0).standard_normal([2, *SHAPE]).astype(np.float32)
ALPHA = np.array([0, 0.25, 0.5, 1], np.float32).reshape([4, 1, 1, 1])


class Numbers:
    """Gives `ALPHA`."""

    def uniform(self, shape):
        assert list(shape) == [4, 1, 1, 1]
        return tf.constant(ALPHA)


def squares(images, labels):
    """D, [N, 1]."""
    return tf.reduce_sum(A / 2 * tf.square(images), axis=[1, 2, 3])[:, None]


def squared_norm(x):
    """‖∇D‖² at images."""
    return (A**2 * x.astype(np.float64) ** 2).sum(axis=(1, 2, 3))


def penalty(name, discriminator=squares, **options):
    """Of each image."""
    real, fake = tf.constant(REAL), tf.constant(FAKE)
    critic = Critic(discriminator, real, fake)
    return penalties.get(name)(**options)(critic, real, fake, Numbers()).numpy()


def test_r1_is_half_the_squared_gradient_at_reals():
    np.testing.assert_allclose(penalty("r1"), squared_norm(REAL) / 2, rtol=1e-5)


def test_r2_is_half_the_squared_gradient_at_fakes():
    np.testing.assert_allclose(penalty("r2"), squared_norm(FAKE) / 2, rtol=1e-5)


@pytest.mark.parametrize("loss_scale", [None, 8.0])
def test_r1_is_0_where_logits_do_not_depend_on_images(loss_scale):
    real, fake = tf.constant(REAL), tf.constant(FAKE)
    scale = loss_scale and tf.constant(loss_scale)
    critic = Critic(lambda x, _: tf.ones([len(x)]), real, fake, loss_scale=scale)
    np.testing.assert_array_equal(penalties.get("r1")()(critic, real, fake, Numbers()), np.zeros(4))


@pytest.mark.parametrize("target", [1.0, 7.5])
def test_the_gradient_penalty_is_of_lengths_on_the_lines_between(target):
    lengths = np.sqrt(squared_norm(REAL + (FAKE - REAL) * ALPHA))
    expected = (lengths / target - 1) ** 2
    np.testing.assert_allclose(penalty("gradient_penalty", target=target), expected, rtol=1e-4)


def test_the_gradient_penalty_of_a_constant_has_a_gradient():
    weight, real, fake = tf.Variable(0.0), tf.constant(REAL), tf.constant(FAKE)
    with tf.GradientTape() as tape:
        critic = Critic(lambda x, _: weight * tf.reduce_sum(x, axis=[1, 2, 3]), real, fake)
        value = penalties.get("gradient_penalty")()(critic, real, fake, Numbers())
    assert np.isfinite(tape.gradient(value, weight))


def test_a_target_of_0_is_refused():
    with pytest.raises(ValueError, match="target is 0"):
        penalty("gradient_penalty", target=0)


def test_drift_is_the_squared_logit_of_reals():
    np.testing.assert_allclose(penalty("drift"), squares(REAL, None)[:, 0] ** 2, rtol=1e-5)


def test_images_below_the_full_resolution_count_as_ones_that_repeat_pixels():
    real = tf.constant(REAL)
    critic = Critic(squares, real, real, scale=1 / 16)
    np.testing.assert_allclose(critic.squared_gradient(real), squared_norm(REAL) / 16, rtol=1e-5)


def test_a_loss_scale_changes_nothing_but_rounding():
    real = tf.constant(REAL)
    critic = Critic(squares, real, real, scale=0.25, loss_scale=tf.constant(2.0**15))
    np.testing.assert_allclose(critic.squared_gradient(real), squared_norm(REAL) / 4, rtol=1e-5)


@pytest.fixture
def evaluated():
    """A critic, its images, and which of them D has seen with which labels."""
    images = {name: tf.constant(REAL) for name in ("real", "fake", "other")}
    seen = []

    def discriminator(given, labels):
        (name,) = [name for name, one in images.items() if one is given]
        seen.append((name, labels))
        return squares(given, labels)

    critic = Critic(discriminator, images["real"], images["fake"], "r", "f")
    return critic, images, seen


def test_logits_are_computed_once(evaluated):
    critic, images, seen = evaluated
    critic.squared_gradient(images["real"])
    for _ in range(2):
        critic.logits(images["real"])
        critic.logits(images["fake"])
    assert seen == [("real", "r"), ("fake", "f")]


def test_a_call_computes_anew_and_the_loss_takes_what_it_computed(evaluated):
    critic, images, seen = evaluated
    critic.logits(images["real"])
    logits = critic(images["real"])
    assert len(seen) == 2
    assert critic.logits(images["real"]) is logits
    assert logits.shape == [4]


def test_reals_have_their_labels_and_all_others_those_of_fakes(evaluated):
    critic, images, seen = evaluated
    for one in images.values():
        critic(one)
    assert seen == [("real", "r"), ("fake", "f"), ("other", "f")]


@pytest.mark.parametrize("name", ["fake", "other"])
def test_reals_come_first(evaluated, name):
    critic, images, seen = evaluated
    critic(images[name])
    assert [label for label, _ in seen] == ["real", "fake", "other"][: 2 + (name == "other")]


def test_a_tape_around_a_call_sees_it(evaluated):
    critic, images, _ = evaluated
    real = images["real"]
    with tf.GradientTape() as tape:
        tape.watch(real)
        logits = critic(real)
    np.testing.assert_allclose(tape.gradient(logits, real), A * REAL, rtol=1e-6)
