"""The generator: mapping, truncation, synthesis."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import add_weight
from stylegan_tf.deprecation import warn
from stylegan_tf.models import sizes, styles
from stylegan_tf.models.architectures import get_architecture, resolve_alias
from stylegan_tf.models.files import NetworkFiles
from stylegan_tf.models.growing import grown_to
from stylegan_tf.models.mapping import Mapping
from stylegan_tf.models.synthesis import Synthesis


@keras.saving.register_keras_serializable("stylegan_tf")
class Generator(NetworkFiles):
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
        # The model itself is float32 whatever the policy: only convolutions run in less.
        super().__init__(**{**kwargs, "dtype": "float32"})
        architecture = resolve_alias(architecture, config)
        switches = get_architecture(architecture)
        if mapping_layers is None:
            mapping_layers = 8 if switches.mapping else 0
        self.arguments: dict[str, Any] = {
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
        self.mapping = Mapping(
            latent_size,
            w_size,
            label_size,
            mapping_layers,
            mapping_units,
            mapping_lr_multiplier,
            name="mapping",
        )
        self.w_size = self.mapping.w_size
        self.synthesis = Synthesis(
            resolution,
            channels,
            self.w_size,
            fmap_base,
            fmap_decay,
            fmap_max,
            architecture,
            name="synthesis",
        )
        self.w_avg = add_weight(self, "w_avg", (self.w_size,), "zeros", trainable=False)
        self.resolution = resolution
        self.channels = channels
        self.label_size = label_size
        self.latent_size = latent_size
        self.grown = grown
        self.label_names = label_names
        self.class_counts = class_counts
        self.label_samples = label_samples
        self.licence = licence
        self.architecture = architecture
        self.has_styles = switches.styles
        self.has_noise = switches.noise
        self.num_ws = sizes.num_layers(resolution)
        self.built = True

    def call(
        self,
        z: tf.Tensor,
        labels: tf.Tensor | None = None,
        truncation_psi: float | tf.Tensor = 1.0,
        truncation_cutoff: int | None = None,
        noise: str | Sequence[tf.Tensor] = "random",
        resolution: int | None = None,
        fade: float | tf.Tensor = 1.0,
    ) -> tf.Tensor:
        """Returns the images of `z`."""
        w = styles.broadcast(self.mapping(z, labels), self.num_ws)
        if not (isinstance(truncation_psi, (int, float)) and truncation_psi == 1):
            w = styles.truncate(w, self.w_avg, truncation_psi, truncation_cutoff)
        if resolution is None and self.grown is not None:
            resolution, fade = self.grown_to
        return self.synthesis(w, noise=noise, resolution=resolution, fade=fade)

    @property
    def grown_to(self) -> tuple[int, float]:
        """The resolution of its images, and the fade of the newest block, as training left it."""
        return grown_to(self.grown, self.resolution)

    def __getattr__(self, name: str) -> Any:
        # Not a property: Keras reads all that there are when it saves and loads.
        if name == "num_layers":
            warn("Generator.num_layers", "Generator.num_ws")
            return self.num_ws
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def noise_shapes(self, resolution: int | None = None) -> list[tuple[int, int]]:
        """Returns (height, width) of each layer's noise; [] for a network without noise inputs.

        Args:
            resolution: up to which; None: the one that it has grown to.
        """
        return self.synthesis.noise_shapes(resolution or self.grown_to[0])

    def stored_noise(self, resolution: int | None = None) -> list[tf.Tensor]:
        """Returns the stored noise of each layer, a list of [1, h, w, 1]; [] without noise inputs.

        Args:
            resolution: up to which; None: the one that it has grown to.
        """
        return self.synthesis.stored_noise(resolution or self.grown_to[0])

    def style_affines(self) -> list[tf.Tensor]:
        """Returns the linear part of each layer's map from w to a style, [w_size, 2·C] tensors.

        The list is empty in architectures without styles.
        """
        return self.synthesis.style_affines()

    def trainable_at(self, resolution: int) -> list[tf.Variable]:
        """Returns the trainable variables that images at a resolution depend on.

        They are those of the mapping network, of every layer up to the resolution, and of the two
        newest layers to RGB: the older one is blended in while the newest block fades in.
        """
        return _trainable([self.mapping, *self.synthesis.layers_at(resolution)])

    def grown_at(self, resolution: int) -> list[tf.Variable]:
        """Returns the trainable variables that have ever been in use up to a resolution.

        Those of `trainable_at`, and of the layers to RGB of all lower resolutions.
        """
        return _trainable([self.mapping, *self.synthesis.layers_up_to(resolution)])

    def input_specs(self) -> list[tf.TensorSpec]:
        """Returns what a call takes: z and, where there are any, labels; of any N."""
        specs = [tf.TensorSpec([None, self.latent_size], tf.float32, name="z")]
        if self.label_size:
            specs.append(tf.TensorSpec([None, self.label_size], tf.float32, name="labels"))
        return specs

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            "name": self.name,
            **self.arguments,
            "grown": self.grown,
            "label_names": self.label_names and list(self.label_names),
            "class_counts": self.class_counts and list(self.class_counts),
            "label_samples": self.label_samples and [list(one) for one in self.label_samples],
            "licence": self.licence,
        }


def _trainable(layers: Iterable[keras.layers.Layer]) -> list[tf.Variable]:
    return [variable for layer in layers for variable in layer.trainable_variables]
