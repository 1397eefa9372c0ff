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
    """R1 every fourth step."""

    interval = 4

    def __call__(self, critic, real, fake, rng):
        return critic.squared_gradient(real) / 2


def loss(name="wasserstein", **weights) -> LossConfig:
    """A loss section."""
    return Config().replace({"loss.name": name, "loss.penalties": weights}).loss


def terms(config):
    """Of D(x) = Σx."""
    real, fake = IMAGES, -IMAGES
    critic = Critic(lambda x, _: tf.reduce_sum(x, axis=[1, 2, 3]), real, fake)
    return Objective(config).discriminator_terms(critic, real, fake, None)


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
            objective.discriminator_terms(critic, IMAGES, IMAGES, None)


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


def test_lazy_penalties_are_left_to_steps_of_their_own():
    options = {"loss.penalty_options.r1.interval": 8}
    objective = Objective(Config(loss=loss(r1=1.0, lazy=1.0, drift=1.0)).replace(options).loss)
    assert [one.name for one in objective.due("d")] == ["drift"]
    assert [one.name for one in objective.due("d", 4)] == ["lazy"]
    assert objective.lazy_intervals("d") == [4, 8]
    assert objective.lazy_intervals("g") == []


def test_penalties_of_the_generator_are_told_from_those_of_the_discriminator():
    objective = Objective(loss(r1=1.0, path_length=2.0))
    assert [one.name for one in objective.due("d")] == ["r1"]
    assert objective.lazy_intervals("g") == [4]
    assert [one.name for one in objective.due("g", 4)] == ["path_length"]
    assert statistics(loss(path_length=2.0))[4:6] == ["path_length_penalty", "path_length"]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [({"r1": 1.0}, (1, 1)), ({"lazy": 1.0}, (4 / 5, 1)), ({"path_length": 2.0}, (1, 4 / 5))],
)
def test_lazy_penalties_correct_the_learning_rate_of_their_network(weights, expected):
    objective = Objective(loss(**weights))
    assert tuple(map(objective.correction, "dg")) == expected


def test_the_correction_is_for_all_steps_of_a_network():
    options = {"loss.penalty_options.r1.interval": 2}
    config = Config(loss=loss(r1=1.0, lazy=1.0)).replace(options).loss
    assert Objective(config).correction("d") == 1 / (1 + 1 / 2 + 1 / 4)


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
