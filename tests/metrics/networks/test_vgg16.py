"""Features of VGG16: thin networks against Keras's and torchvision's, and what size they see."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from references import ask
from stylegan_tf.metrics import WeightsMissing, load_lpips, load_network
from stylegan_tf.metrics.networks.vgg16 import (
    Convolutions,
    DenseFeatures,
    MeanFeatures,
    from_torchvision,
)
from stylegan_tf.unpickling.torch_files import read_tensors

WIDTHS = [[2, 2], [2, 2], [3, 3, 3], [4, 4, 4], [5, 5, 5]]
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])  # of [0, 1]


def images(height, width, count=2):
    rng = np.random.default_rng(1)
    return rng.integers(0, 256, (count, height, width, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def of_keras():
    """A thin VGG16 with two dense layers, by Keras: the maps after the last block, the features."""
    first = x = keras.Input((224, 224, 3))
    start = keras.initializers.HeNormal(seed=0)
    for number, block in enumerate(WIDTHS):
        x = keras.layers.MaxPooling2D()(x) if number else x
        for width in block:
            layer = keras.layers.Conv2D(
                width, 3, padding="same", activation="relu", kernel_initializer=start
            )
            x = layer(x)
    maps = x
    x = keras.layers.Flatten()(keras.layers.MaxPooling2D()(x))
    for width in (7, 6):
        layer = keras.layers.Dense(width, activation="relu", kernel_initializer=start)
        x = layer(x)
    model = keras.Model(first, [maps, x])
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        if len(variable.shape) == 1:
            variable.assign(0.3 * rng.standard_normal(variable.shape))
    return model


def layers(model, kind):
    return [layer.get_weights() for layer in model.layers if isinstance(layer, kind)]


@pytest.fixture(scope="module")
def convolutions(of_keras):
    return Convolutions(*zip(*layers(of_keras, keras.layers.Conv2D), strict=True))


def test_dense_features_are_those_of_keras_layers(of_keras, convolutions):
    network = DenseFeatures(convolutions, layers(of_keras, keras.layers.Dense))
    x = images(224, 224)
    _, expected = of_keras(((x / 255 - MEAN) / DEVIATION).astype(np.float32))
    features, probabilities = network(x)
    assert_close(features, expected, 1e-5)
    assert np.count_nonzero(expected) > 3  # not a network that is off
    assert probabilities is None


def test_mean_features_are_means_over_the_last_maps(of_keras, convolutions):
    x = images(224, 224)
    maps, _ = of_keras(((x / 255 - MEAN) / DEVIATION).astype(np.float32))
    features, probabilities = MeanFeatures(convolutions)(x)
    assert_close(features, np.mean(maps, axis=(1, 2)), 1e-5)
    assert probabilities is None


@pytest.mark.parametrize(
    ("given", "seen"),
    [((8, 8), (64, 64)), ((64, 200), (64, 200)), ((256, 256), (256, 256)), ((512, 32), (256, 64))],
)
def test_mean_features_see_images_of_64_to_256(given, seen):
    shown = []

    def convolutions(images):
        shown.append(images)
        return [images]

    MeanFeatures(convolutions)(tf.constant(images(*given)))
    assert shown[0].shape == (2, *seen, 3)


def test_larger_images_are_reduced_by_means_of_all_that_a_pixel_covers():
    """A checkerboard becomes grey; taking some of its pixels gives black or white."""
    board = np.indices((512, 512)).sum(0) % 2 * 255
    images = np.repeat(board[None, ..., None], 3, axis=-1).astype(np.uint8)
    features, _ = MeanFeatures(lambda images: [images[:, 8:-8, 8:-8]])(tf.constant(images))
    np.testing.assert_allclose(features, 0, atol=1e-3)


def test_torchvision_agrees(tmp_path):
    x = images(224, 224)
    expected = ask("vgg16", tmp_path, images=x)["features"]
    for name in ("zip.pth", "row.pth"):
        features, _ = from_torchvision(read_tensors(tmp_path / name))(x)
        assert_close(features, expected, 1e-5)
    assert np.count_nonzero(expected) > 3


def test_other_state_dicts_are_refused():
    with pytest.raises(ValueError, match="this is no VGG16: 'classifier.0.weight' is missing"):
        from_torchvision({})


def test_the_file_of_lpips_has_the_convolutions():
    """Their directions are the features that LPIPS compares."""
    try:
        network, lpips = load_network("vgg16"), load_lpips()
    except WeightsMissing as error:
        pytest.skip(str(error))
    x = images(64, 64)
    features, _ = tf.function(network)(x)
    assert features.shape == (2, network.width)
    last = network.compute.convolutions(x / np.float32(127.5) - 1)[-1]
    assert_close(features, np.mean(last, axis=(1, 2)), 1e-5)
    directions = last / np.linalg.norm(last, axis=-1, keepdims=True)
    assert_close(lpips.features(x / np.float32(127.5) - 1)[-1], directions, 1e-5)
