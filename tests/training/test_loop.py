"""What the loop gives the training step, call by call."""

import numpy as np
import pytest
import tensorflow as tf

import published
import runs
from random_images import RandomImages
from stylegan_tf.training.objective import statistics


class RecordingStep:
    """Stands in for the step: keeps what it is called with, and the first batch of images."""

    def __init__(self, trainer):
        self.names = statistics(trainer.config.loss)
        self.optimizer = trainer.networks.generator_optimizer
        self.calls, self.batches = [], []

    def __call__(self, resolution, iterator, step, fade, ema_beta):
        rate = float(self.optimizer.learning_rate)
        self.calls.append((resolution, step, fade, rate, ema_beta))
        self.batches.append(next(iterator))
        return dict.fromkeys(self.names, tf.constant(0.0))


def record(folder, dataset=None, **sections):
    """A finished run, of which nothing was computed."""
    session = runs.session(folder, dataset, **sections)
    trainer = session.trainer
    trainer.step = RecordingStep(trainer)
    trainer.resets = []
    trainer.networks.reset_optimizers = lambda config: trainer.resets.append(trainer.kimg)
    session.train()
    return trainer


@pytest.fixture(scope="module")
def trainer(tmp_path_factory):
    """A run that grows from 4×4 to 8×8."""
    rates = {"learning_rate": {8: 0.25}}
    return record(tmp_path_factory.mktemp("run"), schedule=rates)


def test_the_step_gets_resolution_images_shown_fade_and_learning_rate(trainer):
    calls = [call[:4] for call in trainer.step.calls]
    stable = [(4, shown, 1.0, pytest.approx(0.002)) for shown in (0, 8, 16, 24)]
    fading = [(8, shown, pytest.approx(fade), 0.25) for shown, fade in ((32, 0.25), (40, 0.5))]
    grown = [(8, shown, 1.0, 0.25) for shown in (56, 64, 72)]
    assert calls == [*stable, *fading, (8, 48, pytest.approx(0.75), 0.25), *grown]


def test_optimizers_are_reset_where_a_fade_starts_and_where_it_ends(trainer):
    assert trainer.resets == [0.032, 0.056]


def test_optimizers_are_left_alone_if_so_configured(tmp_path):
    assert record(tmp_path, schedule={"reset_optimizers": False}).resets == []


def test_a_new_resolution_goes_on_with_the_images_where_the_last_one_stopped(trainer):
    images = RandomImages(8).images
    np.testing.assert_array_equal(trainer.step.batches[4], images[32 % 24 :][:4])
    small = trainer.step.batches[0].numpy().astype(float)
    means = images[:4].reshape(4, 4, 2, 4, 2, 3).mean(axis=(2, 4))
    np.testing.assert_array_equal(small, np.rint(means))


@pytest.mark.parametrize("batch", [4, 32, 512])
def test_the_average_has_the_published_half_life(batch, tmp_path):
    schedule = {"batch_base": batch, "ema_kimg": 10.0, "total_kimg": 0.001}
    (call,) = record(tmp_path, schedule=schedule).step.calls
    expected = published.arrays("misc")[f"ema/beta_mb{batch}"]
    assert call[-1] == pytest.approx(expected, rel=1e-7)


def test_labels_come_along_only_where_they_are_learned(tmp_path):
    dataset = RandomImages(8, label_size=3)
    plain = record(tmp_path, dataset, schedule={"total_kimg": 0.001})
    assert plain.networks.generator.label_size == 0
    assert plain.step.batches[0].shape == (4, 4, 4, 3)
    conditional = record(tmp_path, dataset, data={"cond": True}, schedule={"total_kimg": 0.001})
    images, labels = conditional.step.batches[0]
    assert images.shape == (4, 4, 4, 3)
    np.testing.assert_array_equal(labels, dataset.labels[:4])


def test_mirroring_is_left_to_the_dataset(tmp_path, monkeypatch):
    mirrored, batches = [], RandomImages.batches

    def recording(self, *_, mirror=False, **arguments):
        mirrored.append(mirror)
        return batches(self, **arguments)

    monkeypatch.setattr(RandomImages, "batches", recording)
    record(tmp_path, data={"mirror": True}, schedule={"total_kimg": 0.001})
    assert mirrored == [False, True]  # images of the grid are never mirrored
