"""The image that is projected, and images as LPIPS sees them."""

import io
import os
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from stylegan_tf.datasets.encoding import BadImage, Target, prepare
from stylegan_tf.images import to_rgb
from stylegan_tf.layers.resample import downsample, upsample
from stylegan_tf.models import BaseDiscriminator, BaseGenerator

# LPIPS was made with images of 64×64, and StyleGAN2's projection shows it no more than 256×256.
SMALLEST, LARGEST = 64, 256


def read_target(path: str | os.PathLike[str], generator: BaseGenerator) -> np.ndarray:
    """Reads the middle square of an image at the generator's resolution, uint8 [R, R, C].

    Args:
        path: PNG, JPEG or WebP, rotated, cropped and converted as by `stylegan-tf dataset create`.
        generator: a `Generator`.

    Raises:
        ValueError: if it is no such image.
        OSError: if it cannot be read.
    """
    try:
        return fitted_image(Path(path).read_bytes(), generator)
    except BadImage as error:
        raise ValueError(f"{path} {error}") from None


def fitted_image(data: bytes, network: BaseGenerator | BaseDiscriminator) -> np.ndarray:
    """Returns the middle square of an image at a network's resolution, uint8 [R, R, C].

    Args:
        data: a PNG, JPEG or WebP file.
        network: whose images are of that size.

    Raises:
        BadImage: if it is no such image.
    """
    resolution, _ = network.grown_to
    target = Target(resolution=resolution, channels=network.channels, crop="center")
    image = Image.open(io.BytesIO(prepare(data, target).data)).convert(target.mode)
    return np.asarray(image).reshape(resolution, resolution, network.channels)


def seen(images: tf.Tensor) -> tf.Tensor:
    """Returns images for LPIPS: three channels, 64×64 to 256×256.

    Args:
        images: [N, R, R, C] in [-1, 1], R a power of two. Grey is repeated; transparent parts
            become white.

    Returns:
        [N, r, r, 3], larger ones averaged, smaller ones with repeated pixels.
    """
    images = to_rgb(images)
    while images.shape[1] > LARGEST:
        images = downsample(images)
    while images.shape[1] < SMALLEST:
        images = upsample(images)
    return images
