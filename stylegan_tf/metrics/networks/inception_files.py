"""The weights of the Inception-v3 of 2015, from either of the files in which people have them."""

import contextlib
from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError

from stylegan_tf.metrics.networks.inception import Inception
from stylegan_tf.metrics.networks.network import fold_batch_norm
from stylegan_tf.metrics.networks.torch_files import read_tensors

EPSILON = 0.001  # of the batch normalization, in the graph and in its port
GRAPH = ("gamma", "beta", "moving_mean", "moving_variance")
PORT = ("weight", "bias", "running_mean", "running_var")

# By the graph's names: what the port in PyTorch calls the convolutions (after torchvision).
STEM = {
    "conv": "Conv2d_1a_3x3",
    "conv_1": "Conv2d_2a_3x3",
    "conv_2": "Conv2d_2b_3x3",
    "conv_3": "Conv2d_3b_1x1",
    "conv_4": "Conv2d_4a_3x3",
}


def _numbered(tower: str, names: list[str]) -> dict[str, str]:
    """Returns the convolutions of a tower: tower/conv, tower/conv_1 and so on."""
    return {
        f"{tower}/conv_{number}" if number else f"{tower}/conv": name
        for number, name in enumerate(names)
    }


_35 = {
    "conv": "branch1x1",
    **_numbered("tower", ["branch5x5_1", "branch5x5_2"]),
    **_numbered("tower_1", ["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"]),
    "tower_2/conv": "branch_pool",
}
_35_TO_17 = {
    "conv": "branch3x3",
    **_numbered("tower", ["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"]),
}
_17 = {
    "conv": "branch1x1",
    **_numbered("tower", [f"branch7x7_{number}" for number in range(1, 4)]),
    **_numbered("tower_1", [f"branch7x7dbl_{number}" for number in range(1, 6)]),
    "tower_2/conv": "branch_pool",
}
_17_TO_8 = {
    **_numbered("tower", ["branch3x3_1", "branch3x3_2"]),
    **_numbered("tower_1", [f"branch7x7x3_{number}" for number in range(1, 5)]),
}
_8 = {
    "conv": "branch1x1",
    "tower/conv": "branch3x3_1",
    **_numbered("tower/mixed", ["branch3x3_2a", "branch3x3_2b"]),
    **_numbered("tower_1", ["branch3x3dbl_1", "branch3x3dbl_2"]),
    **_numbered("tower_1/mixed", ["branch3x3dbl_3a", "branch3x3dbl_3b"]),
    "tower_2/conv": "branch_pool",
}
BLOCKS = {
    "mixed": ("Mixed_5b", _35),
    "mixed_1": ("Mixed_5c", _35),
    "mixed_2": ("Mixed_5d", _35),
    "mixed_3": ("Mixed_6a", _35_TO_17),
    "mixed_4": ("Mixed_6b", _17),
    "mixed_5": ("Mixed_6c", _17),
    "mixed_6": ("Mixed_6d", _17),
    "mixed_7": ("Mixed_6e", _17),
    "mixed_8": ("Mixed_7a", _17_TO_8),
    "mixed_9": ("Mixed_7b", _8),
    "mixed_10": ("Mixed_7c", _8),
}
NAMES = STEM | {
    f"{block}/{ours}": f"{theirs}.{name}"
    for block, (theirs, names) in BLOCKS.items()
    for ours, name in names.items()
}


def from_graph(path) -> Inception:
    """Returns the network of TensorFlow's frozen graph (`classify_image_graph_def.pb`).

    Raises:
        ValueError: if it is no such graph.
    """
    graph = tf.compat.v1.GraphDef()
    try:
        graph.ParseFromString(Path(path).read_bytes())
    except DecodeError as error:
        raise ValueError(f"{path} is damaged or no graph of TensorFlow") from error
    found = {
        node.name: tf.make_ndarray(node.attr["value"].tensor)
        for node in graph.node
        if node.op == "Const"
    }
    with _missing_from(path):
        layers = {
            name: fold_batch_norm(
                found[f"{name}/conv2d_params"],
                [found[f"{name}/batchnorm/{kind}"] for kind in GRAPH],
                EPSILON,
            )
            for name in NAMES
        }
        return Inception(layers, found["softmax/weights"])


def from_port(path) -> Inception:
    """Returns the network of its port to PyTorch (`pt_inception-2015-12-05-….pth`).

    Raises:
        ValueError: if it is no such file.
    """
    found = read_tensors(path)
    with _missing_from(path):
        layers = {
            name: fold_batch_norm(
                found[f"{theirs}.conv.weight"].transpose(2, 3, 1, 0),
                [found[f"{theirs}.bn.{kind}"] for kind in PORT],
                EPSILON,
            )
            for name, theirs in NAMES.items()
        }
        return Inception(layers, found["fc.weight"].T)


@contextlib.contextmanager
def _missing_from(path):
    """Says of which file a weight is missing."""
    try:
        yield
    except KeyError as error:
        raise ValueError(f"{path} holds another network: {error} is missing") from None
