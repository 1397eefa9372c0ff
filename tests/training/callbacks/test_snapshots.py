"""Checkpoints, snapshots and grids, and what a full disk does to them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow.python.summary.summary_iterator import summary_iterator

import runs
import stylegan_tf as sg
from random_images import RandomImages
from stylegan_tf.images import to_uint8
from stylegan_tf.training.callbacks import (
    Checkpoints,
    ImageGrids,
    Snapshots,
    TensorBoardLogger,
)
from stylegan_tf.training.schedule import ScheduleState
from stylegan_tf.training.tick_stats import tick_stats

FADING = ScheduleState(8, 0.5, 4, 0.002, 0.016)


@pytest.fixture
def session(tmp_path):
    """A run that is set up; nothing is trained here."""
    return runs.session(tmp_path)


def save_snapshot(session, state=FADING) -> None:
    runs.callback(session, Snapshots).save(state)


def grids(session) -> ImageGrids:
    return runs.callback(session, ImageGrids)


def test_a_snapshot_of_a_run_that_stopped_early_gives_images_as_grown_so_far(session):
    save_snapshot(session)
    loaded = sg.load(session.run.path)
    z = tf.random.stateless_normal([3, 8], [1, 2])
    expected = session.trainer.networks.generator_ema(z, noise="constant", resolution=8, fade=0.5)
    other = session.trainer.networks.generator_ema(z, noise="constant", resolution=8, fade=1.0)
    result = loaded(z, noise="constant")
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-6)
    assert np.abs(result - other).max() > 1e-3


def test_a_snapshot_below_the_full_resolution_gives_small_images(session):
    save_snapshot(session, ScheduleState(4, 1.0, 4, 0.002, 0.016))
    assert sg.load(session.run.path)(tf.zeros([1, 8])).shape == (1, 4, 4, 3)


def test_fakes_are_the_averaged_generator_with_fixed_latents_and_noise(session):
    grids(session).save_fakes(FADING)
    z = np.random.RandomState(0).randn(6, 8).astype(np.float32)
    images = session.trainer.networks.generator_ema(z, noise="constant", resolution=8, fade=0.5)
    with Image.open(session.output.run_dir.fakes(0)) as stored:
        pixels = np.asarray(stored)[::8, ::8]  # 64 pixels an image: each of the 8×8 is 8×8 times
    rows = [np.concatenate(to_uint8(images[start : start + 3]), axis=1) for start in (0, 3)]
    np.testing.assert_array_equal(pixels, np.concatenate(rows))


def test_reals_are_images_of_the_dataset(session):
    grids(session).save_reals()
    with Image.open(session.run.path / "reals.png") as stored:
        pixels = np.asarray(stored)[::8, ::8]
    np.testing.assert_array_equal(pixels[:8, 8:16], RandomImages(8).images[1])


def test_a_conditional_run_shows_the_labels_of_the_real_images(tmp_path):
    session = runs.session(tmp_path, RandomImages(8, label_size=3), data={"cond": True})
    assert session.trainer.networks.generator.label_size == 3
    grids(session).save_fakes(FADING)
    np.testing.assert_array_equal(grids(session).labels, np.tile(np.eye(3), [2, 1]))


def test_a_snapshot_of_a_conditional_run_knows_the_names_of_its_classes(tmp_path):
    session = runs.session(tmp_path, RandomImages(8, label_size=3), data={"cond": True})
    save_snapshot(session)
    network = sg.load(session.run.path)
    assert list(network.label_names) == ["kind 0", "kind 1", "kind 2"]
    assert list(network.class_counts) == [8, 8, 8]


def test_a_snapshot_without_labels_names_no_classes(tmp_path):
    session = runs.session(tmp_path, RandomImages(8, label_size=3))
    save_snapshot(session)
    assert sg.load(session.run.path).label_names is None


def test_grey_images_make_grey_grids(tmp_path):
    session = runs.session(tmp_path, RandomImages(8, channels=1))
    grids(session).save_reals()
    grids(session).save_fakes(FADING)
    for name in ("reals.png", "fakes000000.png"):
        with Image.open(session.run.path / name) as image:
            assert image.mode == "L"


def test_tensorboard_gets_the_numbers_and_the_images(session):
    trainer, tensorboard = session.trainer, runs.callback(session, TensorBoardLogger)
    stats = dict.fromkeys(["loss_g", "loss_d", "real_logit", "fake_logit", "r1"], 0.25)
    trainer.networks.count(8, {**stats, "skipped": 1.0})
    trainer.stats = tick_stats(trainer.networks, FADING, 8, step_seconds=2.0, run_seconds=3.0)
    assert (trainer.stats["loss_g"], trainer.stats["skipped_updates"]) == (0.25, 1)
    assert (trainer.stats["images_per_sec"], trainer.stats["seconds"]) == (4.0, 3.0)
    tensorboard.on_epoch_end(0)
    grids(session).save_fakes(FADING)
    tensorboard.writer.flush()
    (path,) = session.run.path.glob("events*")
    events = [value.tag for event in summary_iterator(str(path)) for value in event.summary.value]
    assert {"loss_g", "loss_d", "images_per_sec", "skipped_updates"} <= set(events)
    assert any(tag.startswith("fakes") for tag in events)


def full(*_, **__):
    """A disk with no room."""
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("owner", "method"), [(keras.Model, "save"), (Image.Image, "save")])
def test_a_full_disk_leaves_the_snapshot_and_the_grid_before_whole(
    session, monkeypatch, owner, method
):
    save_snapshot(session)
    before = {path.name: path.read_bytes() for path in session.run.path.glob("*0000.*")}
    assert len(before) == 2
    for weight in session.trainer.networks.generator_ema.trainable_variables:
        weight.assign(weight + 1)
    monkeypatch.setattr(owner, method, full)
    with pytest.raises(OSError, match="No space left"):
        save_snapshot(session)
    if owner is Image.Image:  # the network is written first
        del before["network-snapshot-000000.keras"]
    for name, content in before.items():
        assert (session.run.path / name).read_bytes() == content
    assert not list(session.run.path.glob(".*"))


def test_a_full_disk_leaves_the_checkpoint_before_whole(session, monkeypatch):
    checkpoints = runs.callback(session, Checkpoints)
    checkpoints.save()
    first = checkpoints.manager.latest_checkpoint

    def exhausted(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "x.index; No space left on device\\n at")

    monkeypatch.setattr(session.trainer.checkpoint, "_write", exhausted)
    monkeypatch.setattr(session.trainer.checkpoint, "write", exhausted)
    with pytest.raises(OSError, match="checkpoint.*No space left"):
        checkpoints.save()
    monkeypatch.undo()
    again = runs.resumed(session.output.run_dir)
    assert runs.callback(again, Checkpoints).manager.latest_checkpoint == first
