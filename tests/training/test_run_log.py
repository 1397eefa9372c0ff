"""Snapshots and grids, and what a full disk does to them."""

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
from stylegan_tf.training.schedule import Look

FADING = Look(8, 0.5, 4, 0.002, 0.016)


@pytest.fixture
def trainer(tmp_path):
    """Nothing is trained here."""
    return runs.trainer(tmp_path)


def test_a_snapshot_of_a_run_that_stopped_early_gives_pictures_as_grown_so_far(trainer):
    trainer.recorder.snapshot(FADING)
    loaded = sg.load(trainer.run.path)
    z = tf.random.stateless_normal([3, 8], [1, 2])
    expected = trainer.networks.average(z, noise="constant", resolution=8, fade=0.5)
    other = trainer.networks.average(z, noise="constant", resolution=8, fade=1.0)
    found = loaded(z, noise="constant")
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    assert np.abs(found - other).max() > 1e-3


def test_a_snapshot_below_the_full_resolution_gives_small_pictures(trainer):
    trainer.recorder.snapshot(Look(4, 1.0, 4, 0.002, 0.016))
    assert sg.load(trainer.run.path)(tf.zeros([1, 8])).shape == (1, 4, 4, 3)


def test_fakes_are_the_averaged_generator_with_fixed_latents_and_noise(trainer):
    trainer.recorder.fakes(FADING)
    z = np.random.RandomState(0).randn(6, 8).astype(np.float32)
    images = trainer.networks.average(z, noise="constant", resolution=8, fade=0.5)
    with Image.open(trainer.run.fakes(0)) as stored:
        pixels = np.asarray(stored)[::8, ::8]  # 64 pixels a picture: each of the 8×8 is 8×8 times
    rows = [np.concatenate(to_uint8(images[start : start + 3]), axis=1) for start in (0, 3)]
    np.testing.assert_array_equal(pixels, np.concatenate(rows))


def test_reals_are_pictures_of_the_dataset(trainer):
    trainer.recorder.reals()
    with Image.open(trainer.run.path / "reals.png") as stored:
        pixels = np.asarray(stored)[::8, ::8]
    np.testing.assert_array_equal(pixels[:8, 8:16], RandomImages(8).images[1])


def test_a_conditional_run_shows_the_labels_of_the_real_pictures(tmp_path):
    trainer = runs.trainer(tmp_path, RandomImages(8, label_size=3), data={"cond": True})
    assert trainer.networks.generator.label_size == 3
    trainer.recorder.fakes(FADING)
    np.testing.assert_array_equal(trainer.recorder.labels, np.tile(np.eye(3), [2, 1]))


def test_a_snapshot_of_a_conditional_run_knows_the_names_of_its_classes(tmp_path):
    trainer = runs.trainer(tmp_path, RandomImages(8, label_size=3), data={"cond": True})
    trainer.recorder.snapshot(FADING)
    assert list(sg.load(trainer.run.path).label_names) == ["kind 0", "kind 1", "kind 2"]


def test_a_snapshot_without_labels_names_no_classes(tmp_path):
    trainer = runs.trainer(tmp_path, RandomImages(8, label_size=3))
    trainer.recorder.snapshot(FADING)
    assert sg.load(trainer.run.path).label_names is None


def test_grey_pictures_make_grey_grids(tmp_path):
    trainer = runs.trainer(tmp_path, RandomImages(8, channels=1))
    trainer.recorder.reals()
    trainer.recorder.fakes(FADING)
    for name in ("reals.png", "fakes000000.png"):
        with Image.open(trainer.run.path / name) as image:
            assert image.mode == "L"


def test_tensorboard_gets_the_numbers_and_the_pictures(trainer):
    recorder = trainer.recorder
    stats = dict.fromkeys(["loss_g", "loss_d", "real_logit", "fake_logit", "r1"], 0.25)
    trainer.networks.count(8, {**stats, "skipped": 1.0})
    recorder.tick(FADING, seconds=2.0)
    recorder.fakes(FADING)
    recorder.summaries.flush()
    (path,) = trainer.run.path.glob("events*")
    events = [value.tag for event in summary_iterator(str(path)) for value in event.summary.value]
    assert {"loss_g", "loss_d", "images_per_sec", "skipped_updates"} <= set(events)
    assert any(tag.startswith("fakes") for tag in events)
    (row,) = trainer.run.rows()
    assert (row["loss_g"], row["images_per_sec"], row["skipped_updates"]) == (0.25, 4.0, 1)


def full(*_, **__):
    """A disk with no room."""
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("owner", "method"), [(keras.Model, "save"), (Image.Image, "save")])
def test_a_full_disk_leaves_the_snapshot_and_the_grid_before_whole(
    trainer, monkeypatch, owner, method
):
    trainer.recorder.snapshot(FADING)
    before = {path.name: path.read_bytes() for path in trainer.run.path.glob("*0000.*")}
    assert len(before) == 2
    for weight in trainer.networks.average.trainable_variables:
        weight.assign(weight + 1)
    monkeypatch.setattr(owner, method, full)
    with pytest.raises(OSError, match="No space left"):
        trainer.recorder.snapshot(FADING)
    if owner is Image.Image:  # the network is written first
        del before["network-snapshot-000000.keras"]
    for name, content in before.items():
        assert (trainer.run.path / name).read_bytes() == content
    assert not list(trainer.run.path.glob(".*"))


def test_a_full_disk_leaves_the_checkpoint_before_whole(trainer, monkeypatch):
    trainer.save()
    first = trainer.checkpoints.latest_checkpoint

    def exhausted(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "x.index; No space left on device\\n at")

    monkeypatch.setattr(trainer.checkpoints.checkpoint, "_write", exhausted)
    monkeypatch.setattr(trainer.checkpoints.checkpoint, "write", exhausted)
    with pytest.raises(OSError, match="checkpoint.*No space left"):
        trainer.save()
    monkeypatch.undo()
    again = runs.again(trainer.run)
    assert again.checkpoints.latest_checkpoint == first
    again.resume()
