"""Tries what users add to training before a run directory is made."""

from collections.abc import Callable

import tensorflow as tf

from stylegan_tf.penalties import Critic, Fakes
from stylegan_tf.training.config import Config
from stylegan_tf.training.objective import Objective, is_built_in, make_augmentation
from stylegan_tf.training.random_inputs import RandomStream

IMAGES = 4  # as many as the published groups of the minibatch standard deviation


def rehearse(config: Config, channels: int) -> None:
    """Traces the loss, the penalties and the augmentation of a configuration once.

    Linear functions stand in for the networks. Without this an error in one of them would
    come from the first step, within TensorFlow's description of the graph.

    Args:
        config: the configuration.
        channels: of the images.

    Raises:
        ValueError: if one of them raises, or returns another shape than it must.
    """
    size = config.schedule.start_resolution
    images = tf.TensorSpec([IMAGES, size, size, channels])
    objective, augmentation = Objective(config.loss), make_augmentation(config.augment)
    objective.build()
    parts: dict[str, tuple[object, Callable[..., None]]] = {
        f"augmentation {config.augment.name!r}": (augmentation, _augment(augmentation))
    }
    for one in objective.penalties:
        parts[f"penalty {one.name!r}"] = (one.penalty, _penalize(one))
    parts[f"loss {objective.name!r}"] = (objective.loss, _compare(objective))
    for name, (part, use) in parts.items():
        if not is_built_in(part):
            _trace(name, use, images)


def _trace(name: str, use, images: tf.TensorSpec) -> None:
    try:
        tf.function(use).get_concrete_function(images, images)
    except Exception as error:  # whatever the code of somebody else raises
        # AutoGraph puts the lines of code in front.
        reason = str(error).strip().splitlines()[-1].strip()
        kind = type(error).__name__
        reason = reason.removeprefix("ValueError: ").removeprefix(f"{kind}: ")
        shown = reason if isinstance(error, ValueError) else f"{kind}: {reason}"
        raise ValueError(shown if name in shown else f"{name}: {shown}") from error


def _augment(augmentation):
    def use(real, fake):
        rng = RandomStream(tf.zeros([2], tf.int64))
        for images in (real, fake):
            shape = tf.convert_to_tensor(augmentation(images, rng)).shape
            if not shape.is_compatible_with(images.shape):
                raise ValueError(
                    f"it gave shape {tuple(shape)}; it must give that of the images, "
                    f"{tuple(images.shape)}"
                )

    return use


def _penalize(weighted):
    def use(real, fake):
        rng = RandomStream(tf.zeros([2], tf.int64))
        if weighted.network == "g":
            weighted.terms(_fakes(fake), rng)
        else:
            weighted.terms(_critic(real, fake), real, fake, rng)

    return use


def _compare(objective: Objective):
    def use(real, fake):
        critic = _critic(real, fake)
        objective.generator_loss(critic, real, fake)
        objective.discriminator_loss(critic, real, fake)

    return use


def _fakes(images) -> Fakes:
    """Images times w, which has one number and one layer."""

    def styles(count: int):
        return tf.ones([count, 1, 1]), tf.ones([count, 1])

    return Fakes(styles, lambda w: images[: w.shape[0]] * w[..., None], images.shape[0])


def _critic(real, fake) -> Critic:
    return Critic(lambda images, labels: tf.reduce_mean(images, axis=[1, 2, 3]), real, fake)
