"""One layer of the synthesis network (paper, figure 1b)."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import add_weight
from stylegan_tf.layers.adain import AdaIN
from stylegan_tf.layers.equalized_conv import EqualizedConv2D
from stylegan_tf.layers.inputs import DenseInput, LearnedConstant
from stylegan_tf.layers.noise import NoiseInjection
from stylegan_tf.layers.pixel_norm import PixelNorm

SOURCES: dict[str, Callable[..., Any]] = {
    "constant": LearnedConstant,
    "dense": DenseInput,
    "conv": lambda filters, **kwargs: EqualizedConv2D(filters, use_bias=False, **kwargs),
    "up": lambda filters, **kwargs: EqualizedConv2D(
        filters, resample="up", use_bias=False, **kwargs
    ),
}


@keras.saving.register_keras_serializable("stylegan_tf")
class SynthesisLayer(keras.layers.Layer):
    """Source → blur → noise → bias → leaky ReLU → AdaIN.

    Whatever follows the source is one call to `stylegan_tf.ops`. Without styles
    (configurations A and B) pixel normalization stands in AdaIN's place.

    Args:
        filters: int, number of feature maps.
        source: `"conv"` (3×3), `"up"` (the same, fused with 2× upsampling), `"constant"` (learned)
            or `"dense"` (from w). The last two make the first layer. Defaults to `"conv"`.
        blur: bool, filter what comes from the source. Defaults to False.
        use_noise: bool. Defaults to True.
        use_styles: bool. Defaults to True.

    Call arguments:
        x: feature maps, [N, h, w, C]; for the sources `"constant"` and `"dense"` w, [N, w_size].
        w: intermediate latent, [N, w_size]; unused without styles.
        noise: as in `NoiseInjection`; unused without noise.

    Returns:
        [N, H, W, filters].
    """

    def __init__(
        self,
        filters: int,
        source: str = "conv",
        blur: bool = False,
        use_noise: bool = True,
        use_styles: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)  # w and the noise stay float32
        if source not in SOURCES:
            raise ValueError(f"source is {source!r}; it can be one of {', '.join(SOURCES)}")
        self.filters = filters
        self.source = source
        self.blur = blur
        self.use_noise = use_noise
        self.use_styles = use_styles
        self.source_layer = SOURCES[source](filters, name="source", dtype=self.dtype_policy)

    def build(self, x_shape: tuple[Any, ...], w_shape: tuple[Any, ...] | None = None) -> None:
        """Builds the source; makes the bias, the noise strengths and the style's affine map."""
        self.source_layer.build(x_shape)
        shape = self.source_layer.compute_output_shape(x_shape)
        self.bias = add_weight(self, "bias", (self.filters,), "zeros")
        if self.use_noise:
            self.noise = NoiseInjection(name="noise")
            self.noise.build(shape)
        if self.use_styles:
            self.adain = AdaIN(name="adain")
            self.adain.build(shape, w_shape)
        else:
            self.pixel_norm = PixelNorm(name="pixel_norm")
        self.built = True

    def call(self, x: tf.Tensor, w: tf.Tensor, noise: str | tf.Tensor = "random") -> tf.Tensor:
        """Returns the feature maps after this layer."""
        x = self.source_layer(x)
        image = self.noise.image(noise, tf.shape(x)[0]) if self.use_noise else None
        strength = self.noise.strength if self.use_noise else None
        if self.use_styles:
            style = self.adain.style(w)
            return ops.style_epilogue(x, image, strength, self.bias, style, blur=self.blur)
        if self.blur:
            x = ops.blur2d(x)
        if image is not None:
            x += tf.cast(image * strength, x.dtype)
        return self.pixel_norm(ops.bias_act(x, self.bias))

    def compute_output_shape(
        self, x_shape: tuple[Any, ...], w_shape: tuple[Any, ...] | None = None
    ) -> tuple[Any, ...]:
        """Returns [N, H, W, filters]."""
        return self.source_layer.compute_output_shape(x_shape)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "source": self.source,
            "blur": self.blur,
            "use_noise": self.use_noise,
            "use_styles": self.use_styles,
        }
