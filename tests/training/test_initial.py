"""Runs that start from trained networks: the weights are theirs, what does not fit is refused."""

from types import SimpleNamespace

import numpy as np
import pytest

import nvidia_pickles as made
import runs
import stylegan2_pickles
import tiny
import tiny_preset
from random_images import RandomImages
from stylegan_tf import loading
from stylegan_tf.importing import load_nvidia_pickle
from stylegan_tf.training import initial, start
from stylegan_tf.training.config import Config
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.objective import statistics


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of a few steps that has grown to 8×8."""
    session = runs.session(tmp_path_factory.mktemp("runs"))
    session.train()
    return session


@pytest.fixture
def pickle(tmp_path):
    """A triple of 8×8 networks."""
    path = tmp_path / "n.pkl"
    path.write_bytes(made.dumped(made.triple()))
    return path


def assigned(given: initial.Initial, config) -> Networks:
    """Fresh networks of a configuration with the weights of others."""
    networks = Networks(config, 3, given.generator.label_size, statistics(config.loss))
    given.assign(networks)
    return networks


def assert_same_weights(ours, theirs):
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_networks_without_w_are_refused(tmp_path):
    tiny.plain_generator().save(tmp_path / "g.keras")
    with pytest.raises(ValueError, match=r"g.keras is a DCGAN, whose training can be resumed"):
        initial.load(str(tmp_path / "g.keras"))


def test_all_networks_of_a_run_come_along(run):
    networks = assigned(initial.load(str(run.run.path)), run.trainer.config)
    for name in ("generator", "discriminator", "generator_ema"):
        assert_same_weights(getattr(networks, name), getattr(run.trainer.networks, name))
    assert networks.kimg == 0
    snapshot = loading.load(run.run.path)
    assert_same_weights(networks.generator_ema, snapshot)


def test_all_networks_of_a_pickle_come_along(pickle):
    given = initial.load(str(pickle))
    config = Config().replace(given.settings)
    networks = assigned(given, config)
    for ours, theirs in zip(
        (networks.generator, networks.discriminator, networks.generator_ema),
        load_nvidia_pickle(pickle),
        strict=True,
    ):
        assert_same_weights(ours, theirs)
    assert "CC BY-NC 4.0" in config.licence


def test_all_networks_of_a_pickle_of_stylegan2_come_along(tmp_path):
    path = tmp_path / "n.pkl"
    path.write_bytes(stylegan2_pickles.dumped(stylegan2_pickles.snapshot()))
    given = initial.load(str(path))
    expected = load_nvidia_pickle(path)
    fresh = SimpleNamespace(
        **{
            name: type(network)(**{**network.get_config(), "name": "fresh"})
            for name, network in expected._asdict().items()
        }
    )
    given.assign(fresh)
    for name, network in expected._asdict().items():
        assert_same_weights(getattr(fresh, name), network)
    settings = given.settings
    assert settings["generator.architecture"] == "stylegan2"
    assert (settings["generator.fmap_base"], settings["discriminator.fmap_max"]) == (8, 4)
    assert "not for commercial use" in settings["licence"]
    assert given.growing(None) == {"data.resolution": 8, "schedule.start_resolution": 8}
    assert given.growing(16) == {"data.resolution": 16, "schedule.start_resolution": 16}


def test_the_plan_is_for_those_networks_at_the_resolution_they_have_grown_to(run, monkeypatch):
    monkeypatch.setattr(start.datasets, "open", lambda path: RandomImages(8))
    requested = {"init_from": str(run.run.path), "schedule.total_kimg": 1.0}
    job = start.fresh(None, requested)
    config = job.plan.config
    arguments = {**vars(config.generator), "mixing_probability": None}  # the plan's, not theirs
    assert arguments == vars(run.trainer.config.generator)
    assert config.discriminator == run.trainer.config.discriminator
    assert config.schedule.start_resolution == config.data.resolution == 8
    assert any(line.startswith("start     from") for line in job.describe())


def test_what_does_not_fit_is_refused(run):
    given = initial.load(str(run.run.path))
    with pytest.raises(ValueError, match=r"generator.fmap_max is 16, but the networks .* 8"):
        given.check(runs.config(generator={"fmap_max": 16}), RandomImages(8))
    with pytest.raises(ValueError, match=r"channels = 3, the data 1; choose other data"):
        given.check(runs.config(), RandomImages(8, channels=1))


def test_what_holds_no_networks_is_refused(tmp_path):
    for name, problem in [
        (tmp_path, "is neither a run directory nor a .keras or .pkl file"),
        (tmp_path / "missing.pkl", "does not exist; give a run directory"),
    ]:
        with pytest.raises(ValueError, match=f"init_from.*{problem}"):
            initial.load(str(name))


def test_all_networks_of_a_preset_come_along(tmp_path):
    """The averaged generator is both generators."""
    tiny_preset.write(tmp_path / "n.npz")
    given = initial.load(str(tmp_path / "n.npz"))
    config = Config().replace(given.settings)
    networks = assigned(given, config)
    for ours in (networks.generator, networks.generator_ema):
        assert_same_weights(ours, loading.load(tmp_path / "n.npz"))
    theirs = loading.load_discriminator(tmp_path / "n.npz")
    assert_same_weights(networks.discriminator, theirs)
    assert config.licence == tiny_preset.LICENCE


def test_of_a_keras_file_the_generator_comes_along(run, monkeypatch):
    monkeypatch.setattr(start.datasets, "open", lambda path: RandomImages(8))
    path = run.output.run_dir.snapshot(run.trainer.kimg)
    job = start.fresh(None, {"init_from": str(path), "generator.mixing_probability": None})
    assert any("D is new" in line for line in job.describe())
    config = run.trainer.config
    networks = Networks(config, channels=3, label_size=0, statistics=statistics(config.loss))
    untouched = networks.discriminator.get_weights()
    job.initial.assign(networks)
    for name in ("generator", "generator_ema"):
        assert_same_weights(getattr(networks, name), loading.load(path))
    assert job.initial.discriminator is None
    for before, after in zip(untouched, networks.discriminator.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_the_discriminator_of_a_keras_file_cannot_be_frozen(run, monkeypatch):
    monkeypatch.setattr(start.datasets, "open", lambda path: RandomImages(8))
    path = run.output.run_dir.snapshot(run.trainer.kimg)
    with pytest.raises(ValueError, match="give --init-from a run or a .pkl"):
        start.fresh(None, {"init_from": str(path), "optimizer.freeze_d": 1})


def test_a_run_without_a_checkpoint_is_refused(tmp_path, run):
    (tmp_path / "config.json").write_text(run.trainer.config.to_json())
    with pytest.raises(ValueError, match="holds no checkpoint"):
        initial.load(str(tmp_path))
