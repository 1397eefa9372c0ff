"""Whole networks on the compiled ops and on plain TensorFlow: the same numbers."""

import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
from compare import assert_close
from op_cases import NO_COMPILED
from stylegan_tf import penalties
from stylegan_tf.backend_compat import tf_variable
from tiny import discriminator, draw, generator, latents

pytestmark = NO_COMPILED
ARCHITECTURES = pytest.mark.parametrize("architecture", list("abcdef"))


@pytest.fixture
def both(monkeypatch):
    """Runs a function with the compiled ops, then with the plain ones."""

    def run(function):
        results = []
        for implementation in ("compiled", "reference"):
            monkeypatch.setenv("STYLEGAN_TF_OPS", implementation)
            results.append(tf.function(function, autograph=False)())
        return results

    return run


@ARCHITECTURES
def test_images_and_their_gradients(architecture, both):
    network = generator(architecture=architecture)
    variables = [tf_variable(weight) for weight in network.trainable_variables]

    def run():
        with tf.GradientTape() as tape:
            images = network(latents(), noise="constant", fade=0.4)
            total = tf.reduce_sum(images * draw(*images.shape, seed=1))
        zero = tf.UnconnectedGradients.ZERO
        return images, *tape.gradient(total, variables, unconnected_gradients=zero)

    (images, *gradients), (expected, *expected_gradients) = both(run)
    assert_close(images, expected, 2e-5)
    # Those of a bias before a normalization are sums that cancel: the scale is that of them all.
    gradients, expected_gradients = (
        np.concatenate([np.ravel(one) for one in all_]) for all_ in (gradients, expected_gradients)
    )
    assert_close(gradients, expected_gradients, 2e-5)


@pytest.mark.parametrize("penalty", ["r1", "wgan_gp"])
@pytest.mark.parametrize("architecture", ["a", "f"])
def test_penalties_and_their_gradients(architecture, penalty, both):
    network = discriminator(architecture=architecture)
    variables = [tf_variable(weight) for weight in network.trainable_variables]
    batch = draw(4, 16, 16, 3)

    def run():
        with tf.GradientTape() as tape:
            critic = penalties.Critic(
                lambda images, labels: network(images, fade=0.4), batch, batch
            )
            squared = critic.squared_gradient(batch)
            value = squared / 2 if penalty == "r1" else tf.square(tf.sqrt(squared) - 1)
            total = tf.reduce_mean(10 * value + critic.logits(batch))
        zero = tf.UnconnectedGradients.ZERO
        return total, *tape.gradient(total, variables, unconnected_gradients=zero)

    for one, other in zip(*both(run), strict=True):
        assert_close(one, other, 3e-5)


def test_a_saved_network_runs_on_either(both, tmp_path):
    network = generator()
    network.save(tmp_path / "g.keras")

    def run():
        return sg.load(tmp_path / "g.keras")(latents(), noise="constant")

    expected = network(latents(), noise="constant")
    for images in (run(), *both(lambda: network(latents(), noise="constant"))):
        assert_close(images, expected, 2e-5)
