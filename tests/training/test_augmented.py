"""Training with augmentations: what a step does, and what of them a run keeps and shows."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.summary.summary_iterator import summary_iterator

import runs
from random_images import RandomImages
from stylegan_tf.models.architectures import ARCHITECTURES
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.tick_stats import describe

KIMG = 1.0  # in which p moves by 1
ADA = {"name": "ada", "options": {"p": 0.5, "kimg": KIMG, "interval": 2}}
RUN = {"augment": ADA, "schedule": {"start_resolution": 8}}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A whole run with adaptive augmentation."""
    session = runs.session(tmp_path_factory.mktemp("runs"), **RUN)
    assert session.train()
    return session


def test_p_moves_by_the_images_of_each_call(trained):
    networks, config = trained.trainer.networks, trained.trainer.config
    state = {name: variable.numpy() for name, variable in networks.augment.state.items()}
    shown, batch = int(networks.images.numpy()), 4
    per_move = batch * max(config.schedule.minibatch_repeats, 2) / (1000 * KIMG)
    moves = (state["p"] - 0.5) / per_move
    assert moves == pytest.approx(round(moves), abs=1e-4)
    assert 0 < abs(round(moves)) <= shown / (1000 * KIMG * per_move)
    assert -1 <= state["r"] <= 1
    assert 0 <= state["steps"] < 2
    assert state["images"] == batch * state["steps"]


def test_p_and_r_are_in_every_row_the_log_and_the_curves(trained):
    p = float(trained.trainer.networks.augment.state["p"].numpy())
    rows = trained.run.stats
    assert rows[-1]["aug_p"] == p
    assert all(-1 <= row["aug_r"] <= 1 for row in rows)
    assert "real_sign" not in rows[0]
    assert f"aug p {p:.2f}" in (trained.run.path / "log.txt").read_text()
    (events,) = trained.run.path.glob("events*")
    tags = {value.tag for event in summary_iterator(str(events)) for value in event.summary.value}
    assert {"aug_p", "aug_r"} <= tags


def test_a_resumed_run_goes_on_with_p(trained):
    before = trained.trainer.networks.augment.state
    assert before["p"].numpy() != 0.5
    after = runs.resumed(trained.output.run_dir).trainer.networks.augment.state
    assert {name: v.numpy() for name, v in after.items()} == {
        name: v.numpy() for name, v in before.items()
    }


def test_runs_without_a_probability_do_not_show_one():
    row = {"tick": 0, "kimg": 1.0, "resolution": 8, "fade": 1.0, "batch": 4, "learning_rate": 1e-3}
    row |= dict.fromkeys(["images_per_sec", "sec_per_kimg", "loss_g", "loss_d", "seconds"], 1.0)
    row |= dict.fromkeys(["real_logit", "fake_logit", "peak_memory_mb"], 1.0)
    row |= {"skipped_updates": 0}
    assert "aug" not in describe(row)
    assert "aug p 0.25" in describe({**row, "aug_p": 0.25, "aug_r": 0.5})


def test_only_adaptive_augmentation_has_something_to_save():
    config = runs.config(augment={"name": "fixed"})
    networks = Networks(config, 3, 0, statistics(config.loss))
    assert "augment" not in networks.parts()


@pytest.mark.parametrize("letter", ARCHITECTURES)
@pytest.mark.parametrize(
    "augment", [{"name": "ada", "options": {"p": 0.8}}, {"name": "diffaug"}], ids=["ada", "diffaug"]
)
def test_every_configuration_learns(letter, augment):
    generator = runs.generator_of(letter)
    step, networks = runs.step(augment=augment, generator=generator)
    networks_by_name = {"D": networks.discriminator, "G": networks.generator}
    before = {key: network.get_weights() for key, network in networks_by_name.items()}
    batch = next(iter(RandomImages(8).batches(batch_size=4)))
    stats = step.pair(8, batch, 0, tf.constant(0.5), 0.5)
    assert all(np.isfinite(float(value)) for value in stats.values())
    assert stats["skipped"] == 0
    assert stats["r1"] > 0
    for key, network in networks_by_name.items():
        pairs = zip(before[key], network.get_weights(), strict=True)
        assert any(not np.array_equal(old, new) for old, new in pairs), key


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_images_are_augmented_in_float32(precision):
    step, _ = runs.step(augment={"name": "fixed", "options": {"p": 1}}, precision=precision)
    batch = next(iter(RandomImages(8).batches(batch_size=4)))
    seen, inner = [], step.gan.augmentation

    def noted(images, rng):
        result = inner(images, rng)
        seen.extend([images.dtype, result.dtype])
        return result

    step.gan.augmentation = noted
    stats = step.pair(8, batch, 0, tf.constant(1.0), 0.5)
    assert set(seen) == {tf.float32}
    assert np.isfinite(float(stats["loss_d"]))
