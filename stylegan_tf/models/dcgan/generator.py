"""The generator of a DCGAN, as a model."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.models.base_generator import BaseGenerator
from stylegan_tf.models.dcgan.synthesis import DCGANSynthesis
from stylegan_tf.models.latent_mapping import LatentMapping


@keras.saving.register_keras_serializable("stylegan_tf")
class DCGANGenerator(BaseGenerator):
    """The generator of Radford et al. 2015: transposed convolutions and batch normalization.

    It is called as `Generator` is, but has no w: nothing can be truncated. `synthesis` takes z,
    followed by the label, in the place of w. There is no noise, and it does not grow. A training
    step normalizes by its batch; images that are made later, by moving averages.

    Args:
        resolution: int, a power of two from 8 to 1024.
        channels: int, 1 (grey), 3 (RGB) or 4 (RGBA).
        label_size: int, size of a one-hot or multi-hot label; 0 for none.
        latent_size: int, size of z.
        fmap_base, fmap_decay, fmap_max: feature maps of stage s are
            min(fmap_base / 2^(s·fmap_decay), fmap_max). The defaults are those published:
            1024 at 4×4, and half as many at each further size.
        architecture: `"dcgan"`.
        grown, label_names, class_counts, label_samples, licence: as in `Generator`.

    Call arguments:
        z: [N, latent_size], normally distributed.
        labels: [N, label_size], or None for zeros.
        truncation_psi: 1, nothing else.
        truncation_cutoff, noise: whatever other networks take, without effect.
        resolution, fade: the full resolution and 1, nothing else.

    Returns:
        images, [N, resolution, resolution, channels], float32, in [-1, 1].

    Example:
        generator = DCGANGenerator(resolution=64)
        images = generator(tf.random.normal([4, 100]))
    """

    def __init__(
        self,
        resolution: int = 64,
        channels: int = 3,
        label_size: int = 0,
        latent_size: int = 100,
        fmap_base: int = 2048,
        fmap_decay: float = 1.0,
        fmap_max: int = 1024,
        architecture: str = "dcgan",
        grown: float | None = None,
        label_names: Sequence[str] | None = None,
        class_counts: Sequence[int] | None = None,
        label_samples: Sequence[Sequence[float]] | None = None,
        licence: str | None = None,
        **kwargs: Any,
    ) -> None:
        get_architecture(architecture, "dcgan")
        mapping = LatentMapping(latent_size, label_size, name="mapping")
        maps = (fmap_base, fmap_decay, fmap_max)
        synthesis = DCGANSynthesis(resolution, channels, mapping.w_size, *maps, name="synthesis")
        arguments = {
            "resolution": resolution,
            "channels": channels,
            "label_size": label_size,
            "latent_size": latent_size,
            "fmap_base": fmap_base,
            "fmap_decay": fmap_decay,
            "fmap_max": fmap_max,
            "architecture": architecture,
        }
        known = (grown, label_names, class_counts, label_samples, licence)
        super().__init__(mapping, synthesis, arguments, *known, **kwargs)

    @property
    def moving_averages(self) -> list[tf.Variable]:
        """w_avg, and mean and variance of each batch normalization."""
        return [self.w_avg, *self.synthesis.moving_averages]

    def synthesize_for_training(
        self,
        w: tf.Tensor,
        noise: str | Sequence[tf.Tensor],
        resolution: int,
        fade: float | tf.Tensor,
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Returns images that are normalized by their batch, and its means and variances."""
        z = self.synthesis.checked(w, noise, resolution, fade)
        images, moments = self.synthesis.images_and_moments(z)
        return images, [tf.stop_gradient(moment) for moment in moments]
