"""Gradients in float16, of first and second order: those of float32 though they are small."""

import importlib

import numpy as np
import pytest
import tensorflow as tf

import runs
import tiny
from stylegan_tf import penalties
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models import synthesis
from stylegan_tf.training.gan import GAN
from stylegan_tf.training.networks import precision_policy
from stylegan_tf.training.optimizers import START_SCALE

TOLERANCE = 2.0**-6  # float16 rounds by up to 2^-11, in a dozen layers and back and sums of pixels
# Multiplies the last weights of D: its gradients by pixels are then about 3e-7.
SMALL = 1e-4
# Here they are about 3e-11. float16 has nothing between 2^-24 and 0: below 2^-25 all that is stored
# in it is 0, however precisely a CPU's kernels compute in between.
VANISHING = 1e-8
PENALTIES = {"r1": "r1", "wgan_gp": "gradient_penalty"}
WEIGHT = 10.0
# Near the largest without overflow, where a run would come to: R1 is quadratic in such gradients.
SCALES = {"r1": 2.0**26, "wgan_gp": 2.0**20}
every_penalty = pytest.mark.parametrize("penalty", PENALTIES)
every_network = pytest.mark.parametrize("letter", "DG")
every_loss = pytest.mark.parametrize("name", ["logistic_ns", "wgan_gp"])


@pytest.fixture(autouse=True)
def float16_in_small_blocks(monkeypatch):
    """The generator begins with it above 4×4."""
    monkeypatch.setattr(synthesis, "FLOAT32_MAX_RESOLUTION", 4)


@pytest.fixture
def smooth(monkeypatch):
    """Leaky ReLUs without a kink: on its other side one rounded value changes a gradient by 80%."""

    def rounded_off(x):
        slope, rest = (tf.constant(value, x.dtype) for value in (0.2, 0.8))
        return slope * x + rest * tf.nn.softplus(x)

    monkeypatch.setenv("STYLEGAN_TF_OPS", "reference")
    for name in ("bias_act", "style_epilogue"):
        module = importlib.import_module(f"stylegan_tf.ops.{name}")
        monkeypatch.setattr(module, "leaky_relu", rounded_off)


def discriminator(policy, last):
    """D at 16×16 with the same weights every time, of which the last are multiplied by `last`."""
    with precision_policy(policy):
        network = tiny.discriminator()
    kernel = tf_variable(network.dense1.kernel)
    kernel.assign(last * kernel)
    return network


def gan(policy, last, **loss):
    """The same G and D every time."""
    with precision_policy(policy):
        generator = tiny.generator()
    return GAN(generator, discriminator(policy, last), runs.config(loss=loss))


class Nowhere:
    """Random numbers for a gradient penalty at the reals."""

    @staticmethod
    def uniform(shape):
        return tf.zeros(shape)


def penalty_gradients(network, penalty, inner=None, outer=None):
    """Of a penalty alone, with a loss scale for the gradient inside it and one for its own."""
    variables = [tf_variable(variable) for variable in network.trainable_variables]
    images = tiny.draw(4, 16, 16, 3)
    with tf.GradientTape() as tape:
        critic = penalties.Critic(network, images, images, loss_scale=inner)
        value = penalties.get(PENALTIES[penalty])()(critic, images, images, Nowhere())
        target = tf.reduce_mean(WEIGHT * value)
    result = tape.gradient(target, variables, outer, unconnected_gradients="zero")
    return [gradient / (1.0 if outer is None else outer) for gradient in result]


def step_gradients(networks: GAN, letter, loss_scale=None):
    """Of the loss of D or G at 16×16, by its variables."""
    inputs, reals = networks.sample_inputs(0, 0, 4, 16), tiny.draw(4, 16, 16, 3)
    arguments = (inputs, reals, None, tf.constant(0.5), 16, 1.0, loss_scale)
    if letter == "G":
        return networks.generator_gradients(*arguments).values
    return networks.discriminator_gradients(*arguments).values


def errors(result, expected) -> np.ndarray:
    """The length of the difference over that of the gradient, for each variable that has one."""
    return np.array(
        [
            np.linalg.norm(one - other) / np.linalg.norm(other)
            for one, other in zip(result, expected, strict=True)
            if np.any(other)
        ]
    )


@every_penalty
def test_penalties_of_small_gradients(penalty, smooth):
    expected = penalty_gradients(discriminator("float32", SMALL), penalty)
    scale = tf.constant(SCALES[penalty])
    result = penalty_gradients(discriminator("mixed_float16", SMALL), penalty, scale, scale)
    assert errors(result, expected).max() < TOLERANCE


@every_penalty
@pytest.mark.parametrize("is_scaled", [False, True])
def test_penalties_are_lost_without_a_scale_of_the_gradient_inside(penalty, is_scaled, smooth):
    """Even if the loss is scaled, as by Keras' LossScaleOptimizer."""
    expected = penalty_gradients(discriminator("float32", VANISHING), penalty)
    outer = tf.constant(SCALES[penalty]) if is_scaled else None
    result = penalty_gradients(discriminator("mixed_float16", VANISHING), penalty, None, outer)
    assert not errors(result, expected).max() < 0.99  # 1: all of it is lost


@every_network
@every_loss
def test_small_gradients_of_a_step(letter, name, smooth):
    expected = step_gradients(gan("float32", SMALL, name=name), letter)
    half = gan("mixed_float16", SMALL, name=name)
    result = step_gradients(half, letter, tf.constant(START_SCALE))
    assert 0 < errors(result, expected).max() < TOLERANCE


@every_network
@every_loss
def test_gradients_of_a_step_are_lost_without_a_scale(letter, name, smooth):
    expected = step_gradients(gan("float32", VANISHING, name=name), letter)
    result = step_gradients(gan("mixed_float16", VANISHING, name=name), letter)
    assert errors(result, expected).max() > 0.99


@every_network
@every_loss
def test_gradients_of_a_step_with_leaky_relus(letter, name):
    """About 2^-11 of the values change sides: √(2^-11) = 2% of a gradient, more in few pixels."""
    expected = step_gradients(gan("float32", 0.1, name=name), letter)
    result = step_gradients(gan("mixed_float16", 0.1, name=name), letter, tf.constant(2.0**10))
    assert np.sqrt(np.mean(errors(result, expected) ** 2)) < 0.15


@every_network
@pytest.mark.parametrize(
    "loss",
    [{"name": "logistic_ns", "penalties.r2": 3.0}, {"name": "wgan_gp"}, {"name": "hinge_gp"}],
    ids=lambda loss: loss["name"],
)
def test_a_scale_changes_nothing_but_rounding(letter, loss, smooth):
    """In float32, where none is needed."""
    single = gan("float32", 1.0, **loss)
    expected = step_gradients(single, letter)
    result = step_gradients(single, letter, tf.constant(START_SCALE))
    assert errors(result, expected).max() < 1e-5


def test_both_gradients_of_a_penalty_get_the_same_factor():
    """D(x) = a·x: s · ∇D in the first backward pass, S · r · ∇D / s in that of the penalty."""
    a, ratio, loss_scale = tf.Variable(3e-5), 1 / 16, tf.constant(2.0**12)
    seen = []

    @tf.custom_gradient
    def noted(dy):
        def again(ddy):
            seen.extend([dy, ddy])
            return ddy

        return dy, again

    @tf.custom_gradient
    def through(x):
        return x, noted

    def discriminator(x, labels):
        return tf.reshape(a * through(x), [1, 1])

    with tf.GradientTape() as tape:
        pixel = tf.ones([1, 1, 1, 1])
        critic = penalties.Critic(discriminator, pixel, pixel, scale=ratio, loss_scale=loss_scale)
        penalty = tf.reduce_sum(penalties.get("r1")()(critic, pixel, pixel, None))
    result = tape.gradient(penalty, a, loss_scale) / loss_scale
    assert float(result) == pytest.approx(3e-5 / 16, rel=1e-6)
    assert np.ravel(seen) == pytest.approx([3e-5 * 16] * 2, rel=1e-6)  # 16 = √(2^12 / 16)
