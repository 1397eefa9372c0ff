"""VGG16 (Simonyan and Zisserman 2014), trained on ImageNet."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from stylegan_tf.metrics.networks.network import centred, constant

BLOCKS = (2, 2, 3, 3, 3)  # convolutions before each halving, and at the end
# Mean and deviation of ImageNet's RGB, for RGB in [-1, 1].
MEAN, DEVIATION = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
MIN_SIDE, MAX_SIDE = 64, 256  # of the images that the convolutions are shown
MEAN_WIDTH, DENSE_WIDTH = 512, 4096
SIDE = 224  # of the images that the dense layers are for


class Convolutions:
    """The 13 convolutions.

    Args:
        kernels: float32 [3, 3, C, D].
        biases: [D].

    Call arguments:
        images: [N, H, W, 3], nominally in [-1, 1]; H and W are at least 16.

    Returns:
        The last feature maps, after their ReLU, of each of the five blocks: [N, h, w, D].
    """

    def __init__(self, kernels: Sequence[np.ndarray], biases: Sequence[np.ndarray]):
        layers = [(constant(k), constant(b)) for k, b in zip(kernels, biases, strict=True)]
        ends = [sum(BLOCKS[: number + 1]) for number in range(len(BLOCKS))]
        self.blocks = [layers[a:b] for a, b in zip([0, *ends], ends, strict=False)]

    def __call__(self, images: tf.Tensor) -> list[tf.Tensor]:
        """Returns the maps of each block."""
        x = (images - MEAN) / DEVIATION
        result = []
        for number, block in enumerate(self.blocks):
            if number:
                x = halve(x)
            for kernel, bias in block:
                x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME") + bias)
            result.append(x)
        return result


class MeanFeatures:
    """512 features: what the last convolutions see, on average over the image.

    Images are taken as they are from 64×64 to 256×256; others are resized to these.

    Call arguments:
        images: uint8 [N, H, W, 3].
    """

    def __init__(self, convolutions: Convolutions):
        self.convolutions = convolutions

    def __call__(self, images):
        """Returns features, float32 [N, 512], and no probabilities."""
        size = tuple(min(max(side, MIN_SIDE), MAX_SIDE) for side in images.shape[1:3])
        maps = self.convolutions(centred(images, size))[-1]  # [N, h, w, 512]
        return tf.reduce_mean(maps, axis=[1, 2]), None


class DenseFeatures:
    """4096 features: the second dense layer after its ReLU, of precision and recall as published.

    Args:
        convolutions: `Convolutions`.
        dense: kernel, float32 [D, 4096], and bias of both layers; the first flattens [7, 7, 512].

    Call arguments:
        images: uint8 [N, H, W, 3]; they are resized to 224×224.
    """

    def __init__(self, convolutions: Convolutions, dense):
        self.convolutions = convolutions
        self.dense = [(constant(kernel), constant(bias)) for kernel, bias in dense]

    def __call__(self, images):
        """Returns features, float32 [N, 4096], and no probabilities."""
        maps = halve(self.convolutions(centred(images, (SIDE, SIDE)))[-1])  # [N, 7, 7, 512]
        x = tf.reshape(maps, [-1, 7 * 7 * maps.shape[-1]])
        for kernel, bias in self.dense:
            x = tf.nn.relu(x @ kernel + bias)
        return x, None


def halve(x):
    """Returns the maximum of 2×2."""
    return tf.nn.max_pool2d(x, 2, 2, "VALID")


def from_torchvision(state: dict) -> DenseFeatures:
    """Returns the network with the arrays of torchvision's `vgg16` by their names.

    Raises:
        ValueError: if they are of another network.
    """
    try:
        numbers = [n for n in range(30) if f"features.{n}.weight" in state]
        kernels = [state[f"features.{n}.weight"].transpose(2, 3, 1, 0) for n in numbers]
        biases = [state[f"features.{n}.bias"] for n in numbers]
        first, second = (state[f"classifier.{n}.weight"] for n in (0, 3))
        # Theirs flattens [512, 7, 7].
        first = first.reshape(len(first), -1, 7, 7).transpose(2, 3, 1, 0).reshape(-1, len(first))
        shifts = [state[f"classifier.{n}.bias"] for n in (0, 3)]
    except KeyError as error:
        raise ValueError(f"this is no VGG16: {error} is missing") from None
    dense = zip((first, second.T), shifts, strict=True)
    return DenseFeatures(Convolutions(kernels, biases), dense)
