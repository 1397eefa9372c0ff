"""Losses, penalties and augmentations that do not work are refused before a run begins."""

import keras
import pytest
import tensorflow as tf

import stylegan_tf as sg
from stylegan_tf.training.config import Config
from stylegan_tf.training.objective import make_loss, make_penalties
from stylegan_tf.training.rehearsal import rehearse


@sg.losses.register("rehearsed_column")
class Column:
    def generator(self, real_logits, fake_logits):
        return -fake_logits[:, None]

    def discriminator(self, real_logits, fake_logits):
        return fake_logits - real_logits


@sg.losses.register("rehearsed_scalar")
class Scalar(Column):
    def generator(self, real_logits, fake_logits):
        return -fake_logits

    def discriminator(self, real_logits, fake_logits):
        return tf.reduce_mean(fake_logits - real_logits)


@sg.losses.register("rehearsed_raising")
class Raising(Column):
    def generator(self, real_logits, fake_logits):
        return real_logits.nope


@sg.losses.register("rehearsed_branches")
class Branches(Scalar):
    def discriminator(self, real_logits, fake_logits):
        if tf.reduce_mean(real_logits) > 0:  # AutoGraph makes a tf.cond of it, as in a step
            real_logits *= 2.0
        return fake_logits - real_logits


@sg.losses.register("rehearsed_half")
class Half:
    def generator(self, real_logits, fake_logits):
        return -fake_logits


@sg.losses.register("rehearsed_function")
def function(real_logits, fake_logits):
    return fake_logits


@sg.penalties.register("rehearsed_mean")
class Mean:
    def __call__(self, critic, real, fake, rng):
        return tf.reduce_mean(critic.squared_gradient(real))


@sg.penalties.register("rehearsed_never")
class Never(Mean):
    interval = 0


@sg.penalties.register("rehearsed_bright")
class Bright:
    network = "generator"

    def __call__(self, fakes, rng):
        return tf.reduce_mean(fakes.images(2), axis=[1, 2, 3])


@sg.penalties.register("rehearsed_scalar")
class Scalar(Bright):
    def __call__(self, fakes, rng):
        return tf.reduce_mean(fakes.images(2))


@sg.augment.register("rehearsed_crop")
class Crop:
    def __call__(self, images, rng):
        return images[:, 1:-1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"loss.name": "rehearsed_column"},
            r"loss 'rehearsed_column': generator\(\) gave shape \(4, 1\); it must give one number "
            r"an image, \(4,\)",
        ),
        (
            {"loss.name": "rehearsed_scalar"},
            r"loss 'rehearsed_scalar': discriminator\(\) gave shape \(\); .*",
        ),
        ({"loss.name": "rehearsed_raising"}, "loss 'rehearsed_raising': AttributeError: .*nope'"),
        ({"loss.penalties": {"rehearsed_mean": 1.0}}, r"penalty 'rehearsed_mean' gave shape .*"),
        (
            {"loss.penalties": {"rehearsed_scalar": 1.0}},
            r"penalty 'rehearsed_scalar' gave shape \(\); it must give one number an image.*",
        ),
        (
            {"augment.name": "rehearsed_crop"},
            r"augmentation 'rehearsed_crop': it gave shape \(4, 6, 8, 3\); it must give that of "
            r"the images, \(4, 8, 8, 3\)",
        ),
    ],
)
def test_what_does_not_work_is_named_in_one_line(settings, message):
    with pytest.raises(ValueError, match=rf"\A{message}\Z"):
        rehearse(Config().replace(settings), channels=3)


def test_what_works_is_let_through():
    rehearse(Config().replace({"loss.name": "rehearsed_branches"}), channels=1)
    rehearse(Config(), channels=3)
    rehearse(Config().replace({"loss.penalties": {"rehearsed_bright": 1.0}}), channels=3)
    rehearse(Config().replace({"loss.penalties": {"path_length": 1.0}}), channels=3)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rehearsed_half", "loss 'rehearsed_half' has no method discriminator"),
        ("rehearsed_function", "loss 'rehearsed_function': .* must be a class"),
    ],
)
def test_what_is_no_loss_is_refused_by_the_plan(name, message):
    with pytest.raises(ValueError, match=message):
        make_loss(name)


def test_a_penalty_that_is_never_computed_is_refused():
    config = Config().replace({"loss.penalties": {"rehearsed_never": 1.0}})
    with pytest.raises(ValueError, match="'rehearsed_never': interval is 0; it must be 1, 2, …"):
        make_penalties(config.loss)


def test_a_run_that_cannot_begin_leaves_nothing(tmp_path):
    config = Config.preset("cpu").replace({"loss.name": "rehearsed_column", "data.resolution": 8})
    with pytest.raises(ValueError, match="rehearsed_column"):
        sg.training.train(config, outdir=tmp_path, callbacks=keras.callbacks.Callback())
    assert not list(tmp_path.iterdir())
