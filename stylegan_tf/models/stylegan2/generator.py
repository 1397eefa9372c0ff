"""StyleGAN2's generator: mapping, truncation, synthesis."""

from collections.abc import Sequence
from typing import Any

import keras

from stylegan_tf.models.base_generator import BaseGenerator
from stylegan_tf.models.stylegan2.mapping import StyleGAN2Mapping
from stylegan_tf.models.stylegan2.synthesis import StyleGAN2Synthesis


@keras.saving.register_keras_serializable("stylegan_tf")
class StyleGAN2Generator(BaseGenerator):
    """The generator of StyleGAN2, which does not grow. It is called as `Generator` is.

    Args:
        resolution: int, a power of two from 4 to 1024.
        channels: int, 1 (grey), 3 (RGB) or 4 (RGBA).
        label_size: int, size of a one-hot or multi-hot label; 0 for none.
        latent_size: int, size of z.
        w_size: int, size of w. Without mapping layers w is the normalized input, and its size
            follows.
        fmap_base, fmap_decay, fmap_max: feature maps of stage s are
            min(fmap_base / 2^(s·fmap_decay), fmap_max). The published `channel_base` is twice
            `fmap_base`.
        mapping_layers: int. None means 8.
        mapping_units: int, size of the hidden layers of the mapping network.
        mapping_lr_multiplier: float.
        architecture: `"stylegan2-skip"`, `"stylegan2-resnet"` or `"stylegan2-orig"`; `"stylegan2"`
            is skip.
        clamp: float, the largest magnitude of what a layer gives, or None. float16 needs one.
        half_resolutions: int, how many of the highest resolutions follow a policy of mixed
            precision; those below stay float32.
        grown, label_names, class_counts, label_samples, licence: as in `Generator`.

    Call arguments:
        z: [N, latent_size], normally distributed.
        labels: [N, label_size], or None for zeros.
        truncation_psi: float or [N], ψ of the truncation trick; 1 is off.
        truncation_cutoff: int, how many layers to truncate; None for all.
        noise, resolution, fade: as in `StyleGAN2Synthesis`.

    Returns:
        images, [N, resolution, resolution, channels], float32, nominally in [-1, 1].

    Example:
        generator = StyleGAN2Generator(resolution=64)
        images = generator(tf.random.normal([4, 512]), truncation_psi=0.7)
    """

    def __init__(
        self,
        resolution: int = 1024,
        channels: int = 3,
        label_size: int = 0,
        latent_size: int = 512,
        w_size: int = 512,
        fmap_base: int = 16384,
        fmap_decay: float = 1.0,
        fmap_max: int = 512,
        mapping_layers: int | None = None,
        mapping_units: int = 512,
        mapping_lr_multiplier: float = 0.01,
        architecture: str = "stylegan2",
        clamp: float | None = None,
        half_resolutions: int = 4,
        grown: float | None = None,
        label_names: Sequence[str] | None = None,
        class_counts: Sequence[int] | None = None,
        label_samples: Sequence[Sequence[float]] | None = None,
        licence: str | None = None,
        **kwargs: Any,
    ) -> None:
        mapping_layers = 8 if mapping_layers is None else mapping_layers
        mapping = StyleGAN2Mapping(
            latent_size,
            w_size,
            label_size,
            mapping_layers,
            mapping_units,
            mapping_lr_multiplier,
            name="mapping",
        )
        synthesis = StyleGAN2Synthesis(
            resolution,
            channels,
            mapping.w_size,
            fmap_base,
            fmap_decay,
            fmap_max,
            architecture,
            clamp,
            half_resolutions,
            name="synthesis",
        )
        arguments = {
            "resolution": resolution,
            "channels": channels,
            "label_size": label_size,
            "latent_size": latent_size,
            "w_size": w_size,
            "fmap_base": fmap_base,
            "fmap_decay": fmap_decay,
            "fmap_max": fmap_max,
            "mapping_layers": mapping_layers,
            "mapping_units": mapping_units,
            "mapping_lr_multiplier": mapping_lr_multiplier,
            "architecture": architecture,
            "clamp": clamp,
            "half_resolutions": half_resolutions,
        }
        known = (grown, label_names, class_counts, label_samples, licence)
        super().__init__(mapping, synthesis, arguments, *known, **kwargs)
