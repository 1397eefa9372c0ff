"""Tries what users add to training before a run directory is made."""

import re
from collections.abc import Callable

import tensorflow as tf

from stylegan_tf.penalties import Critic, Fakes
from stylegan_tf.training import compilation
from stylegan_tf.training.config import Config
from stylegan_tf.training.objective import Objective, is_built_in, make_augmentation
from stylegan_tf.training.random_inputs import RandomStream
from stylegan_tf.training.settings import SettingError

IMAGES = 4  # as many as the published groups of the minibatch standard deviation

Use = Callable[[tf.Tensor, tf.Tensor], list[tf.Tensor]]


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
    images = tf.TensorSpec(_shape(config, channels))
    for name, (part, use) in _parts(config).items():
        if not is_built_in(part):
            _trace(name, use, images)


def choose_xla(config: Config, channels: int) -> tuple[bool, str]:
    """Returns whether XLA compiles the gradients, and a line if it was to and cannot, or "".

    Raises:
        SettingError: if the configuration says that it must, and it cannot.
    """
    if not compilation.is_requested(config):
        return False, ""
    obstacle = _xla_obstacle(config, channels)
    if obstacle and config.xla == "on":
        raise SettingError("xla", f" is on, but {obstacle}; give auto or off")
    return not obstacle, obstacle and f"xla       off: {obstacle}"


def _xla_obstacle(config: Config, channels: int) -> str:
    """Why XLA cannot compile the loss, a penalty or the augmentation here; "" if it can.

    It compiles them and their derivatives once, with a linear function for the discriminator; where
    XLA does not work at all, the first of them says so.
    """
    images = tf.zeros(_shape(config, channels))
    for name, (_, use) in _parts(config).items():
        compiled = tf.function(_with_derivatives(use), jit_compile=True)
        try:
            compiled(images, images)
        except Exception as error:  # whatever XLA or the code of somebody else raises
            return f"XLA does not compile {name} ({_reason(error)})"
    return ""


def _shape(config: Config, channels: int) -> list[int]:
    size = config.schedule.start_resolution
    return [IMAGES, size, size, channels]


def _parts(config: Config) -> dict[str, tuple[object, Use]]:
    """What a user can add, by what it is called, with a function that uses it."""
    objective, augmentation = Objective(config.loss), make_augmentation(config.augment)
    objective.build()
    parts: dict[str, tuple[object, Use]] = {
        f"augmentation {config.augment.name!r}": (augmentation, _augment(augmentation))
    }
    for one in objective.penalties:
        parts[f"penalty {one.name!r}"] = (one.penalty, _penalize(one))
    parts[f"loss {objective.name!r}"] = (objective.loss, _compare(objective))
    return parts


def _with_derivatives(use: Use) -> Use:
    def differentiated(real, fake):
        with tf.GradientTape() as tape:
            tape.watch([real, fake])
            results = use(real, fake)
        gradients = tape.gradient(results, [real, fake], unconnected_gradients="zero")
        return [*results, *gradients]

    return differentiated


def _reason(error: Exception) -> str:
    """What is wrong, in a line: TensorFlow describes the whole graph."""
    if missing := re.search(r"No registered '(\w+)'", str(error)):
        return f"it has no {missing[1]}"
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200]


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
        results = [tf.convert_to_tensor(augmentation(images, rng)) for images in (real, fake)]
        for result, images in zip(results, (real, fake), strict=True):
            shape = result.shape
            if not shape.is_compatible_with(images.shape):
                raise ValueError(
                    f"it gave shape {tuple(shape)}; it must give that of the images, "
                    f"{tuple(images.shape)}"
                )
        return results

    return use


def _penalize(weighted):
    def use(real, fake):
        rng = RandomStream(tf.zeros([2], tf.int64))
        if weighted.network == "g":
            return [weighted.terms(_fakes(fake), rng)[0]]
        return [weighted.terms(_critic(real, fake), real, fake, rng)[0]]

    return use


def _compare(objective: Objective):
    def use(real, fake):
        critic = _critic(real, fake)
        losses = (objective.generator_loss, objective.discriminator_loss)
        return [loss(critic, real, fake) for loss in losses]

    return use


def _fakes(images) -> Fakes:
    """Images times w, which has one number and one layer."""

    def styles(count: int):
        return tf.ones([count, 1, 1]), tf.ones([count, 1])

    return Fakes(styles, lambda w: images[: w.shape[0]] * w[..., None], images.shape[0])


def _critic(real, fake) -> Critic:
    return Critic(lambda images, labels: tf.reduce_mean(images, axis=[1, 2, 3]), real, fake)
