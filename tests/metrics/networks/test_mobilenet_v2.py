"""MobileNetV2 with its published weights: what torchvision makes of them."""

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from references import ask
from stylegan_tf.metrics import WeightsMissing, load_network
from stylegan_tf.metrics.networks.loading import MOBILENET_V2
from stylegan_tf.metrics.networks.mobilenet_v2 import MobileNetV2
from stylegan_tf.metrics.weights import find


def images():
    return np.random.default_rng(1).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def network():
    try:
        return load_network("mobilenet_v2")
    except WeightsMissing as error:
        pytest.skip(str(error))


def test_noise_has_known_features_and_classes(network):
    """What torchvision 0.29.1 gave: every 160th feature, and the likeliest class."""
    features, probabilities = network(images())
    expected = [
        [0.0280231163, 0.3215517402, 0.1628987789, 0, 0, 0, 0.0147076398, 1.2860310078],
        [0.0248069670, 0.4224147797, 0.2994677424, 0, 0, 0, 0.0061834548, 1.3879139423],
    ]
    np.testing.assert_allclose(features[:, ::160], expected, atol=1e-4)
    np.testing.assert_array_equal(np.argmax(probabilities, 1), [107, 644])
    np.testing.assert_allclose(np.max(probabilities, 1), [0.07788813, 0.0809822], rtol=1e-3)


def test_torchvision_agrees(network, tmp_path):
    x = images()
    result = ask("mobilenet_v2", tmp_path, images=x, path=str(find(MOBILENET_V2)))
    features, probabilities = network(x)
    assert_close(features, result["features"], 1e-4)
    assert_close(probabilities, result["probabilities"], 1e-5)


def test_it_runs_in_a_graph_at_any_size(network):
    x = images()[:, :32, :48]
    features, probabilities = tf.function(network)(x)
    assert features.shape == (2, network.width) == (2, 1280)
    assert probabilities.shape == (2, network.classes) == (2, 1000)
    np.testing.assert_allclose(np.sum(probabilities, 1), 1, rtol=1e-5)
    assert_close(features, network(x)[0], 1e-5)


def test_other_state_dicts_are_refused():
    with pytest.raises(ValueError, match="this is no MobileNetV2: 'features.0.0.weight'"):
        MobileNetV2({})
