"""Inception-v3 of 2015 with random weights: against Keras's, and against that of pytorch-fid."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

import torch_pickles
from compare import assert_close
from references import ask
from stylegan_tf.importing import UnsupportedCheckpointError
from stylegan_tf.metrics.networks import inception
from stylegan_tf.metrics.networks.inception import NAMES, Inception, from_graph, from_port
from stylegan_tf.unpickling.torch_files import read_tensors


def images(count=1, side=299):
    return np.random.default_rng(1).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def write_graph(path, constants: dict) -> None:
    """A frozen graph with constants, and what else a graph has."""
    graph = tf.compat.v1.GraphDef()
    graph.node.add(name="Mul", op="Mul")
    for name, array in constants.items():
        node = graph.node.add(name=name, op="Const")
        node.attr["dtype"].type = tf.as_dtype(array.dtype).as_datatype_enum
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(array))
    path.write_bytes(graph.SerializeToString())


class WithMeans(Inception):
    """As Keras has it, and the paper: means in the last block, too."""

    def mix(self, x, name, towers, split=False, pool=None):
        return super().mix(x, name, towers, split)


@pytest.fixture(scope="module")
def of_keras():
    """Keras's network with random weights, normalization included."""
    model = keras.applications.InceptionV3(weights=None, include_top=False, pooling="avg")
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            beta, mean, variance = layer.get_weights()
            layer.set_weights(
                [
                    0.3 * rng.standard_normal(beta.shape),
                    0.3 * rng.standard_normal(mean.shape),
                    rng.uniform(0.5, 1.5, variance.shape),
                ]
            )
    return model


def in_order(model, kind) -> list:
    """A network's layers of a kind, as they were made: Keras numbers them."""

    def number(layer) -> int:
        result = re.search(r"_(\d+)$", layer.name)
        return int(result[1]) if result else 0

    return sorted((layer for layer in model.layers if isinstance(layer, kind)), key=number)


@pytest.fixture(scope="module")
def graph(of_keras, tmp_path_factory):
    """A graph of those weights under the published names, in Keras's order of construction."""

    convolutions = in_order(of_keras, keras.layers.Conv2D)
    normalizations = in_order(of_keras, keras.layers.BatchNormalization)
    constants = {"softmax/weights": 0.05 * np.random.default_rng(2).standard_normal((2048, 1008))}
    for name, convolution, normal in zip(NAMES, convolutions, normalizations, strict=True):
        (kernel,), (beta, mean, variance) = convolution.get_weights(), normal.get_weights()
        constants |= {
            f"{name}/conv2d_params": kernel,
            f"{name}/batchnorm/beta": beta,
            f"{name}/batchnorm/gamma": np.ones_like(beta),
            f"{name}/batchnorm/moving_mean": mean,
            f"{name}/batchnorm/moving_variance": variance,
        }
    path = tmp_path_factory.mktemp("graph") / "classify_image_graph_def.pb"
    write_graph(path, {name: array.astype(np.float32) for name, array in constants.items()})
    return path


def test_it_is_keras_network_up_to_the_pooling_of_the_last_block(of_keras, graph, monkeypatch):
    monkeypatch.setattr(inception, "Inception", WithMeans)
    x = images(2)
    result, _ = from_graph(graph)(x)
    assert_close(result, of_keras(x / np.float32(128) - 1, training=False), 1e-5)


def test_the_last_block_takes_maxima(graph, monkeypatch):
    """As the published graph does: 192 of 2048 features, those of its last branch, differ."""
    x = images()
    network = from_graph(graph)
    result, _ = network(x)
    monkeypatch.setattr(inception, "Inception", WithMeans)
    means, _ = from_graph(graph)(x)
    differ = np.abs(result - means)[0] > 1e-4
    assert not differ[:-192].any() and differ[-192:].mean() > 0.5


def test_probabilities_are_those_of_the_features_without_biases(graph):
    network = from_graph(graph)
    features, result = network(images())
    logits = np.float64(features) @ np.float64(network.head)
    expected = np.exp(logits) / np.exp(logits).sum()
    assert_close(result, expected, 1e-5)
    assert result.shape == (1, 1008)


def test_it_runs_in_a_graph(graph):
    network = from_graph(graph)
    x = images(1, 32)
    for result, expected in zip(tf.function(network)(x), network(x), strict=True):
        assert_close(result, expected, 1e-5)


@pytest.mark.parametrize("side", [32, 299, 512])
def test_images_are_resized_as_tensorflow_1_did(side):
    """The pixel at i is at i·side/299 of the image, and the one after the last is the last."""
    x = images(1, side)
    place = np.arange(299) * (side / 299)
    below = np.floor(place).astype(int)
    above, part = np.minimum(below + 1, side - 1), place - below
    rows = x[:, below] * (1 - part)[:, None, None] + x[:, above] * part[:, None, None]
    expected = rows[:, :, below] * (1 - part)[:, None] + rows[:, :, above] * part[:, None]
    np.testing.assert_allclose(inception.resized(x), expected, atol=0.02)


@pytest.fixture(scope="module")
def of_pytorch_fid(tmp_path_factory):
    """pytorch-fid's network with random weights: what it finds, and where its weights are."""
    folder = tmp_path_factory.mktemp("port")
    return ask("inception", folder, images=images(2)), folder


@pytest.mark.parametrize("name", ["zip.pth", "row.pth"])
def test_features_and_classes_are_those_of_pytorch_fid(of_pytorch_fid, name):
    expected, folder = of_pytorch_fid
    features, probabilities = from_port(folder / name)(images(2))
    assert_close(features, expected["features"], 1e-5)
    np.testing.assert_allclose(probabilities, expected["probabilities"], rtol=1e-3, atol=1e-7)


def test_graph_and_port_with_the_same_weights_are_the_same(of_pytorch_fid, tmp_path):
    """All weights of the port are in the graph, by names that TensorFlow published."""
    _, folder = of_pytorch_fid
    state = dict(read_tensors(folder / "zip.pth"))
    constants = {"softmax/weights": state.pop("fc.weight").T}
    constants["softmax/biases"] = state.pop("fc.bias")
    kinds = {"beta": "bias", "gamma": "weight"}
    kinds |= {"moving_mean": "running_mean", "moving_variance": "running_var"}
    for name, theirs in NAMES.items():
        kernel = state.pop(f"{theirs}.conv.weight").transpose(2, 3, 1, 0)
        constants[f"{name}/conv2d_params"] = kernel
        for ours, kind in kinds.items():
            constants[f"{name}/batchnorm/{ours}"] = state.pop(f"{theirs}.bn.{kind}")
    assert {name.rpartition(".")[2] for name in state} <= {"num_batches_tracked"}
    write_graph(tmp_path / "g.pb", constants)
    x = images(1, 64)
    both = from_graph(tmp_path / "g.pb")(x), from_port(folder / "zip.pth")(x)
    for result, expected in zip(*both, strict=True):
        assert_close(result, expected, 1e-6)


def test_images_are_resized_as_by_torch_fidelity(tmp_path):
    x = images(2, 64)
    expected = ask("resized", tmp_path, images=x)["resized"]
    np.testing.assert_allclose(inception.resized(x), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b"\x0a\xffno"), "damaged or no graph of TensorFlow"),
        (lambda path: write_graph(path, {"w": np.zeros(2)}), "another network: 'conv/conv2d_"),
    ],
)
def test_other_graphs_are_refused(make, reason, tmp_path):
    make(tmp_path / "g.pb")
    with pytest.raises(ValueError, match=f"g.pb .*{reason}"):
        from_graph(tmp_path / "g.pb")


def test_other_ports_are_refused(tmp_path):
    path = tmp_path / "p.pth"
    path.write_bytes(torch_pickles.both({"w": np.zeros(2, np.float32)})[0])
    with pytest.raises(ValueError, match="p.pth holds another network: 'Conv2d_1a_"):
        from_port(path)
    path.write_bytes(b"no")
    with pytest.raises(UnsupportedCheckpointError, match="p.pth is damaged"):
        from_port(path)
