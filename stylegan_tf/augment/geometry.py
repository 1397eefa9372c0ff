"""Where each pixel comes from: flips, rotations, translations and scales as one affine map."""

from __future__ import annotations

import math

from stylegan_tf.augment.transforms import Draws
from stylegan_tf.lazy_tensorflow import tf

NAMES = ("xflip", "rotate90", "xint", "scale", "rotate", "aniso", "xfrac")
TRANSLATION = 0.125  # of the image's size: the bound of "xint", the deviation of "xfrac"
LOG2_SCALE = 0.2  # deviation


def matrices(draws: Draws, height: int, width: int) -> tf.Tensor:
    """Returns the maps from pixels of the result to pixels of the images, [N, 2, 3].

    The map is the product of the inverse transforms in the order of the transforms,
    F · R(a) · T · S · R(θ₁) · A · R(θ₂) · T'. Flip F, scale S and the rotations give the linear
    part F · s · R(a + θ₁) · A · R(θ₂).

    Args:
        draws: for N images.
        height: of the images, in pixels.
        width: theirs.

    Returns:
        from (x, y, 1) to (x, y), in pixels from the centre of the image.
    """
    flip = draws.column("xflip", lambda u: 1 - 2 * tf.floor(2 * u), 1.0)
    quarters = draws.column("rotate90", lambda u: tf.floor(4 * u)) * (math.pi / 2)
    scale = draws.column("scale", lambda n: 2 ** (-LOG2_SCALE * n), 1.0)
    stretch = draws.column("aniso", lambda n: 2 ** (LOG2_SCALE * n), 1.0)
    before, after = _angles(draws)
    # Quarters of a turn stay exact: their sines are whole numbers.
    cos_a, sin_a = tf.round(tf.cos(quarters)), tf.round(tf.sin(quarters))
    cos_1, sin_1 = tf.cos(before), tf.sin(before)
    cos_b, sin_b = cos_a * cos_1 - sin_a * sin_1, sin_a * cos_1 + cos_a * sin_1
    cos_2, sin_2 = tf.cos(after), tf.sin(after)
    x, y = scale / stretch, scale * stretch
    xx = flip * (cos_b * x * cos_2 - sin_b * y * sin_2)
    xy = -flip * (cos_b * x * sin_2 + sin_b * y * cos_2)
    yx = sin_b * x * cos_2 + cos_b * y * sin_2
    yy = cos_b * y * cos_2 - sin_b * x * sin_2
    whole_x, whole_y = _translation(draws, "xint", height, width)
    part_x, part_y = _translation(draws, "xfrac", height, width)
    shift_x = -flip * (cos_a * whole_x - sin_a * whole_y) - (xx * part_x + xy * part_y)
    shift_y = -(sin_a * whole_x + cos_a * whole_y) - (yx * part_x + yy * part_y)
    count = tf.shape(next(iter(draws.values.values())))[0]
    entries = [tf.broadcast_to(one, [count]) for one in (xx, xy, shift_x, yx, yy, shift_y)]
    return tf.reshape(tf.stack(entries, axis=1), [-1, 2, 3])


def apply(draws: Draws, images: tf.Tensor) -> tf.Tensor:
    """Returns images seen through their maps.

    Args:
        draws: for N images.
        images: [N, H, W, C] of known H, W and C.
    """
    from stylegan_tf.ops import affine_warp  # which needs TensorFlow

    return affine_warp(images, matrices(draws, *images.shape[1:3]))


def _angles(draws: Draws) -> tuple[tf.Tensor, tf.Tensor]:
    """The rotations before and after "aniso": at least one of them with the probability p."""
    if "rotate" not in draws:
        return 0.0, 0.0
    p = 1 - tf.sqrt(tf.maximum(1.0 - draws.p, 0.0))
    angles = draws.gated("rotate", lambda u: (2 * u - 1) * math.pi, p=p)
    return angles[:, 0], angles[:, 1]


def _translation(draws: Draws, name: str, height: int, width: int) -> tuple[tf.Tensor, tf.Tensor]:
    """By how many pixels to the right and down."""
    if name not in draws:
        return 0.0, 0.0
    size = tf.constant([width, height], tf.float32)

    def pixels(numbers: tf.Tensor) -> tf.Tensor:
        if name == "xint":
            return tf.round((2 * numbers - 1) * TRANSLATION * size)
        return TRANSLATION * numbers * size

    shift = draws.gated(name, pixels)
    return shift[:, 0], shift[:, 1]
