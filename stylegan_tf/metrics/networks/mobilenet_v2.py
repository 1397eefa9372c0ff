"""MobileNetV2 (Sandler et al. 2018) as torchvision trained it on ImageNet."""

from typing import Any

import tensorflow as tf

from stylegan_tf.metrics.networks.network import centred, constant, fold_batch_norm
from stylegan_tf.metrics.networks.vgg16 import DEVIATION, MEAN

SIDE = 224
WIDTH, CLASSES = 1280, 1000
EPSILON = 1e-5
BLOCKS = 17  # inverted residuals; the first does not widen
HALVING = (2, 4, 7, 14)  # which of them have a stride of 2


class MobileNetV2:
    """The network.

    Args:
        state: the arrays of torchvision's `mobilenet_v2` by their names.

    Call arguments:
        images: uint8 [N, H, W, 3]; they are resized to 224×224.

    Raises:
        ValueError: if the arrays are of another network.
    """

    def __init__(self, state: dict):
        try:
            self.first = _layer(state, "features.0.0", "features.0.1")
            self.blocks = [_block(state, number) for number in range(1, BLOCKS + 1)]
            self.last = _layer(state, "features.18.0", "features.18.1")
            self.head = constant(state["classifier.1.weight"].T)
            self.head_bias = constant(state["classifier.1.bias"])
        except KeyError as error:
            raise ValueError(f"this is no MobileNetV2: {error} is missing") from None

    def __call__(self, images):
        """Returns features, float32 [N, 1280], and probabilities, [N, 1000]."""
        x = (centred(images, (SIDE, SIDE)) - MEAN) / DEVIATION
        x = tf.nn.relu6(convolve(x, *self.first, stride=2))
        for number, block in enumerate(self.blocks, start=1):
            x = inverted_residual(x, block, stride=2 if number in HALVING else 1)
        x = tf.nn.relu6(convolve(x, *self.last))
        features = tf.reduce_mean(x, axis=[1, 2])
        return features, tf.nn.softmax(features @ self.head + self.head_bias)


def inverted_residual(x, block: list, stride: int):
    """Widens (but in the first block), filters each channel, and narrows; adds x where it fits."""
    *widening, depthwise, narrowing = block
    y = x
    for kernel, bias in widening:
        y = tf.nn.relu6(convolve(y, kernel, bias))
    kernel, bias = depthwise
    y = tf.nn.depthwise_conv2d(padded(y, kernel), kernel, [1, stride, stride, 1], "VALID")
    y = convolve(tf.nn.relu6(y + bias), *narrowing)
    return x + y if stride == 1 and x.shape[-1] == y.shape[-1] else y


def convolve(x, kernel, bias, stride: int = 1):
    """Convolves, with as much padding on all sides."""
    return tf.nn.conv2d(padded(x, kernel), kernel, stride, "VALID") + bias


def padded(x, kernel):
    """Adds zeros around; TensorFlow's SAME has them at the ends alone where the stride is 2."""
    side = kernel.shape[0] // 2
    return tf.pad(x, [[0, 0], [side, side], [side, side], [0, 0]]) if side else x


def _block(state: dict, number: int) -> list:
    """Returns the two or three convolutions of an inverted residual."""
    name = f"features.{number}.conv"
    widening = 0 if number == 1 else 1
    return [
        *(_layer(state, f"{name}.{n}.0", f"{name}.{n}.1") for n in range(widening)),
        _layer(state, f"{name}.{widening}.0", f"{name}.{widening}.1", depthwise=True),
        _layer(state, f"{name}.{widening + 1}", f"{name}.{widening + 2}"),
    ]


def _layer(
    state: dict, convolution: str, normalization: str, depthwise: bool = False
) -> tuple[Any, Any]:
    """Returns kernel and bias, of a convolution and the normalization after it."""
    kernel = state[f"{convolution}.weight"].transpose(2, 3, 1, 0)  # [k, l, C, D], or [k, l, 1, C]
    kinds = ("weight", "bias", "running_mean", "running_var")
    normal = [state[f"{normalization}.{kind}"] for kind in kinds]
    kernel, bias = fold_batch_norm(kernel, normal, EPSILON)
    return constant(kernel.swapaxes(2, 3) if depthwise else kernel), constant(bias)
