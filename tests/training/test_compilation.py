"""XLA compiles the gradients of a step, where it is to and can."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import runs
from compare import assert_close
from random_images import RandomImages
from stylegan_tf import losses
from stylegan_tf.training import compilation, strategies
from stylegan_tf.training.config import Config
from stylegan_tf.training.random_inputs import RandomStream
from stylegan_tf.training.rehearsal import choose_xla
from stylegan_tf.training.settings import SettingError


@losses.register("compiled_branches")
class CompiledBranches:
    """A user's loss with an `if` of Python about a tensor, which XLA compiles."""

    def generator(self, real_logits, fake_logits):
        return tf.nn.softplus(-fake_logits)

    def discriminator(self, real_logits, fake_logits):
        if tf.reduce_mean(real_logits) > 1e9:
            real_logits *= 0.0
        return tf.nn.softplus(fake_logits) + tf.nn.softplus(-real_logits)


@losses.register("compiled_never")
class CompiledNever(CompiledBranches):
    """A user's loss that leaves TensorFlow."""

    def generator(self, real_logits, fake_logits):
        return tf.ensure_shape(tf.py_function(lambda x: -x, [fake_logits], tf.float32), [4])


def gradients(xla: bool, label_size: int, number: int, sections) -> list[np.ndarray]:
    """Those of D and of G, and their losses, in a graph of a new step."""
    keras.utils.set_random_seed(0)
    step, _ = runs.step(label_size, **sections)
    step.xla = xla
    batch = next(iter(RandomImages(8, label_size=label_size).batches(batch_size=4)))
    images, labels = batch if isinstance(batch, tuple) else (batch, None)

    @tf.function(autograph=not step.gan.is_built_in)
    def both():
        fade, place = tf.constant(0.5), (8, images, labels, tf.constant(number, tf.int64))
        steps = [step._main_step("d"), step._main_step("g")]
        for interval in step.gan.objective.lazy_intervals("d"):
            steps.append(step._lazy_step("d", interval, 0))
        turns = [compute(*place, fade) for compute in steps]
        parts = ([*one.values, *one.means, *one.sums.values()] for one in turns)
        return [value for part in parts for value in part]

    return [value.numpy() for value in both()]


LAZY = {"loss": {"penalty_options": {"r1": {"interval": 2}}}}
USERS = {"loss": {"name": "compiled_branches", "penalties": {"gradient_penalty": 10.0}}}
# A few with several things each: XLA takes half a minute for two networks, however small.
CASES = {
    "labels, lazy penalty": (3, 0, LAZY, 5e-5),
    "loss of a plugin, random penalty": (0, 0, USERS, 5e-5),
    "float16 with its loss scale": (0, 0, {"precision": "mixed_float16"}, 2e-2),
}


@pytest.mark.slow
@pytest.mark.any_stack  # a whole step on both is below
@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_a_step_without_xla(name):
    """Of biases in front of an instance norm they are rounding alone, and small beside others."""
    label_size, number, sections, tolerance = CASES[name]
    compiled = gradients(True, label_size, number, sections)
    plain = gradients(False, label_size, number, sections)
    largest = max(np.abs(one).max() for one in plain)
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=20 * tolerance, atol=tolerance * largest)


@pytest.mark.slow
def test_a_step_is_traced_once_for_a_resolution():
    """By plain gradient descent a rounding error stays one, far below what a step moves."""
    starts, results = [], []
    for xla in (False, True):
        keras.utils.set_random_seed(0)
        step, networks = runs.step(optimizer={"generator": "SGD", "discriminator": "SGD"})
        step.xla = xla
        starts.append([np.array(one) for one in networks.discriminator.get_weights()])
        iterator = iter(RandomImages(8).batches(batch_size=4))
        for index in range(3):
            step(8, iterator, 4 * index, 0.5, 0.5)
        assert step.compiled[8].experimental_get_tracing_count() == 1
        results.append([*networks.generator.get_weights(), *networks.discriminator.get_weights()])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
    moved = zip(starts[1], results[1][-len(starts[1]) :], strict=True)
    distance = max(np.abs(after - before).max() for before, after in moved)
    assert distance > 30 * 1e-5  # the tolerance above


def test_random_numbers_are_those_outside():
    """By themselves they would be others: XLA has its own order of them."""

    def sample(seed):
        rng = RandomStream(seed)
        return rng.uniform([5]), rng.normal([2, 3]), rng.stream(1).uniform([4], -1.0, 1.0)

    @tf.function
    def compiled(seed):
        rng = RandomStream(seed)

        @tf.function(jit_compile=True)
        def inside():
            return rng.uniform([5]), rng.normal([2, 3]), rng.stream(1).uniform([4], -1.0, 1.0)

        return inside()

    seed = tf.constant([3, 7], tf.int64)
    for one, other in zip(compiled(seed), sample(seed), strict=True):
        assert_close(one, other, 0)


@pytest.mark.parametrize(
    ("xla", "gpus", "expected"),
    [
        ("auto", 1, True),
        ("auto", 0, False),
        ("on", 0, True),
        ("off", 1, False),
    ],
)
def test_auto_is_for_gpus(xla, gpus, expected, monkeypatch):
    monkeypatch.setattr(strategies, "gpus", lambda: gpus)
    config = Config().replace({"xla": xla})
    assert compilation.is_requested(config) == expected
    assert compilation.describe(config).startswith("on" if expected else "off")


def test_what_xla_cannot_compile_is_refused_or_left_alone(monkeypatch):
    config = Config().replace({"loss.name": "compiled_never", "loss.penalties": {}})
    with pytest.raises(SettingError, match="'compiled_never' .it has no EagerPyFunc.; give auto"):
        choose_xla(config.replace({"xla": "on"}), channels=3)
    monkeypatch.setattr(strategies, "gpus", lambda: 1)
    is_compiled, line = choose_xla(config, channels=3)
    assert not is_compiled
    assert line.startswith("xla       off: XLA does not compile loss 'compiled_never'")
    assert "\n" not in line
    assert choose_xla(config.replace({"xla": "off"}), channels=3) == (False, "")


def test_what_it_can_compile_is_compiled():
    settings = {"loss.name": "compiled_branches", "xla": "on"}
    assert choose_xla(Config().replace(settings), channels=1) == (True, "")
