"""The synthesis network (paper, figure 1b; growing as in Karras et al. 2017)."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import name_layers
from stylegan_tf.layers import EqualizedConv2D, SynthesisLayer
from stylegan_tf.layers.resample import upsample
from stylegan_tf.models import noise_inputs, sizes, styles
from stylegan_tf.models.architectures import get_architecture, resolve_alias
from stylegan_tf.models.growing import blend, is_whole
from stylegan_tf.models.shapes import check_shape

# Blocks up to this many pixels a side compute in float32 under any policy: the instance norm of few
# values magnifies what rounding did to them, every later block inherits it, and they cost little.
FLOAT32_MAX_RESOLUTION = 64


@keras.saving.register_keras_serializable("stylegan_tf")
class Synthesis(keras.layers.Layer):
    """Turns one style per layer into an image.

    L = 2·log2(resolution) - 2 layers, two per resolution, and at each resolution a 1×1 convolution
    to RGB, so that the network can be run up to any of them.

    Args:
        resolution: int, a power of two from 4 to 1024.
        channels: int, 1, 3 or 4.
        w_size: int.
        fmap_base, fmap_decay, fmap_max: feature maps of stage s are
            min(fmap_base / 2^(s·fmap_decay), fmap_max).
        architecture: a letter, `"a"` to `"f"`, of the paper's Table 1. `config` is the same.

    Call arguments:
        w: [N, w_size], or one for each layer, [N, L, w_size].
        noise: `"random"`, `"constant"` (the stored images), `"none"`, or a list of L tensors
            [1 or N, h, w, 1].
        resolution: int, stop there. Defaults to the full resolution.
        fade: float or scalar tensor in [0, 1], weight of the newest block against the upsampled
            image of the block before.

    Returns:
        images, [N, resolution, resolution, channels], float32, nominally in [-1, 1].
    """

    def __init__(
        self,
        resolution: int = 1024,
        channels: int = 3,
        w_size: int = 512,
        fmap_base: int = 8192,
        fmap_decay: float = 1.0,
        fmap_max: int = 512,
        architecture: str = "f",
        config: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        top = sizes.log2_resolution(resolution)
        sizes.check_channels(channels)
        architecture = resolve_alias(architecture, config)
        self.arguments: dict[str, Any] = {
            "resolution": resolution,
            "channels": channels,
            "w_size": w_size,
            "fmap_base": fmap_base,
            "fmap_decay": fmap_decay,
            "fmap_max": fmap_max,
            "architecture": architecture,
        }
        self.resolution = resolution
        self.channels = channels
        self.w_size = w_size
        self.architecture = architecture
        self.switches = get_architecture(architecture, "stylegan")
        self.synthesis_layers: list[SynthesisLayer] = []
        self.to_rgb: list[EqualizedConv2D] = []
        # The first layer reads w, every other one feature maps.
        shape: tuple[Any, ...] = (None, w_size)
        for level in range(2, top + 1):
            filters = sizes.feature_maps(level - 1, fmap_base, fmap_decay, fmap_max)
            is_float32 = 2**level <= FLOAT32_MAX_RESOLUTION
            policy: dict[str, Any] = {"dtype": "float32"} if is_float32 else {}
            for source in self._sources(level):
                shape = self._add_layer(source, filters, shape, policy)
            name = f"to_rgb{2**level}"
            rgb = EqualizedConv2D(channels, kernel_size=1, gain=1.0, name=name, **policy)
            rgb.build(shape)
            self.to_rgb.append(rgb)
        name_layers(self, [*self.synthesis_layers, *self.to_rgb])
        self.built = True

    def _sources(self, level: int) -> tuple[str, str]:
        """Returns what the two layers of a resolution begin with."""
        if level > 2:
            return "up", "conv"
        return ("constant" if self.switches.constant else "dense"), "conv"

    def _add_layer(
        self, source: str, filters: int, shape: tuple[Any, ...], policy: dict[str, Any]
    ) -> tuple[Any, ...]:
        switches = self.switches
        layer = SynthesisLayer(
            filters,
            source,
            blur=source == "up" and switches.blur,
            use_noise=switches.noise,
            use_styles=switches.styles,
            name=f"layer{len(self.synthesis_layers)}",
            **policy,
        )
        w_shape = (None, self.w_size)
        layer.build(shape, w_shape)
        self.synthesis_layers.append(layer)
        return layer.compute_output_shape(shape, w_shape)

    def call(
        self,
        w: tf.Tensor,
        noise: str | Sequence[tf.Tensor] = "constant",
        resolution: int | None = None,
        fade: float | tf.Tensor = 1.0,
    ) -> tf.Tensor:
        """Returns the images of `w`."""
        resolution = self.resolution if resolution is None else resolution
        level = sizes.log2_resolution(resolution, largest=self.resolution)
        layers = self.synthesis_layers[: sizes.num_layers(resolution)]
        w = styles.broadcast(w, len(layers))
        check_shape("w", w, ("N", "L", self.w_size))
        noise = noise_inputs.per_layer(noise, len(layers), self.noise_shapes(), w.shape[0])
        x = before = w[:, 0]
        for index, layer in enumerate(layers):
            if index == len(layers) - 2:
                before = x
            x = layer(x, w[:, index], noise=noise[index])
        image = self._to_rgb(level, x)
        if level == 2 or is_whole(fade):
            return image
        return blend(upsample(self._to_rgb(level - 1, before)), image, fade)

    def _to_rgb(self, level: int, x: tf.Tensor) -> tf.Tensor:
        """Returns the image of feature maps, in float32 under any policy."""
        layer = self.to_rgb[level - 2]
        return ops.to_rgb(x, layer.kernel, layer.bias, scale=layer.scale)

    def noise_shapes(self, resolution: int | None = None) -> list[tuple[int, int]]:
        """Returns (height, width) of each layer's noise up to a resolution; [] without noise."""
        if not self.switches.noise:
            return []
        return [(side, side) for side in self.style_sides(resolution or self.resolution)]

    def stored_noise(self, resolution: int | None = None) -> list[tf.Tensor]:
        """Returns the stored noise of each layer up to a resolution, a list of [1, h, w, 1]."""
        count = len(self.noise_shapes(resolution))
        return [layer.noise.image("constant", 1) for layer in self.synthesis_layers[:count]]

    def style_sides(self, resolution: int) -> list[int]:
        """Returns the height and width of each layer up to a resolution."""
        return [4 << (index // 2) for index in range(sizes.num_layers(resolution))]

    def style_affines(self) -> list[tf.Tensor]:
        """Returns the linear part of each layer's map from w to a style, [w_size, 2·C] tensors.

        The list is empty in architectures without styles.
        """
        if not self.switches.styles:
            return []
        affines = [layer.adain.affine for layer in self.synthesis_layers]
        return [tf.convert_to_tensor(affine.kernel) * affine.scale for affine in affines]

    def layers_at(self, resolution: int) -> list[keras.layers.Layer]:
        """Returns the layers that images at a resolution go through, and the older RGB layer.

        That one is blended in while the newest block fades in.
        """
        level = sizes.log2_resolution(resolution)
        newest = slice(max(level - 3, 0), level - 1)
        return [*self.synthesis_layers[: 2 * level - 2], *self.to_rgb[newest]]

    def layers_up_to(self, resolution: int) -> list[keras.layers.Layer]:
        """Returns the layers that have been in use while the network grew to a resolution."""
        level = sizes.log2_resolution(resolution)
        return [*self.synthesis_layers[: 2 * level - 2], *self.to_rgb[: level - 1]]

    def compute_output_shape(self, w_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, resolution, resolution, channels] at the full resolution."""
        return (w_shape[0], self.resolution, self.resolution, self.channels)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {**super().get_config(), **self.arguments}
