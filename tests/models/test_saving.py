"""Networks survive `.keras` files, checkpoints and their own configuration."""

import inspect
import json
import warnings
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny
from compare import assert_close

every_architecture = pytest.mark.parametrize("architecture", "abcdef")
IMAGES = tiny.draw(4, 16, 16, 3)


def images_of(generator, labels=None):
    return generator(tiny.latents(), labels, truncation_psi=0.7, noise="constant")


@every_architecture
def test_generator_survives_a_file(architecture, tmp_path):
    generator = tiny.generator(architecture=architecture)
    generator.save(tmp_path / "g.keras")
    again = keras.models.load_model(tmp_path / "g.keras")
    assert type(again) is sg.Generator
    assert again.get_config() == generator.get_config()
    assert_close(images_of(again), images_of(generator), 1e-6)


def test_how_far_a_generator_has_grown_survives_a_file(tmp_path):
    generator = tiny.generator()
    generator.grown = 2.25  # training sets it
    generator.save(tmp_path / "g.keras")
    again = keras.models.load_model(tmp_path / "g.keras")
    assert again.grown == 2.25
    assert_close(images_of(again), images_of(generator), 1e-6)


def test_what_is_known_of_a_network_survives_a_file(tmp_path):
    generator = tiny.generator(label_size=2)
    generator.label_names, generator.licence = ["cat", "dog"], "CC BY-NC 4.0"
    generator.save(tmp_path / "g.keras")
    again = keras.models.load_model(tmp_path / "g.keras")
    assert (list(again.label_names), again.licence) == (["cat", "dog"], "CC BY-NC 4.0")


def test_everything_a_generator_holds_survives_a_file(tmp_path):
    """w_avg and the stored noise too, which training does not touch."""
    generator = tiny.generator(label_size=3)
    generator.save(tmp_path / "g.keras")
    again = keras.models.load_model(tmp_path / "g.keras")
    for new, old in zip(again.weights, generator.weights, strict=True):
        assert_close(new, old, 0)
    assert np.any(again.w_avg)


@pytest.mark.parametrize(
    "arguments", [{}, {"architecture": "a", "pool_first": False}, {"label_size": 3, "channels": 1}]
)
def test_discriminator_survives_a_file(arguments, tmp_path):
    discriminator = tiny.discriminator(**arguments)
    discriminator.save(tmp_path / "d.keras")
    again = keras.models.load_model(tmp_path / "d.keras")
    assert type(again) is sg.Discriminator
    assert again.get_config() == discriminator.get_config()
    images = IMAGES[..., : discriminator.channels]
    labels = tf.ones([4, 3]) if discriminator.label_size else None
    assert_close(again(images, labels), discriminator(images, labels), 1e-6)


@pytest.mark.parametrize("make", [tiny.generator, tiny.discriminator])
def test_configuration_is_json_and_makes_the_same_network(make):
    network = make(channels=1, label_size=3, fmap_decay=0.5, architecture="C")
    config = json.loads(json.dumps(network.get_config()))
    again = type(network).from_config(config)
    assert again.get_config() == config
    assert [tuple(weight.shape) for weight in again.weights] == [
        tuple(weight.shape) for weight in network.weights
    ]
    arguments = set(inspect.signature(type(network).__init__).parameters)
    assert set(config) == arguments - {"self", "kwargs", "config"} | {"name"}
    given = {"channels": 1, "label_size": 3, "fmap_decay": 0.5, "architecture": "C"}
    assert given.items() <= config.items()


@pytest.mark.parametrize("make", [tiny.generator, tiny.discriminator])
def test_files_that_call_the_architecture_config_are_loaded(make, tmp_path):
    """As they were written before, and `config=` is still another name of the argument."""
    network = make(config="c")
    network.save(tmp_path / "new.keras")
    with (
        zipfile.ZipFile(tmp_path / "new.keras") as new,
        zipfile.ZipFile(tmp_path / "old.keras", "w") as old,
    ):
        for name in new.namelist():
            data = new.read(name)
            if name == "config.json":
                assert b'"architecture": "c"' in data
                data = data.replace(b'"architecture": "c"', b'"config": "c"')
            old.writestr(name, data)
    again = keras.models.load_model(tmp_path / "old.keras")
    assert again.get_config() == network.get_config()
    for ours, theirs in zip(again.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_networks_survive_a_checkpoint(tmp_path):
    networks = {"generator": tiny.generator(), "discriminator": tiny.discriminator()}
    path = tf.train.Checkpoint(**networks).save(tmp_path / "training")
    fresh = {
        "generator": sg.Generator(**tiny.GENERATOR),
        "discriminator": sg.Discriminator(**tiny.DISCRIMINATOR),
    }
    status = tf.train.Checkpoint(**fresh).restore(path)
    status.assert_consumed()
    assert_close(images_of(fresh["generator"]), images_of(networks["generator"]), 1e-6)
    assert_close(fresh["discriminator"](IMAGES), networks["discriminator"](IMAGES), 1e-6)


def test_a_checkpoint_holds_every_weight(tmp_path):
    generator = tiny.generator()
    path = tf.train.Checkpoint(generator=generator).save(tmp_path / "training")
    shapes = [shape for name, shape in tf.train.list_variables(path) if name.startswith("gen")]
    expected = [list(weight.shape) for weight in generator.weights]
    assert sorted(shapes) == sorted(expected)


def test_weights_can_be_copied_between_networks():
    source, target = tiny.generator(), sg.Generator(**tiny.GENERATOR)
    target.set_weights(source.get_weights())
    assert_close(images_of(target), images_of(source), 1e-6)


def test_saving_and_loading_warn_of_no_old_name(tmp_path):
    """Keras reads every attribute; `num_layers` warns only where somebody asks for it."""
    generator = tiny.generator()
    with warnings.catch_warnings():
        warnings.filterwarnings("error", ".*old name", DeprecationWarning)
        generator.save(tmp_path / "g.keras")
        loaded = keras.models.load_model(tmp_path / "g.keras")
    with pytest.warns(DeprecationWarning, match="num_layers is now Generator.num_ws"):
        assert loaded.num_layers == loaded.num_ws
    with pytest.raises(AttributeError, match="'Generator' object has no attribute 'nope'"):
        loaded.nope  # noqa: B018
