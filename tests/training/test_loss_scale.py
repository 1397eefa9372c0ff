"""The loss scales of float16: how they move, and what of them a run keeps and shows."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.summary.summary_iterator import summary_iterator

import runs
import stylegan_tf as sg
from devices import same_order_every_time
from random_images import RandomImages
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models import synthesis
from stylegan_tf.training import optimizers as module
from stylegan_tf.training.callbacks import Checkpoints
from stylegan_tf.training.optimizers import MAX_SCALE, MIN_SCALE, PATIENCE, START_SCALE, LossScale
from stylegan_tf.training.tick_stats import describe, tick_stats

KEYS = {"loss_scale_g", "loss_scale_d"}
SECTIONS = {"precision": "mixed_float16", "schedule": {"start_resolution": 8}}
OTHERS = ["float32", "mixed_bfloat16"]


def state(scale: LossScale) -> tuple[float, int]:
    """Its value and the good steps since it changed."""
    return scale.now, int(scale.good_steps.numpy())


def set_state(scale: LossScale, value: float, good_steps: int = 0) -> None:
    scale.value.assign(value)
    scale.good_steps.assign(good_steps)


def after(*broken: bool, value=START_SCALE, good_steps=0) -> tuple[float, int]:
    """What steps make of a scale, in a graph."""
    scale = LossScale()
    set_state(scale, value, good_steps)
    update = tf.function(scale.update)
    for one in broken:
        update(tf.constant(one))
    return state(scale)


def test_it_starts_as_published():
    assert state(LossScale()) == (32768.0, 0)


def test_a_broken_step_halves_it_and_begins_the_count_again():
    assert after(True, good_steps=PATIENCE - 1) == (START_SCALE / 2, 0)
    assert after(False, True, True, False, False) == (START_SCALE / 4, 2)


def test_it_is_doubled_after_2000_good_steps_in_a_row():
    assert PATIENCE == 2000
    assert after(False, good_steps=PATIENCE - 2) == (START_SCALE, PATIENCE - 1)
    assert after(False, False, good_steps=PATIENCE - 2) == (2 * START_SCALE, 0)
    assert after(True, False, good_steps=PATIENCE - 1) == (START_SCALE / 2, 1)


def test_it_ends_neither_at_0_nor_at_infinity():
    assert after(True, value=MIN_SCALE) == (MIN_SCALE, 0)
    assert after(False, value=MAX_SCALE, good_steps=PATIENCE - 1) == (MAX_SCALE, 0)
    assert np.isfinite(np.float32(MAX_SCALE) * np.float32(2.0**60))


def test_it_is_read_in_replicas_and_moved_outside():
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        scale = LossScale()

    @tf.function
    def step():
        result = strategy.run(lambda: tf.convert_to_tensor(scale.value))
        scale.update(tf.constant(True))
        return result

    assert [float(step()) for _ in range(3)] == [START_SCALE, START_SCALE / 2, START_SCALE / 4]


def take(step, index=0) -> dict[str, float]:
    """Takes a step at 8×8, uncompiled."""
    batch = next(iter(RandomImages(8).batches(batch_size=4)))
    return {name: float(value) for name, value in step.pair(8, batch, index, 0.5, 0.5).items()}


@pytest.mark.parametrize("letter", "dg")
def test_a_scale_that_overflows_comes_down_and_only_its_own_network_waits(letter):
    step, networks = runs.step(precision="mixed_float16")
    models = {"d": networks.discriminator, "g": networks.generator}
    other = "g" if letter == "d" else "d"
    set_state(networks.loss_scales[letter], 2.0**50, 3)

    def weights(name):
        variables = models[name].trainable_variables
        return np.concatenate([np.ravel(tf_variable(one).numpy()) for one in variables])

    before = {name: weights(name) for name in "dg"}
    assert take(step)["skipped"] == 1
    np.testing.assert_array_equal(weights(letter), before[letter])
    assert not np.array_equal(weights(other), before[other])
    assert state(networks.loss_scales[letter]) == (2.0**49, 0)
    assert state(networks.loss_scales[other]) == (START_SCALE, 1)
    set_state(networks.loss_scales[letter], START_SCALE)
    assert take(step, 1)["skipped"] == 0
    assert not np.array_equal(weights(letter), before[letter])


def test_the_optimizer_sees_gradients_without_a_scale():
    """With an ε of 1 Adam's step is proportional to small gradients."""
    result = {}
    for value in (2.0**4, START_SCALE):
        tf.random.set_seed(0)
        sections = {"optimizer": {"epsilon": 1.0}, "precision": "mixed_float16"}
        step, networks = runs.step(**sections)
        for number, model in enumerate((networks.generator, networks.discriminator)):
            for index, variable in enumerate(model.trainable_variables):
                raw = tf_variable(variable)
                raw.assign(tf.random.stateless_normal(raw.shape, [number, index]))
        before = tf_variable(networks.discriminator.conv.kernel).numpy()
        for scale in networks.loss_scales.values():
            set_state(scale, value)
        take(step)
        result[value] = tf_variable(networks.discriminator.conv.kernel).numpy() - before
    largest = np.abs(result[START_SCALE]).max()
    assert largest > 0
    np.testing.assert_allclose(result[16.0], result[START_SCALE], rtol=0, atol=0.02 * largest)


@pytest.mark.parametrize("precision", OTHERS)
def test_other_precisions_have_none(precision, tmp_path):
    session = runs.session(tmp_path, precision=precision)
    trainer, checkpoints = session.trainer, runs.callback(session, Checkpoints)
    assert trainer.networks.loss_scales == trainer.step.loss_scales == {}
    checkpoints.save()
    stored = tf.train.list_variables(checkpoints.manager.latest_checkpoint)
    assert not [name for name, _ in stored if "scale" in name]
    stats = dict.fromkeys(trainer.networks.sums.keys() - {"calls"}, 1.0)
    trainer.networks.count(8, stats)
    numbers = tick_stats(trainer.networks, trainer.schedule.at(0.0), 8, 1.0, 1.0)
    assert not KEYS & numbers.keys()
    assert "scale" not in describe(numbers)


def test_a_checkpoint_from_before_there_were_any_is_still_read(tmp_path):
    session = runs.session(tmp_path)
    networks, run_dir = session.trainer.networks, session.output.run_dir
    before = networks.checkpoint()
    del before.loss_scales
    networks.tick.assign(3)
    tf.train.CheckpointManager(before, str(run_dir.checkpoints), 1).save()
    assert int(runs.resumed(run_dir).trainer.networks.tick.numpy()) == 3


@pytest.fixture(scope="module")
def impatient():
    """Scales double after three steps, and the generator has float16 at 8×8."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PATIENCE", 3)
        patch.setattr(synthesis, "FLOAT32_MAX_RESOLUTION", 4)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory, impatient):
    """A run from beginning to end: 10 calls of the step, of 2 pairs each."""
    session = runs.session(tmp_path_factory.mktemp("whole"), **SECTIONS)
    session.train()
    return session


@pytest.fixture(scope="module")
def resumed(tmp_path_factory, impatient):
    """The same, stopped after half of the calls, and a new process' state from there on."""
    session = runs.session(tmp_path_factory.mktemp("resumed"), **SECTIONS)
    fresh = states(session)
    with pytest.MonkeyPatch.context() as patch:
        runs.stop_at(patch, 0.04)
        assert not session.train()
    assert states(session) != fresh
    again = runs.resumed(session.output.run_dir)
    assert states(again) == states(session)
    again.train()
    return again


def states(session) -> dict:
    """The loss scales of a run."""
    return {name: state(one) for name, one in session.trainer.networks.loss_scales.items()}


def test_every_tick_says_what_they_are(whole):
    rows = whole.run.stats
    assert all(row.keys() >= KEYS for row in rows)
    assert (rows[0]["loss_scale_g"], rows[0]["loss_scale_d"]) == (
        2 * START_SCALE,
        2 * START_SCALE,
    )  # 4 steps
    assert {key: rows[-1][key] for key in KEYS} == {
        f"loss_scale_{name}": scale.now
        for name, scale in whole.trainer.networks.loss_scales.items()
    }
    assert all(np.isfinite(list(row.values())).all() for row in rows)
    lines = whole.output.run_dir.log.read_text().splitlines()
    first = next(line for line in lines if line.startswith("tick"))
    assert first.endswith("  loss scale G 2^16 D 2^16")


def test_tensorboard_gets_them(whole):
    (path,) = whole.run.path.glob("events*")
    events = [value.tag for event in summary_iterator(str(path)) for value in event.summary.value]
    assert set(events) >= KEYS


def test_a_moving_scale_does_not_trace_again(whole):
    counts = [one.experimental_get_tracing_count() for one in whole.trainer.step.compiled.values()]
    assert counts == [1]


@same_order_every_time
def test_a_resumed_run_has_the_scales_and_losses_of_the_unbroken_one(whole, resumed):
    keys = [*KEYS, "loss_g", "loss_d", "r1", "skipped_updates"]
    result, expected = (
        [[row[key] for key in keys] for row in one.run.stats] for one in (resumed, whole)
    )
    assert result == expected


def test_a_snapshot_generates_in_float32_what_training_does_in_float16(whole):
    loaded, networks = sg.load(whole.run.path), whole.trainer.networks
    half = networks.generator
    half.set_weights(networks.generator_ema.get_weights())
    z = tf.random.stateless_normal([3, 8], [1, 2])
    result = loaded(z, noise="constant").numpy()
    expected = networks.generator_ema(z, noise="constant").numpy()
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-6)
    images = half(z, noise="constant").numpy()
    assert images.dtype == np.float32
    scale = np.abs(expected).max()
    assert 0 < np.abs(images - result).max() < 4 * 2**-11 * scale
