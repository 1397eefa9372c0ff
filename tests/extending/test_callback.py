"""A callback as a stranger would write it: it keeps the images of each tick and ends training."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg

CONFIG = {
    "generator": {
        "latent_size": 8,
        "w_size": 8,
        "mapping_units": 8,
        "mapping_layers": 2,
        "fmap_max": 8,
    },
    "discriminator": {"fmap_max": 8},
    "data": {"resolution": 8},
    "schedule": {
        "total_kimg": 1.0,
        "start_resolution": 4,
        "stable_kimg": 0.032,
        "fade_kimg": 0.0,
        "batch_base": 4,
        "tick_kimg_base": 0.032,
    },
}


class Samples(keras.callbacks.Callback):
    """Generates an image after each tick, and ends training after a number of them."""

    def __init__(self, ticks: int):
        super().__init__()
        self.ticks = ticks
        self.images, self.losses = {}, {}

    def on_epoch_end(self, epoch, logs=None):
        resolution = int(logs["resolution"])
        z = tf.zeros([1, self.model.latent_size])
        image = self.model(z, noise="none", resolution=resolution)
        self.images[epoch] = np.asarray(image)
        self.losses[epoch] = logs["loss_g"]
        if len(self.images) == self.ticks:
            self.model.stop_training = True


@pytest.fixture
def config(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    return sg.training.Config.from_file(tmp_path / "config.json")


def test_a_callback_sees_the_averaged_generator_and_ends_training(config, tmp_path):
    """At 4×4, so that one step is traced."""
    config = config.replace({"schedule.stable_kimg": 0.128})
    samples = Samples(ticks=2)
    run = sg.training.train(config, outdir=tmp_path / "runs", callbacks=[samples])
    first, second = samples.images.values()
    assert first.shape == second.shape == (1, 4, 4, 3)
    assert not np.array_equal(first, second)
    assert samples.losses == {row["tick"]: row["loss_g"] for row in run.stats}


@pytest.mark.slow
def test_a_callback_sees_it_grow_and_resume(config, tmp_path):
    samples = Samples(ticks=3)
    run = sg.training.train(config, outdir=tmp_path / "runs", callbacks=[samples])
    assert [image.shape for image in samples.images.values()] == [
        (1, 4, 4, 3),
        (1, 8, 8, 3),
        (1, 8, 8, 3),
    ]
    assert not np.array_equal(samples.images[1], samples.images[2])
    assert samples.losses == {row["tick"]: row["loss_g"] for row in run.stats}

    more = Samples(ticks=1)
    run = sg.training.train(resume=run.path, callbacks=[more])
    assert list(more.images) == [3]
    assert [row["kimg"] for row in run.stats] == [0.032, 0.064, 0.096, 0.128]
    assert sg.load(run.path).grown_to == (8, 1.0)
