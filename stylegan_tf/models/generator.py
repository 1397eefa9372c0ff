"""The generator: mapping, truncation, synthesis."""

import math

import keras

from stylegan_tf.backend_compat import add_weight
from stylegan_tf.models import sizes, styles
from stylegan_tf.models.configurations import configuration
from stylegan_tf.models.mapping import Mapping
from stylegan_tf.models.synthesis import Synthesis


@keras.saving.register_keras_serializable("stylegan_tf")
class Generator(keras.Model):
    """The style-based generator, or any step from Progressive GAN (A) to it (F).

    Args:
        resolution: int, a power of two from 4 to 1024.
        channels: int, 1 (grey), 3 (RGB) or 4 (RGBA).
        label_size: int, size of a one-hot or multi-hot label; 0 for none.
        latent_size: int, size of z.
        w_size: int, size of w. Without mapping layers w is the normalized z, and its size follows.
        fmap_base, fmap_decay, fmap_max: feature maps of stage s are
            min(fmap_base / 2^(s·fmap_decay), fmap_max).
        mapping_layers: int. None means 8, or 0 in configurations A and B, which map nothing.
        mapping_units: int, size of the hidden layers of the mapping network.
        mapping_lr_multiplier: float.
        config: a letter, `"a"` to `"f"`, of the paper's Table 1.
        grown: float, how far training has come: log2 of a resolution, a fraction while the next one
            fades in (4.25: 16×16, and a quarter of 32×32). None: to the end.
        label_names: list of strings, the classes in the order of the label, or None if not known.
        licence: string, the terms of weights that came from elsewhere, or None.

    Call arguments:
        z: [N, latent_size], normally distributed.
        labels: [N, label_size], or None for zeros.
        truncation_psi: float or [N], ψ of the truncation trick; 1 is off.
        truncation_cutoff: int, how many layers to truncate; None for all.
        noise, resolution, fade: as in `Synthesis`; without a resolution, what `grown` says.

    Returns:
        pictures, [N, resolution, resolution, channels], float32, nominally in [-1, 1].

    Example:
        generator = Generator(resolution=64)
        images = generator(tf.random.normal([4, 512]), truncation_psi=0.7)
    """

    def __init__(
        self,
        resolution=1024,
        channels=3,
        label_size=0,
        latent_size=512,
        w_size=512,
        fmap_base=8192,
        fmap_decay=1.0,
        fmap_max=512,
        mapping_layers=None,
        mapping_units=512,
        mapping_lr_multiplier=0.01,
        config="f",
        grown=None,
        label_names=None,
        licence=None,
        **kwargs,
    ):
        # The model itself is float32 whatever the policy: only convolutions run in less.
        super().__init__(**{**kwargs, "dtype": "float32"})
        if mapping_layers is None:
            mapping_layers = 8 if configuration(config).mapping else 0
        self.arguments = {
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
            "config": config,
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
            config,
            name="synthesis",
        )
        self.w_avg = add_weight(self, "w_avg", (self.w_size,), "zeros", trainable=False)
        self.resolution = resolution
        self.channels = channels
        self.label_size = label_size
        self.latent_size = latent_size
        self.grown = grown
        self.label_names = label_names
        self.licence = licence
        self.num_layers = sizes.num_layers(resolution)
        self.built = True

    def call(
        self,
        z,
        labels=None,
        truncation_psi=1.0,
        truncation_cutoff=None,
        noise="random",
        resolution=None,
        fade=1.0,
    ):
        """Returns the pictures of `z`."""
        w = styles.broadcast(self.mapping(z, labels), self.num_layers)
        if not (isinstance(truncation_psi, (int, float)) and truncation_psi == 1):
            w = styles.truncate(w, self.w_avg, truncation_psi, truncation_cutoff)
        if resolution is None and self.grown is not None:
            resolution, fade = self.grown_to
        return self.synthesis(w, noise=noise, resolution=resolution, fade=fade)

    @property
    def grown_to(self) -> tuple[int, float]:
        """The resolution of its pictures, and the fade of the newest block, as training left it."""
        if self.grown is None:
            return self.resolution, 1.0
        level = math.ceil(self.grown)
        return 2**level, self.grown - level + 1

    def get_config(self):
        """The constructor's arguments."""
        return {
            "name": self.name,
            **self.arguments,
            "grown": self.grown,
            "label_names": self.label_names and list(self.label_names),
            "licence": self.licence,
        }
