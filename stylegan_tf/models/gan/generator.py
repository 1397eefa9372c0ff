"""The generator of a GAN as first published, as a model."""

from collections.abc import Sequence
from typing import Any

import keras

from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.models.base_generator import BaseGenerator
from stylegan_tf.models.gan.synthesis import GANSynthesis
from stylegan_tf.models.latent_mapping import LatentMapping


@keras.saving.register_keras_serializable("stylegan_tf")
class GANGenerator(BaseGenerator):
    """The generator of Goodfellow et al. 2014, a multilayer perceptron.

    It is called as `Generator` is, but has no w: nothing can be truncated. `synthesis` takes z,
    followed by the label, in the place of w. There is no noise, and it does not grow.

    Args:
        resolution: int, a power of two from 4 to 1024.
        channels: int, 1 (grey), 3 (RGB) or 4 (RGBA).
        label_size: int, size of a one-hot or multi-hot label; 0 for none.
        latent_size: int, size of z.
        fmap_max: int, size of the hidden layers.
        architecture: `"gan"`.
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
        generator = GANGenerator(resolution=32)
        images = generator(tf.random.normal([4, 100]))
    """

    def __init__(
        self,
        resolution: int = 32,
        channels: int = 3,
        label_size: int = 0,
        latent_size: int = 100,
        fmap_max: int = 512,
        architecture: str = "gan",
        grown: float | None = None,
        label_names: Sequence[str] | None = None,
        class_counts: Sequence[int] | None = None,
        label_samples: Sequence[Sequence[float]] | None = None,
        licence: str | None = None,
        **kwargs: Any,
    ) -> None:
        get_architecture(architecture, "gan")
        mapping = LatentMapping(latent_size, label_size, name="mapping")
        synthesis = GANSynthesis(resolution, channels, mapping.w_size, fmap_max, name="synthesis")
        arguments = {
            "resolution": resolution,
            "channels": channels,
            "label_size": label_size,
            "latent_size": latent_size,
            "fmap_max": fmap_max,
            "architecture": architecture,
        }
        known = (grown, label_names, class_counts, label_samples, licence)
        super().__init__(mapping, synthesis, arguments, *known, **kwargs)
