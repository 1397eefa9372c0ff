"""One training step: of every configuration, loss and precision, and when a gradient breaks."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import runs
from random_images import RandomImages
from stylegan_tf import losses
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models.architectures import ARCHITECTURES
from stylegan_tf.training.gan import GAN
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.optimizers import state

# The arguments of a mapping network, for networks that have none.


def take(step, index=0, fade=0.5, label_size=0, number=0) -> dict[str, float]:
    """Takes a step at 8×8, uncompiled; `number` steps were taken before."""
    batch = next(iter(RandomImages(8, label_size=label_size).batches(batch_size=4)))
    stats = step.pair(8, batch, index, tf.constant(fade), 0.5, number)
    return {name: float(value) for name, value in stats.items()}


def weights(network) -> list[np.ndarray]:
    """Copies of all weights."""
    return [np.array(value) for value in network.get_weights()]


def moved(before, after) -> list[bool]:
    """Which weights changed."""
    return [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


def assert_learns(label_size=0, **sections):
    """Both networks and the average move by a step, and everything stays finite."""
    step, networks = runs.step(label_size, **sections)
    models = (networks.generator, networks.discriminator, networks.generator_ema)
    before = [weights(model) for model in models]
    stats = take(step, label_size=label_size)
    assert stats.keys() == set(statistics(runs.config(**sections).loss))
    assert all(map(np.isfinite, stats.values()))
    assert stats["skipped"] == 0
    for model, old in zip(models, before, strict=True):
        new = weights(model)
        assert any(moved(old, new)), model.name
        assert all(np.isfinite(value).all() for value in new)


@pytest.mark.parametrize("letter", ARCHITECTURES)
def test_every_configuration_learns(letter):
    assert_learns(generator=runs.generator_of(letter))


@pytest.mark.parametrize("name", ["wgan_gp", "hinge", "least_squares", "relativistic"])
def test_every_loss_learns(name):
    assert_learns(loss={"name": name})


def test_r2_learns():
    assert_learns(loss={"penalties": {"r2": 5.0}})


def test_bfloat16_learns():
    assert_learns(precision="mixed_bfloat16")


def test_float16_learns():
    assert_learns(precision="mixed_float16")


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_a_dcgan_learns_in_half_precision(precision):
    assert_learns(precision=precision, generator=runs.generator_of("dcgan"))


@pytest.mark.parametrize("architecture", ["gan", "dcgan"])
def test_networks_without_w_learn_labels(architecture):
    assert_learns(label_size=3, generator=runs.generator_of(architecture))


@losses.register("branching")
class Branching:
    """A user's loss with an `if` of Python about a tensor."""

    def generator(self, real_logits, fake_logits):
        return -fake_logits

    def discriminator(self, real_logits, fake_logits):
        if tf.reduce_mean(real_logits) > 1e9:
            real_logits *= 0.0
        return fake_logits - real_logits


@pytest.mark.slow
def test_python_branches_of_users_parts_are_compiled():
    """With the images of either step the branch is not taken: the loss is Wasserstein's."""
    results = []
    for name in ("branching", "wasserstein"):
        keras.utils.set_random_seed(0)
        step, _ = runs.step(loss={"name": name, "penalties": {"r1": 1.0}})
        iterator = iter(RandomImages(8).batches(batch_size=4))
        results.append(float(step(8, iterator, 0, 0.5, 0.5)["loss_d"]))
    assert results[0] == results[1]


def test_labels_are_learned_from():
    assert_learns(label_size=3)


def test_the_first_step_of_adam_moves_every_weight_by_the_learning_rate():
    step, networks = runs.step()
    before = weights(networks.discriminator)
    take(step)
    differences = zip(before, weights(networks.discriminator), strict=True)
    distances = np.concatenate([np.ravel(np.abs(b - a)) for a, b in differences])
    assert np.median(distances) == pytest.approx(0.002, rel=1e-3)
    assert distances.max() < 0.00201


def test_the_average_goes_half_way_to_the_generator_as_it_was_before_its_step():
    step, networks = runs.step()

    def copies(model):
        return [tf_variable(variable).numpy() for variable in model.trainable_variables]

    start = copies(networks.generator)
    take(step)
    before, average = copies(networks.generator), copies(networks.generator_ema)
    assert not any(moved(start, average))
    take(step, index=1)
    for old, new, now in zip(average, before, copies(networks.generator_ema), strict=True):
        np.testing.assert_allclose(now, (old + new) / 2, rtol=1e-5, atol=1e-7)


def test_w_avg_moves_to_the_mean_of_w_twice_a_step():
    step, networks = runs.step()
    generator = networks.generator
    inputs = [step.gan.sample_inputs(7, network, 4, 8) for network in (0, 1)]
    means = [generator.mapping(one.z).numpy().mean(axis=0) for one in inputs]
    take(step, index=7)
    expected = 0.995 * (0.005 * means[0]) + 0.005 * means[1]
    np.testing.assert_allclose(generator.w_avg.numpy(), expected, rtol=1e-4, atol=1e-7)


class Poisoned(GAN):
    """Makes the gradients of one network not finite, D or G."""

    poisoned = ""

    def discriminator_gradients(self, inputs, reals, labels, fade, resolution, scale, *others):
        scale *= np.nan if self.poisoned == "D" else 1
        return super().discriminator_gradients(
            inputs, reals, labels, fade, resolution, scale, *others
        )

    def generator_gradients(self, inputs, reals, labels, fade, resolution, scale, *others):
        scale *= np.inf if self.poisoned == "G" else 1
        return super().generator_gradients(inputs, reals, labels, fade, resolution, scale, *others)


@pytest.fixture(scope="module")
def poisonable():
    """A step whose gradients can be broken, after a good one."""
    made = runs.step(gan=Poisoned)
    take(made[0])
    return made


@pytest.mark.parametrize("poisoned", ["D", "G"])
def test_a_gradient_that_is_not_finite_leaves_out_the_update_of_that_network(poisonable, poisoned):
    step, networks = poisonable
    optimizers = {"D": networks.discriminator_optimizer, "G": networks.generator_optimizer}
    models = {"D": networks.discriminator, "G": networks.generator}

    def everything(letter):
        variables = [*models[letter].trainable_variables, *state(optimizers[letter])]
        return [tf_variable(variable).numpy() for variable in variables]

    before = {letter: everything(letter) for letter in "DG"}
    step.gan.poisoned = poisoned
    stats = take(step, index=1)
    step.gan.poisoned = ""
    assert stats["skipped"] == 1
    for letter in "DG":
        changed = any(moved(before[letter], everything(letter)))
        assert changed == (letter != poisoned)
    assert take(step, index=2)["skipped"] == 0
    assert any(moved(before[poisoned], everything(poisoned)))


LAZY = {"penalties": {"r1": 2.0, "path_length": 2.0}, "penalty_options": {"r1": {"interval": 2}}}


@pytest.fixture(scope="module")
def lazy():
    """A step with lazy penalties of both networks, after its first step."""
    step, networks = runs.step(loss=LAZY)
    return step, networks, take(step)


def test_lazy_penalties_have_steps_of_their_own_when_they_are_due(lazy):
    step, networks, first = lazy
    optimizers = [networks.discriminator_optimizer, networks.generator_optimizer]

    def counted(number):
        before = [int(one.iterations.numpy()) for one in optimizers]
        stats = first if number == 0 else take(step, number, number=number)
        after = [int(one.iterations.numpy()) for one in optimizers]
        return stats, [new - old for new, old in zip(after, before, strict=True)]

    assert [int(one.iterations.numpy()) for one in optimizers] == [2, 2]
    for number, expected in [(1, [1, 1]), (2, [2, 1]), (4, [2, 2])]:
        stats, steps = counted(number)
        assert steps == expected
        assert (stats["r1"] > 0) == (number % 2 == 0)
        assert (stats["path_length"] > 0) == (number % 4 == 0)


def test_the_average_path_length_moves_with_its_steps(lazy):
    step, networks, first = lazy
    (state,) = networks.objective.state.values()
    reported = first["path_length"] / 4  # the means over all steps are to be right
    assert state["mean"].numpy() > 0
    before = state["mean"].numpy()
    if networks.generator_optimizer.iterations.numpy() == 2:
        np.testing.assert_allclose(before, 0.01 * reported, rtol=1e-5)
    after = take(step, 8, number=8)["path_length"] / 4
    np.testing.assert_allclose(state["mean"], before + 0.01 * (after - before), rtol=1e-5)


def test_a_penalty_of_every_step_remembers_too():
    options = {"path_length": {"interval": 1}}
    loss = {"penalties": {"path_length": 2.0}, "penalty_options": options}
    step, networks = runs.step(loss=loss)
    length = take(step, number=1)["path_length"]
    (state,) = networks.objective.state.values()
    np.testing.assert_allclose(state["mean"], 0.01 * length, rtol=1e-5)


def test_a_lazy_step_is_of_its_own_gradient_times_the_interval(lazy):
    step, networks, _ = lazy
    gan = step.gan
    reals = tf.constant(np.random.default_rng(0).uniform(-1, 1, [4, 8, 8, 3]), tf.float32)
    inputs = gan.sample_inputs(3, 2, 4, 8)
    result = gan.lazy_gradients("d", 2, inputs, reals, None, tf.constant(1.0), 8, 1.0)

    def penalty():
        with tf.GradientTape() as tape:
            tape.watch(reals)
            logits = tf.reduce_sum(gan.discriminator(reals))
        return tf.reduce_mean(tf.reduce_sum(tape.gradient(logits, reals) ** 2, axis=[1, 2, 3]))

    with tf.GradientTape() as tape:
        value = 2 * penalty()  # interval 2 · weight 2 · ‖∇D‖² / 2
    np.testing.assert_allclose(result.sums["r1"], value / 2, rtol=1e-5)
    variables = [tf_variable(one) for one in gan.discriminator.trainable_at(8)]
    expected = tape.gradient(value, variables, unconnected_gradients="zero")
    for ours, theirs in zip(result.values, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-6)


def test_rates_and_betas_are_corrected_for_lazy_steps():
    _, networks = runs.step(loss=LAZY)
    d, g = networks.discriminator_optimizer, networks.generator_optimizer
    np.testing.assert_allclose(float(d.learning_rate), 0.002 * 2 / 3, rtol=1e-6)
    np.testing.assert_allclose(float(g.learning_rate), 0.002 * 4 / 5, rtol=1e-6)
    assert (d.beta_1, g.beta_1) == (0, 0)
    np.testing.assert_allclose([d.beta_2, g.beta_2], [0.99 ** (2 / 3), 0.99 ** (4 / 5)])


def test_the_generator_may_go_first():
    """Its first step then is by the discriminator as it was."""
    losses = []
    for is_first in (False, True):
        keras.utils.set_random_seed(0)
        step, networks = runs.step(schedule={"generator_first": is_first})
        average = networks.generator_ema.synthesis
        before = weights(average)
        losses.append(take(step)["loss_g"])
        assert any(moved(before, weights(average))) == is_first
    assert losses[0] != losses[1]
