"""Moving averages of batch normalization in a training step of a DCGAN, against NumPy."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import runs
from random_images import RandomImages
from stylegan_tf.training import random_inputs

BETA = 0.75
WITHOUT_W = {"w_size": 512, "mapping_units": 512, "mapping_layers": None}


@pytest.fixture(scope="module")
def taken():
    """The networks of a DCGAN after a step, and the moments of the turns of D and G."""
    step, networks = runs.step(
        generator={"architecture": "dcgan", **WITHOUT_W}, schedule={"w_avg_beta": BETA}
    )
    generator = networks.generator
    kernel = np.array(generator.synthesis.dense.kernel, np.float64)

    def moments(turn: int) -> list[np.ndarray]:
        """Mean and variance of what the first layer gives."""
        z = np.asarray(step.gan.sample_inputs(7, turn, 4, 8).z, np.float64)
        maps = (z @ kernel).reshape(4 * 16, -1)
        return [maps.mean(axis=0), maps.var(axis=0)]

    turns = [moments(turn) for turn in (random_inputs.D_STEP, random_inputs.G_STEP)]
    batch = next(iter(RandomImages(8).batches(batch_size=4)))
    stats = step.pair(8, batch, 7, tf.constant(1.0), 0.5)
    assert stats["skipped"] == 0
    return networks, turns


def averages(generator) -> list[np.ndarray]:
    return [np.array(average) for average in generator.moving_averages]


def moved(average, *moments):
    for moment in moments:
        average = BETA * average + (1 - BETA) * moment
    return average


def test_they_move_to_the_moments_of_both_turns(taken):
    networks, (of_d, of_g) = taken
    _, mean, variance = averages(networks.generator)
    np.testing.assert_allclose(mean, moved(0, of_d[0], of_g[0]), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(variance, moved(1, of_d[1], of_g[1]), rtol=1e-4)


def test_the_averaged_generator_has_those_from_before_the_turn_of_g(taken):
    networks, (of_d, _) = taken
    _, mean, variance = averages(networks.generator_ema)
    np.testing.assert_allclose(mean, moved(0, of_d[0]), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(variance, moved(1, of_d[1]), rtol=1e-4)


def test_images_of_a_step_are_normalized_by_their_batch(taken):
    """A factor of what is normalized leaves the images."""
    networks, _ = taken
    generator = networks.generator
    w = tf.random.stateless_normal([4, 1, 8], [0, 1])
    images, _ = generator.synthesize_for_training(w, "none", 8, 1.0)
    kernel = generator.synthesis.dense.kernel
    before = np.array(kernel)
    kernel.assign(3 * before)
    scaled, _ = generator.synthesize_for_training(w, "none", 8, 1.0)
    kernel.assign(before)
    # ε counts beside a variance of (0.02)² · 8.
    np.testing.assert_allclose(scaled, images, atol=0.01)
    assert np.abs(images).max() > 0.05


@pytest.mark.slow
def test_two_replicas_take_the_mean_of_their_moments(tmp_path):
    """And all copies are the same."""
    program = Path(__file__).parents[1] / "support" / "two_replicas_dcgan.py"
    command = [sys.executable, program, tmp_path / "x.npz"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    with np.load(tmp_path / "x.npz") as file:
        found = {name: file[name] for name in file.files}
    assert found["skipped"] == 0
    kernel = found["kernel"].astype(np.float64)
    means, variances = [], []
    for turn in (random_inputs.D_STEP, random_inputs.G_STEP):
        maps = (found[f"z{turn}"] @ kernel).reshape(2, 4 * 16, -1)
        assert not np.array_equal(maps[0], maps[1])
        means.append(maps.mean(axis=1).mean(axis=0))
        variances.append(maps.var(axis=1).mean(axis=0))
    for name, turns in (("generator", 2), ("generator_ema", 1)):
        _, mean, variance = (found[f"{name}/{index}"] for index in range(3))
        np.testing.assert_array_equal(mean[0], mean[1])
        np.testing.assert_array_equal(variance[0], variance[1])
        np.testing.assert_allclose(mean[0], moved(0, *means[:turns]), rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose(variance[0], moved(1, *variances[:turns]), rtol=1e-4)
