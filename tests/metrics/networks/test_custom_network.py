"""Networks of the user's: Keras models and SavedModels, and what they must take and give."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from stylegan_tf.metrics import WeightsMissing, load_network


def images(side=8):
    return np.random.default_rng(1).integers(0, 256, (2, side, side, 3), dtype=np.uint8)


def model(size=(8, 8, 3), classes=None, features=None):
    """Means over the image of four maps; and the classes, if there are some."""
    x = keras.Input(size)
    maps = keras.layers.Conv2D(4, 3, activation="relu")(x)
    result = [features(maps) if features else keras.layers.GlobalAveragePooling2D()(maps)]
    if classes:
        result.append(keras.layers.Dense(classes, activation="softmax")(result[0]))
    return keras.Model(x, result)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_keras_model_gets_images_in_its_range(tmp_path, suffix):
    made = model(classes=5)
    made.save(tmp_path / f"own{suffix}")
    network = load_network("faces", tmp_path / f"own{suffix}")
    assert (network.name, network.width, network.classes) == ("faces", 4, 5)
    features, probabilities = network(images())
    expected = made(images() / np.float32(127.5) - 1)
    assert_close(features, expected[0], 1e-6)
    assert_close(probabilities, expected[1], 1e-6)


def test_a_model_without_classes_has_no_probabilities(tmp_path):
    model().save(tmp_path / "own.keras")
    network = load_network("faces", tmp_path / "own.keras")
    assert network.classes is None
    assert network(images())[1] is None


def test_images_are_resized_to_a_fixed_size_and_left_alone_else(tmp_path):
    made = model(size=(None, None, 3))
    made.save(tmp_path / "any.keras")
    features, _ = load_network("faces", tmp_path / "any.keras")(images(20))
    assert_close(features, made(images(20) / np.float32(127.5) - 1), 1e-6)
    fixed = model()
    fixed.save(tmp_path / "fixed.keras")
    features, _ = load_network("faces", tmp_path / "fixed.keras")(images(20))
    small = tf.image.resize(images(20).astype(np.float32), (8, 8), antialias=True)
    assert_close(features, fixed(small / 127.5 - 1), 1e-6)


class Module(tf.Module):
    """Whose results have names, the second first in the order of a dict."""

    def __init__(self):
        super().__init__()
        self.kernel = tf.Variable(np.random.default_rng(0).standard_normal((3, 4), np.float32))

    @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 3], tf.float32, "images")])
    def serve(self, images):
        features = tf.reduce_mean(images, axis=[1, 2]) @ self.kernel
        return {"probabilities": tf.nn.softmax(features), "features": features}


@pytest.fixture
def saved(tmp_path):
    """A module, and its SavedModel."""
    module = Module()
    tf.saved_model.save(module, str(tmp_path / "saved"), {"serving_default": module.serve})
    return module, tmp_path / "saved"


def test_a_saved_model_is_called_by_its_signature(saved):
    module, path = saved
    network = load_network("faces", path)
    assert (network.width, network.classes) == (4, 4)
    expected = module.serve(images() / np.float32(127.5) - 1)
    for result in (network(images()), tf.function(network)(images())):
        assert_close(result[0], expected["features"], 1e-6)
        assert_close(result[1], expected["probabilities"], 1e-6)


def test_its_digest_is_that_of_what_is_in_it(saved, tmp_path):
    _, path = saved
    before = load_network("faces", path).sha256
    assert len(before) == 64
    moved = path.rename(tmp_path / "moved")
    assert load_network("faces", moved).sha256 == before
    (moved / "more.txt").write_text("more")
    assert load_network("faces", moved).sha256 != before


def two_inputs():
    a, b = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    return keras.Model([a, b], keras.layers.GlobalAveragePooling2D()(a + b))


def two_features():
    x = keras.Input((8, 8, 3))
    return keras.Model(x, [keras.layers.GlobalAveragePooling2D()(x)] * 2)


def too_small():
    """It takes any size, but for Dense, of which the width was that of 8×8."""
    x = keras.Input((None, None, 3))
    reshaped = keras.layers.Reshape((8 * 8 * 3,))(x)
    return keras.Model(x, keras.layers.Dense(2)(reshaped))


def of_bytes():
    x = keras.Input((8, 8, 3), dtype="uint8")
    return keras.Model(x, keras.layers.Flatten()(keras.layers.Rescaling(1.0)(x)))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: model(size=(8, 8, 1)), r"takes float32 \(None, 8, 8, 1\)"),
        (of_bytes, r"takes uint8 \(None, 8, 8, 3\)"),
        (too_small, "cannot be run: "),
        (lambda: model(features=lambda x: x), r"gives \[\[2, 6, 6, 4\]\] for 2 images"),
        (two_inputs, "takes 2 inputs"),
        (two_features, "its second result is no probabilities"),
    ],
)
def test_other_models_are_refused(make, reason, tmp_path):
    make().save(tmp_path / "own.keras")
    with pytest.raises(ValueError, match=f"own.keras.* {reason}.*; a network for metrics takes"):
        load_network("faces", tmp_path / "own.keras")


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "own.keras").write_bytes(b"no model")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match="own.keras cannot be read as a Keras model: "):
        load_network("faces", tmp_path / "own.keras")
    with pytest.raises(ValueError, match="folder cannot be read as a SavedModel: "):
        load_network("faces", tmp_path / "folder")
    with pytest.raises(WeightsMissing, match="none.keras does not exist: give faces a Keras model"):
        load_network("faces", tmp_path / "none.keras")
