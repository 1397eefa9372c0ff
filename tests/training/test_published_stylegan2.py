"""Losses, penalties and training steps of StyleGAN2 against those of the published networks."""

import json

import numpy as np
import pytest
import tensorflow as tf

import published2
import stylegan_tf as sg
from published import completed
from published2 import nhwc
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.training import gan, optimizers, random_inputs, strategies
from stylegan_tf.training.config import Config
from stylegan_tf.training.networks import corrected
from stylegan_tf.training.random_inputs import RandomInputs
from stylegan_tf.training.schedule import Schedule
from stylegan_tf.training.step import TrainStep

# Of the largest entry of a gradient. Of R1 some biases have sums that cancel: there float32 and
# float64 of the published code differ by 4e-5.
TOLERANCE = {"Gmain": 5e-5, "Greg": 5e-5, "Dmain": 5e-5, "Dreg": 2e-4}
LAZY = {"r1": {"interval": 16}, "path_length": {"interval": 4}}
PHASES = {
    random_inputs.G_STEP: "Gmain",
    random_inputs.D_STEP: "Dmain",
    random_inputs.lazy_step("g", 0): "Greg",
    random_inputs.lazy_step("d", 0): "Dreg",
}


class Recorded:
    """Gives the recorded directions of path length regularization."""

    def __init__(self, numbers):
        self.numbers = numbers

    def normal(self, shape):
        """Returns them; they have this shape."""
        numbers = nhwc(self.numbers)
        assert tuple(shape) == numbers.shape
        return tf.constant(numbers)

    def stream(self, number):
        """Returns nothing that is used: images are not augmented."""
        return self


def inputs_of(arrays: dict, prefix: str, z) -> RandomInputs:
    """The random numbers of a phase, kept under a prefix."""
    names = [key for key in arrays if key.startswith(f"{prefix}noise/")]
    return RandomInputs(
        z=tf.constant(z),
        z_mix=tf.constant(np.resize(arrays[f"{prefix}mix_z"], z.shape)),
        crossover=tf.constant(int(arrays[f"{prefix}mix_cutoff"]), tf.int32),
        noise=[tf.constant(nhwc(arrays[key])) for key in names],
        label_order=tf.range(len(z)),
        rng=Recorded(arrays.get(f"{prefix}pl_randn")),
    )


def pairs_of(model):
    """(our weight, published name, layout) of each weight."""
    is_generator = isinstance(model, sg.StyleGAN2Generator)
    return (published2.generator_pairs if is_generator else published2.discriminator_pairs)(model)


def assign(model, arrays: dict, prefix: str) -> None:
    """Sets all weights that are kept under a prefix."""
    for weight, name, layout in pairs_of(model):
        if prefix + name in arrays:
            weight.assign(layout(arrays[prefix + name]))


@pytest.fixture(scope="module")
def phases():
    """The arrays of the four phases, and what computes them."""
    arrays = published2.arrays("loss")
    generator, discriminator = (
        published2.new_generator(arrays["G_kwargs"]),
        published2.new_discriminator(arrays["D_kwargs"]),
    )
    assign(generator, arrays, "G/")
    assign(discriminator, arrays, "D/")
    penalties = {"r1": 10.0, "path_length": 2.0}
    config = Config().replace({"loss.penalties": penalties, "loss.penalty_options": LAZY})
    made = gan.GAN(generator, discriminator, config)
    made.objective.state["path_length"]["mean"].assign(0.3)
    return arrays, made


@pytest.mark.parametrize("phase", ["Gmain", "Greg", "Dmain", "Dreg"])
def test_a_phase_has_the_published_loss_and_gradients(phases, phase, monkeypatch):
    arrays, made = phases
    # Ours have the labels of the reals in some order.
    monkeypatch.setattr(gan, "_ordered", lambda labels, order: tf.constant(arrays["in/c"]))
    source = phase if phase != "Dreg" else "Dmain"  # it generates no image
    inputs = inputs_of(arrays, f"{source}/rnd/", arrays["in/z"])
    reals = (tf.constant(nhwc(arrays["in/real"])), tf.constant(arrays["in/real_c"]))
    arguments = (inputs, *reals, tf.constant(1.0), 32, 1.0)
    model = made.generator if phase[0] == "G" else made.discriminator
    if phase.endswith("main"):
        network = "generator" if phase[0] == "G" else "discriminator"
        result = getattr(made, f"{network}_gradients")(*arguments)
        interval = 1
    else:
        network, interval = ("g", 4) if phase[0] == "G" else ("d", 16)
        result = made.lazy_gradients(network, interval, *arguments)
    loss = result.sums[f"loss_{phase[0].lower()}"]
    np.testing.assert_allclose(loss, arrays[f"{phase}/loss_mean"], rtol=2e-5)
    if phase == "Greg":
        lengths = arrays["Greg/pl_lengths"].mean()
        np.testing.assert_allclose(result.sums["path_length"], lengths, rtol=1e-5)
    if phase != "Dreg":
        moved = arrays[f"{phase}/w_avg_after"]
        expected = 0.995 * arrays["G/mapping.w_avg"] + 0.005 * result.means[0]
        np.testing.assert_allclose(expected, moved, atol=2e-6)
    variables = model.trainable_at(32)
    by_weight = {
        id(tf_variable(one)): gradient / interval
        for one, gradient in zip(variables, result.values, strict=True)
    }
    known = {name for name in arrays if name.startswith(f"{phase}/grad/")}
    for weight, name, layout in pairs_of(model):
        gradient = by_weight.get(id(tf_variable(weight)))
        if gradient is None:
            continue
        expected = arrays.get(f"{phase}/grad/{name}")
        known.discard(f"{phase}/grad/{name}")
        if expected is None:
            assert not np.any(gradient), name
            continue
        limit = TOLERANCE[phase] * max(np.nanmax(np.abs(expected)), 1e-4)
        expected = completed(layout(expected), gradient)
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=limit, err_msg=name)
    assert not known


class Replayed(gan.GAN):
    """Takes the numbers that the published run recorded."""

    arrays: dict

    def sample_inputs(self, step, network, batch, resolution):
        index, phase = int(step), PHASES[network]
        source = phase if phase != "Dreg" else "Dmain"
        prefix = f"in/it{index}/{source}/"
        return inputs_of(self.arrays, prefix, self.arrays[f"{prefix}z"])


ITERATIONS = 5


@pytest.fixture(scope="module")
def training():
    """The arrays of a published run, and our state after each iteration."""
    arrays = published2.arrays("train_a")
    hyper = json.loads(str(arrays["hyper"]))
    generator, discriminator = (
        published2.new_generator(arrays["G_kwargs"]),
        published2.new_discriminator(arrays["D_kwargs"]),
    )
    average = published2.new_generator(arrays["G_kwargs"])
    assign(generator, arrays, "G/init/")
    assign(discriminator, arrays, "D/init/")
    assign(average, arrays, "G_ema/init/")
    config = Config().replace(
        {
            "loss.penalties": {"r1": hyper["r1_gamma"], "path_length": hyper["pl_weight"]},
            "loss.penalty_options": LAZY,
            "schedule.ema_kimg": hyper["ema_kimg"],
            "schedule.ema_rampup": hyper["ema_rampup"],
        }
    )
    made = Replayed(generator, discriminator, config)
    made.arrays = arrays
    rates = {"g": hyper["G_lr_used"], "d": hyper["D_lr_used"]}
    optimizer = {}
    for letter, model in (("g", generator), ("d", discriminator)):
        power = rates[letter] / hyper["lr"]
        constants = corrected(config.optimizer, power)
        optimizer[letter] = optimizers.make("Adam", constants, model.trainable_variables)
        optimizer[letter].learning_rate.assign(rates[letter])
    step = TrainStep(
        strategies.make("one_device"),
        made,
        average,
        optimizer["g"],
        optimizer["d"],
        hyper["w_avg_beta"],
        minibatch_repeats=1,
        generator_first=True,
    )
    schedule = Schedule(config.schedule, 32)
    states = []
    for index in range(ITERATIONS):
        beta = schedule.ema_beta(hyper["batch"], index * hyper["batch"])
        np.testing.assert_allclose(beta, arrays[f"out/it{index}/ema_beta"], rtol=1e-6)
        reals = tf.constant(nhwc(arrays[f"in/it{index}/real_u8"]))
        stats = step.pair(32, reals, index, tf.constant(1.0), beta, index)
        mean = made.objective.state["path_length"]["mean"].numpy()
        weights = {
            letter: {name: (weight.numpy(), layout) for weight, name, layout in pairs_of(model)}
            for letter, model in (("G", generator), ("D", discriminator), ("G_ema", average))
        }
        states.append((stats, mean, weights))
    return arrays, hyper, states


def test_five_iterations_are_the_published_ones(training):
    arrays, hyper, states = training
    for index, (stats, mean, weights) in enumerate(states):
        out = f"out/it{index}"
        for ours, theirs in (
            ("real_logit", "Dmain/real_logits"),
            ("fake_logit", "Dmain/gen_logits"),
        ):
            expected = arrays[f"{out}/{theirs}"].mean()
            np.testing.assert_allclose(stats[ours], expected, rtol=2e-3, atol=2e-3)
        np.testing.assert_allclose(mean, arrays[f"{out}/pl_mean"], rtol=1e-3, atol=1e-6)
        for letter, prefix in (("G", "w_avg"), ("G_ema", "G_ema_w_avg")):
            ours, _ = weights[letter]["mapping.w_avg"]
            np.testing.assert_allclose(ours, arrays[f"{out}/{prefix}"], atol=2e-5)
        for letter in weights:
            distance = differences(weights[letter], arrays, f"{out}/{letter}/q/") / hyper["lr"]
            assert np.median(distance) < 0.05, (index, letter)
            assert distance.max() < 0.3, (index, letter)


def differences(weights, arrays, prefix) -> np.ndarray:
    """The largest difference of the quantiles of each weight."""
    result = []
    for name, (ours, _) in weights.items():
        if prefix + name in arrays:
            quantiles = np.quantile(ours.astype(np.float64), arrays["quantile_levels"])
            expected = arrays[prefix + name][: len(quantiles)]  # then mean and deviation
            result.append(np.abs(quantiles - expected).max())
    assert result
    return np.array(result)
