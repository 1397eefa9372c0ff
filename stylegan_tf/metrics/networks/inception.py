"""Inception-v3 as TensorFlow published it in 2015: the network of FID, KID and inception score.

The architecture is that of Szegedy et al. (2015), *Rethinking the Inception Architecture for
Computer Vision*, with what is particular to the published graph: the last block takes the maximum
where the paper takes the mean, and the classes are 1008, not 1000. Its weights come from either of
the files in which people have them.
"""

import contextlib
from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError

from stylegan_tf.metrics.networks.network import constant, fold_batch_norm
from stylegan_tf.unpickling.torch_files import read_tensors

SIDE = 299
WIDTH, CLASSES = 2048, 1008
EPSILON = 0.001  # of the batch normalization, in the graph and in its port
GRAPH = ("gamma", "beta", "moving_mean", "moving_variance")
PORT = ("weight", "bias", "running_mean", "running_var")


class Inception:
    """The network; layers have their names in the published graph.

    Args:
        layers: kernel, float32 [k, l, C, D], and bias, [D], of each convolution by its name, with
            its batch normalization merged into them.
        head: of the softmax, [2048, 1008].

    Call arguments:
        images: uint8 [N, H, W, 3].

    Returns:
        Features after the last pooling, float32 [N, 2048], and probabilities, [N, 1008].
    """

    def __init__(self, layers: dict, head):
        self.layers = {
            name: (constant(kernel), constant(bias)) for name, (kernel, bias) in layers.items()
        }
        self.head = constant(head)

    def __call__(self, images):
        """Returns features and probabilities."""
        features = self.features(resized(images) / 128.0 - 1.0)
        # Without the biases, as the published inception score has it (Salimans et al. 2016).
        return features, tf.nn.softmax(features @ self.head)

    def features(self, x):
        """Returns features, [N, 2048], of [N, 299, 299, 3] in [-1, 1)."""
        x = self.convolve(x, "conv", stride=2)
        x = self.convolve(x, "conv_1", padding="VALID")
        x = self.convolve(x, "conv_2")
        x = halve(x)  # [N, 73, 73, 64]
        x = self.convolve(x, "conv_3")
        x = self.convolve(x, "conv_4", padding="VALID")
        x = halve(x)  # [N, 35, 35, 192]
        for name in ("mixed", "mixed_1", "mixed_2"):
            x = self.mix(x, name, towers=(2, 3))
        towers = self.chain(x, "mixed_3", 1, 2), self.chain(x, "mixed_3/tower", 3, 2)
        x = tf.concat([*towers, halve(x)], -1)  # [N, 17, 17, 768]
        for name in ("mixed_4", "mixed_5", "mixed_6", "mixed_7"):
            x = self.mix(x, name, towers=(3, 5))
        towers = self.chain(x, "mixed_8/tower", 2, 2), self.chain(x, "mixed_8/tower_1", 4, 2)
        x = tf.concat([*towers, halve(x)], -1)  # [N, 8, 8, 1280]
        x = self.mix(x, "mixed_9", towers=(1, 2), split=True)
        x = self.mix(x, "mixed_10", towers=(1, 2), split=True, pool=tf.nn.max_pool2d)
        return tf.reduce_mean(x, axis=[1, 2])

    def mix(self, x, name: str, towers, split: bool = False, pool=tf.nn.avg_pool2d):
        """Computes a block: a convolution, two chains of some, and one after pooling, side by side.

        Args:
            x: [N, h, w, C].
            name: of the block, in the graph.
            towers: convolutions of the two chains.
            split: whether each chain ends in two convolutions side by side.
            pool: TensorFlow's function that pools.
        """
        branches = [self.chain(x, name, 1)]
        for tower, count in zip(("tower", "tower_1"), towers, strict=True):
            end = self.chain(x, f"{name}/{tower}", count)
            if split:
                names = f"{name}/{tower}/mixed/conv", f"{name}/{tower}/mixed/conv_1"
                branches += [self.convolve(end, half) for half in names]
            else:
                branches.append(end)
        pooled = pool(x, 3, 1, "SAME")  # the mean is of the pixels inside alone
        return tf.concat([*branches, self.chain(pooled, f"{name}/tower_2", 1)], -1)

    def chain(self, x, tower: str, count: int, stride: int = 1):
        """Computes so many convolutions, of which the last has the stride."""
        for number in range(count):
            name = f"{tower}/conv_{number}" if number else f"{tower}/conv"
            x = self.convolve(x, name, stride if number == count - 1 else 1)
        return x

    def convolve(self, x, name: str, stride: int = 1, padding: str | None = None):
        """Computes convolution, batch normalization and ReLU; with a stride there is no padding."""
        kernel, bias = self.layers[name]
        padding = padding or ("SAME" if stride == 1 else "VALID")
        return tf.nn.relu(tf.nn.conv2d(x, kernel, stride, padding) + bias)


def halve(x):
    """Returns the maximum of 3×3, every other."""
    return tf.nn.max_pool2d(x, 3, 2, "VALID")


def resized(images):
    """Returns float32 [N, 299, 299, 3] in [0, 255], with the corners of the published graph.

    Neither `tf.image.resize` nor PyTorch do that: they take pixels for squares, not for points.
    """
    x = tf.cast(images, tf.float32)
    return tf.compat.v1.image.resize_bilinear(x, (SIDE, SIDE))


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
    constants = {
        node.name: tf.make_ndarray(node.attr["value"].tensor)
        for node in graph.node
        if node.op == "Const"
    }
    with _missing_from(path):
        layers = {
            name: fold_batch_norm(
                constants[f"{name}/conv2d_params"],
                [constants[f"{name}/batchnorm/{kind}"] for kind in GRAPH],
                EPSILON,
            )
            for name in NAMES
        }
        return Inception(layers, constants["softmax/weights"])


def from_port(path) -> Inception:
    """Returns the network of its port to PyTorch (`pt_inception-2015-12-05-….pth`).

    Raises:
        ValueError: if it is no such file.
    """
    tensors = read_tensors(path)
    with _missing_from(path):
        layers = {
            name: fold_batch_norm(
                tensors[f"{theirs}.conv.weight"].transpose(2, 3, 1, 0),
                [tensors[f"{theirs}.bn.{kind}"] for kind in PORT],
                EPSILON,
            )
            for name, theirs in NAMES.items()
        }
        return Inception(layers, tensors["fc.weight"].T)


@contextlib.contextmanager
def _missing_from(path):
    """Says of which file a weight is missing."""
    try:
        yield
    except KeyError as error:
        raise ValueError(f"{path} holds another network: {error} is missing") from None
