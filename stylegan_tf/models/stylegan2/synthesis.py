"""StyleGAN2's synthesis network (Karras et al. 2020, figures 2d and 7)."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import name_layers
from stylegan_tf.layers import EqualizedConv2D, ModulatedLayer, ModulatedRGB
from stylegan_tf.layers.equalized_dense import HE_GAIN
from stylegan_tf.layers.inputs import NormalConstant
from stylegan_tf.layers.residual_block import SUM_GAIN
from stylegan_tf.models import noise_inputs, sizes, styles
from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.models.growing import check_whole
from stylegan_tf.models.shapes import check_shape


@keras.saving.register_keras_serializable("stylegan_tf")
class StyleGAN2Synthesis(keras.layers.Layer):
    """Turns one style per layer into an image.

    A learned constant goes through one modulated convolution at 4×4 and two at each further
    resolution, L - 1 in all, with L = 2·log2(resolution) - 2. Layers to RGB take a style, too: that
    of the convolution which follows, the last one of its own.

    Args:
        resolution: int, a power of two from 4 to 1024.
        channels: int, 1, 3 or 4.
        w_size: int.
        fmap_base, fmap_decay, fmap_max: feature maps of stage s are
            min(fmap_base / 2^(s·fmap_decay), fmap_max).
        architecture: `"stylegan2-skip"`: the image is the sum of what each resolution adds to the
            upsampled one; `"stylegan2-resnet"`: residual blocks; `"stylegan2-orig"`: neither.
            `"stylegan2"` is skip.
        clamp: float, the largest magnitude of what a layer gives, or None.
        half_resolutions: int, how many of the highest resolutions follow a policy of mixed
            precision; those below stay float32.

    Call arguments:
        w: [N, w_size], or one for each style, [N, L, w_size].
        noise: `"random"`, `"constant"` (the stored images), `"none"`, or a list of L - 1 tensors
            [1 or N, h, w, 1].
        resolution, fade: the full resolution and 1, nothing else.

    Returns:
        images, [N, resolution, resolution, channels], float32, nominally in [-1, 1].
    """

    def __init__(
        self,
        resolution: int = 1024,
        channels: int = 3,
        w_size: int = 512,
        fmap_base: int = 16384,
        fmap_decay: float = 1.0,
        fmap_max: int = 512,
        architecture: str = "stylegan2",
        clamp: float | None = None,
        half_resolutions: int = 4,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        top = sizes.log2_resolution(resolution)
        sizes.check_channels(channels)
        self.arguments: dict[str, Any] = {
            "resolution": resolution,
            "channels": channels,
            "w_size": w_size,
            "fmap_base": fmap_base,
            "fmap_decay": fmap_decay,
            "fmap_max": fmap_max,
            "architecture": architecture,
            "clamp": clamp,
            "half_resolutions": half_resolutions,
        }
        self.resolution = resolution
        self.channels = channels
        self.w_size = w_size
        self.form = get_architecture(architecture, "stylegan2").generator_form
        self.clamp = clamp
        self.synthesis_layers: list[ModulatedLayer] = []
        self.to_rgb: list[ModulatedRGB] = []
        self.skips: list[EqualizedConv2D] = []
        shape: tuple[Any, ...] = (None, w_size)
        for level in range(2, top + 1):
            filters = sizes.feature_maps(level - 1, fmap_base, fmap_decay, fmap_max)
            policy = {} if level > top - half_resolutions else {"dtype": "float32"}
            shape = self._add_level(level, filters, shape, policy)
            if self.form == "skip" or level == top:
                rgb = ModulatedRGB(channels, clamp, name=f"to_rgb{2**level}", **policy)
                rgb.build(shape, (None, w_size))
                self.to_rgb.append(rgb)
        name_layers(self, [*self.synthesis_layers, *self.to_rgb, *self.skips])
        self.built = True

    def _add_level(
        self, level: int, filters: int, shape: tuple[Any, ...], policy: dict[str, Any]
    ) -> tuple[Any, ...]:
        """Adds the layers of a resolution, and returns the shape of what they give."""
        if level == 2:
            self.constant = NormalConstant(filters, name="constant", **policy)
            self.constant.build(shape)
            shape = self.constant.compute_output_shape(shape)
            return self._add_layer(filters, shape, policy)
        gain = 1.0
        if self.form == "resnet":
            gain = SUM_GAIN
            skip = EqualizedConv2D(
                filters, 1, gain, "fir_up", use_bias=False, name=f"skip{2**level}", **policy
            )
            skip.build(shape)
            self.skips.append(skip)
        shape = self._add_layer(filters, shape, policy, up=True)
        return self._add_layer(filters, shape, policy, gain)

    def _add_layer(
        self,
        filters: int,
        shape: tuple[Any, ...],
        policy: dict[str, Any],
        gain: float = 1.0,
        up: bool = False,
    ) -> tuple[Any, ...]:
        name = f"layer{len(self.synthesis_layers)}"
        clamp = self.clamp and self.clamp * gain
        layer = ModulatedLayer(filters, up, HE_GAIN * gain, clamp, name=name, **policy)
        layer.build(shape, (None, self.w_size))
        self.synthesis_layers.append(layer)
        return layer.compute_output_shape(shape)

    def call(
        self,
        w: tf.Tensor,
        noise: str | Sequence[tf.Tensor] = "constant",
        resolution: int | None = None,
        fade: float | tf.Tensor = 1.0,
    ) -> tf.Tensor:
        """Returns the images of `w`."""
        check_whole("this generator", self.resolution, resolution, fade)
        layers = self.synthesis_layers
        w = styles.broadcast(w, len(layers) + 1)
        check_shape("w", w, ("N", "L", self.w_size))
        noise = noise_inputs.per_layer(noise, len(layers), self.noise_shapes(), w.shape[0])
        x = self.constant(w[:, 0])
        image = None
        for level in range(2, sizes.log2_resolution(self.resolution) + 1):
            x = self._block(level, x, w, noise)
            image = self._add_to(image, level, x, w)
        return image

    def _block(
        self, level: int, x: tf.Tensor, w: tf.Tensor, noise: Sequence[str | tf.Tensor]
    ) -> tf.Tensor:
        """Returns the feature maps after the convolutions of a resolution."""
        y = x
        for index in range(max(2 * level - 5, 0), 2 * level - 3):
            y = self.synthesis_layers[index](y, w[:, index], noise=noise[index])
        return y + self.skips[level - 3](x) if self.skips and level > 2 else y

    def _add_to(
        self, image: tf.Tensor | None, level: int, x: tf.Tensor, w: tf.Tensor
    ) -> tf.Tensor | None:
        """Returns the image with what a resolution adds to it, where it has a layer to RGB."""
        if self.form != "skip" and 2**level < self.resolution:
            return None
        own = self.to_rgb[level - 2 if self.form == "skip" else 0](x, w[:, 2 * level - 3])
        return own if image is None else ops.fir_upsample2d(image) + own

    def noise_shapes(self, resolution: int | None = None) -> list[tuple[int, int]]:
        """Returns (height, width) of each layer's noise."""
        check_whole("this generator", self.resolution, resolution, 1.0)
        return [(side, side) for side in self.style_sides(self.resolution)[:-1]]

    def stored_noise(self, resolution: int | None = None) -> list[tf.Tensor]:
        """Returns the stored noise of each layer, a list of [1, h, w, 1]."""
        check_whole("this generator", self.resolution, resolution, 1.0)
        return [layer.noise.image("constant", 1) for layer in self.synthesis_layers]

    def style_sides(self, resolution: int) -> list[int]:
        """Returns the height and width of each convolution, and of the last layer to RGB."""
        check_whole("this generator", self.resolution, resolution, 1.0)
        count = len(self.synthesis_layers)
        return [4 << (index + 1) // 2 for index in range(count)] + [self.resolution]

    def style_affines(self) -> list[tf.Tensor]:
        """Returns the linear part of each convolution's map from w to a style, [w_size, C] tensors.

        One for each style: the last is that of the last layer to RGB. The other layers to RGB,
        which share the style of a convolution, are left out.
        """
        affines = [layer.conv.affine for layer in self.synthesis_layers] + [self.to_rgb[-1].affine]
        return [tf.convert_to_tensor(affine.kernel) * affine.scale for affine in affines]

    def layers_at(self, resolution: int) -> list[keras.layers.Layer]:
        """Returns all layers, which is what images at the full resolution go through."""
        check_whole("this generator", self.resolution, resolution, 1.0)
        return [self.constant, *self.synthesis_layers, *self.to_rgb, *self.skips]

    def layers_up_to(self, resolution: int) -> list[keras.layers.Layer]:
        """Returns all layers, as `layers_at` does."""
        return self.layers_at(resolution)

    def compute_output_shape(self, w_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, resolution, resolution, channels]."""
        return (w_shape[0], self.resolution, self.resolution, self.channels)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {**super().get_config(), **self.arguments}
