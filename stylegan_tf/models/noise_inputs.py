"""The noise of each layer, from what a caller gives."""

from collections.abc import Sequence

import tensorflow as tf

from stylegan_tf.models.shapes import check_shape


def per_layer(
    noise: str | Sequence[tf.Tensor],
    count: int,
    shapes: Sequence[tuple[int, int]],
    batch: int | None,
) -> list[str | tf.Tensor]:
    """Returns a mode or a tensor for each of the first `count` layers.

    Args:
        noise: a mode, as `NoiseInjection` takes it, or tensors [1 or N, h, w, 1].
        count: how many layers.
        shapes: (height, width) of each layer's noise; [] for a network without noise inputs.
        batch: N, or None if it is not known.

    Raises:
        ValueError: if it is something else, or a tensor is missing or has another shape.
    """
    if isinstance(noise, str):
        return [noise] * count
    if not isinstance(noise, (list, tuple)):
        raise ValueError(
            f"noise is a {type(noise).__name__}; it can be 'random', 'constant', 'none' or a "
            "list of tensors"
        )
    if not shapes:
        return ["none"] * count
    if len(noise) < count:
        raise ValueError(f"noise has {len(noise)} tensors; {count} layers need one each")
    for index, (image, sides) in enumerate(zip(noise, shapes, strict=False)):
        images = 1 if image.shape[0] == 1 else batch or "N"
        check_shape(f"noise[{index}]", image, (images, *sides, 1))
    return list(noise)
