"""The generator: mapping, truncation, synthesis."""

from collections.abc import Sequence
from typing import Any

import keras

from stylegan_tf.deprecation import warn
from stylegan_tf.models.architectures import get_architecture, resolve_alias
from stylegan_tf.models.base_generator import BaseGenerator
from stylegan_tf.models.mapping import Mapping
from stylegan_tf.models.synthesis import Synthesis


@keras.saving.register_keras_serializable("stylegan_tf")
class Generator(BaseGenerator):
    """The style-based generator, or any step from Progressive GAN (A) to it (F).

    Args:
        resolution: int, a power of two from 4 to 1024.
        channels: int, 1 (grey), 3 (RGB) or 4 (RGBA).
        label_size: int, size of a one-hot or multi-hot label; 0 for none.
        latent_size: int, size of z.
        w_size: int, size of w. Without mapping layers w is the normalized z, and its size follows.
        fmap_base, fmap_decay, fmap_max: feature maps of stage s are
            min(fmap_base / 2^(s·fmap_decay), fmap_max).
        mapping_layers: int. None means 8, or 0 in the architectures A and B, which map nothing.
        mapping_units: int, size of the hidden layers of the mapping network.
        mapping_lr_multiplier: float.
        architecture: a letter, `"a"` to `"f"`, of the paper's Table 1. `config` is the same.
        grown: float, how far training has come: log2 of a resolution, a fraction while the next one
            fades in (4.25: 16×16, and a quarter of 32×32). None: to the end.
        label_names: list of strings, the classes in the order of the label, or None if not known.
        class_counts: list of ints, how many images of each class training had, or None if not known
            or where labels are no classes.
        label_samples: list of labels that training had, [S, label_size], where they are vectors;
            None where they are one-hot classes.
        licence: string, the terms of weights that came from elsewhere, or None.

    Call arguments:
        z: [N, latent_size], normally distributed.
        labels: [N, label_size], or None for zeros.
        truncation_psi: float or [N], ψ of the truncation trick; 1 is off.
        truncation_cutoff: int, how many layers to truncate; None for all.
        noise, resolution, fade: as in `Synthesis`; without a resolution, what `grown` says.

    Returns:
        images, [N, resolution, resolution, channels], float32, nominally in [-1, 1].

    Example:
        generator = Generator(resolution=64)
        images = generator(tf.random.normal([4, 512]), truncation_psi=0.7)
    """

    def __init__(
        self,
        resolution: int = 1024,
        channels: int = 3,
        label_size: int = 0,
        latent_size: int = 512,
        w_size: int = 512,
        fmap_base: int = 8192,
        fmap_decay: float = 1.0,
        fmap_max: int = 512,
        mapping_layers: int | None = None,
        mapping_units: int = 512,
        mapping_lr_multiplier: float = 0.01,
        architecture: str = "f",
        grown: float | None = None,
        label_names: Sequence[str] | None = None,
        class_counts: Sequence[int] | None = None,
        label_samples: Sequence[Sequence[float]] | None = None,
        licence: str | None = None,
        config: str | None = None,
        **kwargs: Any,
    ) -> None:
        architecture = resolve_alias(architecture, config)
        if mapping_layers is None:
            mapping_layers = 8 if get_architecture(architecture, "stylegan").mapping else 0
        mapping = Mapping(
            latent_size,
            w_size,
            label_size,
            mapping_layers,
            mapping_units,
            mapping_lr_multiplier,
            name="mapping",
        )
        synthesis = Synthesis(
            resolution,
            channels,
            mapping.w_size,
            fmap_base,
            fmap_decay,
            fmap_max,
            architecture,
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
        }
        known = (grown, label_names, class_counts, label_samples, licence)
        super().__init__(mapping, synthesis, arguments, *known, **kwargs)

    def __getattr__(self, name: str) -> Any:
        # Not a property: Keras reads all that there are when it saves and loads.
        if name == "num_layers":
            warn("Generator.num_layers", "Generator.num_ws")
            return self.num_ws
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
