"""The loss with its penalties."""

import numpy as np
import pytest
import tensorflow as tf

from stylegan_tf import losses, penalties
from stylegan_tf.penalties import Critic
from stylegan_tf.training.config import Config, LossConfig
from stylegan_tf.training.objective import Objective, make_penalties, statistics

IMAGES = tf.constant(np.arange(12, dtype=np.float32).reshape([3, 2, 2, 1]))


@losses.register("of_wrong_shape")
class OfWrongShape:
    """Gives a mean."""

    def generator(self, real_logits, fake_logits):
        return tf.reduce_mean(fake_logits)

    discriminator = generator


@penalties.register("of_another_wrong_shape")
class OfAnotherWrongShape:
    """Gives [N, 1]."""

    def __call__(self, critic, real, fake, rng):
        return critic.logits(real)[:, None]


@penalties.register("constant")
class Constant:
    """5 for each image."""

    def __call__(self, critic, real, fake, rng):
        return tf.fill([3], 5.0)


@penalties.register("lazy")
class Lazy:
    """R1 by a critic of its own, every fourth step."""

    interval = 4

    def __call__(self, critic, real, fake, rng):
        return critic.squared_gradient(real) / 2


def loss(name="wasserstein", **weights) -> LossConfig:
    """A loss section."""
    return Config().replace({"loss.name": name, "loss.penalties": weights}).loss


def terms(config, weight=1.0, step=0):
    """Of D(x) = weight · Σx."""
    real, fake = IMAGES, -IMAGES

    def new_critic():
        return Critic(lambda x, _: weight * tf.reduce_sum(x, axis=[1, 2, 3]), real, fake)

    return Objective(config).discriminator_terms(new_critic, real, fake, None, step)


@pytest.mark.parametrize("method", ["generator", "discriminator"])
def test_a_loss_of_the_wrong_shape_is_refused(method):
    message = (
        rf"loss 'of_wrong_shape': {method}\(\) gave shape \(\); .* one number an image, \(3,\)"
    )
    objective = Objective(loss("of_wrong_shape"))
    critic = Critic(lambda x, _: x[:, 0, 0, 0], IMAGES, IMAGES)
    with pytest.raises(ValueError, match=message):
        if method == "generator":
            objective.generator_loss(critic, IMAGES, IMAGES)
        else:
            objective.discriminator_terms(lambda: critic, IMAGES, IMAGES, None, 0)


def test_a_penalty_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"penalty 'of_another_wrong_shape' gave shape \(3, 1\)"):
        terms(loss(of_another_wrong_shape=1.0))


def test_weighted_penalties_are_added_to_the_loss():
    plain = terms(loss())["loss_d"]
    result = terms(loss(constant=0.5, r1=2.0))
    np.testing.assert_allclose(result["constant"], 2.5)
    np.testing.assert_allclose(result["r1"], 4.0)  # 2 · ‖∇D‖² / 2 of four pixels
    np.testing.assert_allclose(result["loss_d"], plain + 6.5)


def test_the_log_has_each_penalty_by_its_name_and_drift_as_a_logit():
    weights = {"gradient_penalty": 1.0, "drift": 1.0, "constant": 1.0, "r2": 1.0, "r1": 1.0}
    names = statistics(loss(**weights))
    expected = ["loss_g", "loss_d", "real_logit", "fake_logit", "r1", "r2", "gp", "constant"]
    assert names == [*expected, "skipped"]


def test_the_order_in_a_configuration_does_not_matter():
    assert list(make_penalties(loss(drift=1.0, r1=1.0))) == ["r1", "drift"]


@pytest.mark.parametrize("name", ["lazy", "r1"])
@pytest.mark.parametrize("is_compiled", [False, True])
def test_a_lazy_penalty_is_computed_in_every_fourth_step_times_four(is_compiled, name):
    weight = tf.Variable(3.0)
    options = {"loss.penalty_options.r1.interval": 4} if name == "r1" else {}
    config = Config(loss=loss(**{name: 0.5})).replace(options).loss

    def gradient(step):
        with tf.GradientTape() as tape:
            value = terms(config, weight, step)[name]
        return tf.reduce_sum(value), tape.gradient(value, weight, unconnected_gradients="zero")

    gradient = tf.function(gradient) if is_compiled else gradient
    for step in range(6):
        # Three images of four pixels: 0.5 · 4 · (4 · w² / 2) each, and its derivative.
        expected = (3 * 4 * 9.0, 3 * 8 * 3.0) if step % 4 == 0 else (0, 0)
        np.testing.assert_allclose(gradient(tf.constant(step, tf.int64)), expected)


@penalties.register("not_made")
def not_made():
    """A function, where a class is to be."""


def test_what_makes_no_penalty_is_refused_with_an_interval_too():
    options = {"loss.penalty_options.not_made.interval": 4}
    config = Config(loss=loss(not_made=1.0)).replace(options)
    with pytest.raises(ValueError, match=r"loss.penalty_options.not_made: .*'interval'"):
        make_penalties(config.loss)


def test_options_reach_the_penalty():
    config = Config().replace(
        {
            "loss.name": "wgan_gp",
            "loss.penalty_options.gradient_penalty.target": 750,
        }
    )
    assert make_penalties(config.loss)["gradient_penalty"].target == 750


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("gradient_penalty.aim", "loss.penalty_options.gradient_penalty: .*'aim'"),
        ("r1.target", "given for r1, but the penalties in effect are gradient_penalty, drift"),
    ],
)
def test_options_that_nothing_takes_are_refused(key, reason):
    config = Config().replace({"loss.name": "wgan_gp", f"loss.penalty_options.{key}": 1})
    with pytest.raises(ValueError, match=reason):
        make_penalties(config.loss)
