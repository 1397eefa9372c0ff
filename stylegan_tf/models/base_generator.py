"""What all generators have: mapping, truncation, synthesis, and what training knew."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import add_weight
from stylegan_tf.models import sizes, styles
from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.models.files import NetworkFiles
from stylegan_tf.models.growing import grown_to

NOTHING_TO_TRUNCATE = "there is nothing to truncate; leave --trunc (truncation_psi) at 1"


class BaseGenerator(NetworkFiles):
    """A mapping network and a synthesis network, as one model; subclasses make the two.

    `isinstance(network, BaseGenerator)` tells a generator of any architecture.

    Args:
        mapping: a layer from z and labels to w, such as `Mapping`.
        synthesis: a layer from w and noise to images, such as `Synthesis`.
        arguments: those of the subclass, by which `get_config` makes it again.
        grown, label_names, class_counts, label_samples, licence: as in `Generator`.

    Attributes:
        mapping, synthesis: the layers.
        w_avg: mean of w while it trained, a variable [w_size]; not in use without w.
        num_ws: how many styles there are; 1 without w.
        has_w, has_styles, has_noise: whether the architecture has them. Without w, `synthesis`
            takes z, followed by the label.
    """

    def __init__(
        self,
        mapping: Any,
        synthesis: Any,
        arguments: dict[str, Any],
        grown: float | None,
        label_names: Sequence[str] | None,
        class_counts: Sequence[int] | None,
        label_samples: Sequence[Sequence[float]] | None,
        licence: str | None,
        **kwargs: Any,
    ) -> None:
        # The model itself is float32 whatever the policy: only convolutions run in less.
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.arguments = arguments
        self.mapping = mapping
        self.w_size: int = mapping.w_size
        self.synthesis = synthesis
        self.w_avg = add_weight(self, "w_avg", (self.w_size,), "zeros", trainable=False)
        self.resolution: int = arguments["resolution"]
        self.channels: int = arguments["channels"]
        self.label_size: int = arguments["label_size"]
        self.latent_size: int = arguments["latent_size"]
        self.architecture: str = arguments["architecture"]
        self.grown = grown
        self.label_names = label_names
        self.class_counts = class_counts
        self.label_samples = label_samples
        self.licence = licence
        switches = get_architecture(self.architecture)
        self.has_w = switches.has_w
        self.has_styles = switches.styles
        self.has_noise = switches.noise
        self.num_ws = self.num_ws_at(self.resolution)
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
            self.require_w(NOTHING_TO_TRUNCATE)
            w = styles.truncate(w, self.w_avg, truncation_psi, truncation_cutoff)
        if resolution is None and self.grown is not None:
            resolution, fade = self.grown_to
        return self.synthesis(w, noise=noise, resolution=resolution, fade=fade)

    def num_ws_at(self, resolution: int) -> int:
        """Returns how many styles images at a resolution have; 1 without w."""
        return sizes.num_layers(resolution) if self.has_w else 1

    def require_w(self, consequence: str) -> None:
        """Raises ValueError for a network without w.

        Args:
            consequence: what cannot be done for that reason, as the end of the message.
        """
        if not self.has_w:
            raise ValueError(f"a {self.architecture.upper()} has no w, so {consequence}")

    @property
    def moving_averages(self) -> list[tf.Variable]:
        """What moves to means over each batch of training: w_avg, and more in subclasses."""
        return [self.w_avg]

    def synthesize_for_training(
        self,
        w: tf.Tensor,
        noise: str | Sequence[tf.Tensor],
        resolution: int,
        fade: float | tf.Tensor,
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Returns the images of w as a training step has them, and means over its batch.

        A call changes no state: the step moves `moving_averages` after w_avg to these means.

        Args:
            w: [N, L, w_size].
            noise: as in a call.
            resolution: as in a call.
            fade: as in a call.
        """
        return self.synthesis(w, noise=noise, resolution=resolution, fade=fade), []

    @property
    def grown_to(self) -> tuple[int, float]:
        """The resolution of its images, and the fade of the newest block, as training left it."""
        return grown_to(self.grown, self.resolution)

    def noise_shapes(self, resolution: int | None = None) -> list[tuple[int, int]]:
        """Returns (height, width) of each layer's noise; [] for a network without noise inputs.

        Args:
            resolution: up to which; None: the one that it has grown to.
        """
        shapes: list[tuple[int, int]] = self.synthesis.noise_shapes(resolution or self.grown_to[0])
        return shapes

    def stored_noise(self, resolution: int | None = None) -> list[tf.Tensor]:
        """Returns the stored noise of each layer, a list of [1, h, w, 1]; [] without noise inputs.

        Args:
            resolution: up to which; None: the one that it has grown to.
        """
        images: list[tf.Tensor] = self.synthesis.stored_noise(resolution or self.grown_to[0])
        return images

    def style_sides(self) -> list[int]:
        """Returns the height and width of what each style scales, at the resolution grown to."""
        sides: list[int] = self.synthesis.style_sides(self.grown_to[0])
        return sides

    def style_affines(self) -> list[tf.Tensor]:
        """Returns the linear part of each layer's map from w to a style, [w_size, S] tensors.

        S is 2·C where a style is scale and bias, C where it is a factor. The list is empty in
        architectures without styles.
        """
        affines: list[tf.Tensor] = self.synthesis.style_affines()
        return affines

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
