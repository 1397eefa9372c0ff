"""The picture that is to be found again, and pictures as LPIPS sees them."""

import io
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from stylegan_tf.datasets.encoding import BadImage, Target, prepare
from stylegan_tf.layers.resample import downsample, upsample

# LPIPS was made with pictures of 64×64, and StyleGAN2's projection shows it no more than 256×256.
SMALLEST, LARGEST = 64, 256


def read_target(path, generator) -> np.ndarray:
    """A picture file as the generator would draw it: the middle square, resized, uint8 [R, R, C].

    Args:
        path: PNG, JPEG or WebP, turned, cropped and converted as by `stylegan-tf dataset create`.
        generator: a `Generator`.

    Raises:
        ValueError: if it is no such picture.
        OSError: if it cannot be read.
    """
    resolution, _ = generator.grown_to
    target = Target(resolution=resolution, channels=generator.channels, crop="center")
    try:
        data = prepare(Path(path).read_bytes(), target).data
    except BadImage as error:
        raise ValueError(f"{path} {error}") from None
    image = np.asarray(Image.open(io.BytesIO(data)).convert(target.mode))
    return image.reshape(resolution, resolution, generator.channels)


def seen(images):
    """Pictures for LPIPS: three channels, 64×64 to 256×256.

    Args:
        images: [N, R, R, C] in [-1, 1], R a power of two. Grey is repeated; transparent parts go
            towards the middle of the range.

    Returns:
        [N, r, r, 3], larger ones averaged, smaller ones with repeated pixels.
    """
    if images.shape[-1] == 1:
        images = tf.repeat(images, 3, axis=-1)
    if images.shape[-1] == 4:
        images = images[..., :3] * tf.clip_by_value(images[..., 3:] * 0.5 + 0.5, 0.0, 1.0)
    while images.shape[1] > LARGEST:
        images = downsample(images)
    while images.shape[1] < SMALLEST:
        images = upsample(images)
    return images
