"""The way from a seed to an image, as functions of batches in stock TensorFlow.

The pipeline, exported models, figures, the explorer, metrics and projection all go this way:

    z, noise = sample_inputs(generator, seeds)
    w = map_latents(generator, z, labels)
    w = truncate(generator, w, psi)
    images = synthesize(generator, w, noise)

Where an architecture has no w, z takes its place, followed by the label, and nothing truncates it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from stylegan_tf import ops
from stylegan_tf.defaults import CUTOFF, PSI
from stylegan_tf.latents import normals_from_seeds
from stylegan_tf.models import BaseGenerator, styles
from stylegan_tf.models.base_generator import NOTHING_TO_TRUNCATE

AT_ONCE = 2  # images that a loop may work on: small layers keep few cores busy


def sample_inputs(
    generator: BaseGenerator, seeds: ArrayLike | tf.Tensor, noise: str = "random"
) -> tuple[tf.Tensor, str | list[tf.Tensor]]:
    """Returns the latent of each seed, and the noise of all layers.

    Args:
        generator: a `Generator`.
        seeds: N numbers, or an int64 tensor of them.
        noise: `"random"` (by the seed), `"constant"` (what the network stores) or `"none"`.

    Returns:
        z, [N, latent_size], and noise as `Synthesis` takes it: a list of [N, h, w, 1] for
        `"random"`, otherwise `noise`.
    """
    shapes = [[*sides, 1] for sides in generator.noise_shapes()] if noise == "random" else []
    z, *images = normals_from_seeds(seeds, [[generator.latent_size], *shapes])
    if noise == "random":
        return z, images or "none"
    return z, noise


def map_latents(
    generator: BaseGenerator, z: tf.Tensor, labels: tf.Tensor | None = None
) -> tf.Tensor:
    """Returns w for each layer, not truncated, [N, num_ws, w_size].

    Args:
        generator: a `Generator`.
        z: [N, latent_size].
        labels: [N, label_size], or None for zeros.
    """
    return styles.broadcast(generator.mapping(z, labels), generator.num_ws)


def psi_or_default(generator: BaseGenerator, psi: Any) -> Any:
    """Returns ψ of the truncation trick; for None 0.7, or 1 where there is no w.

    Args:
        generator: a `Generator`.
        psi: a number or several, or None.

    Raises:
        ValueError: if there is no w, and ψ is another than 1.
    """
    if psi is None:
        return PSI if generator.has_w else 1.0
    if np.any(np.asarray(psi) != 1):
        generator.require_w(NOTHING_TO_TRUNCATE)
    return psi


def truncate(
    generator: BaseGenerator, w: tf.Tensor, psi: float | tf.Tensor, cutoff: int | None = CUTOFF
) -> tf.Tensor:
    """Returns w [N, L, w_size] moved towards the network's mean, as in `styles.truncate`.

    What stands in the place of w, where there is none, is returned as it is.
    """
    if not generator.has_w:
        return w
    return styles.truncate(w, tf.convert_to_tensor(generator.w_avg), psi, cutoff)


def synthesize(
    generator: BaseGenerator, w: tf.Tensor, noise: str | Sequence[tf.Tensor] = "constant"
) -> tf.Tensor:
    """Returns the images of w at the resolution and fade to which the network has grown.

    Args:
        generator: a `Generator`.
        w: [N, w_size] or [N, L, w_size].
        noise: as `Synthesis` takes it.

    Returns:
        float32 [N, resolution, resolution, channels], nominally in [-1, 1].
    """
    resolution, fade = generator.grown_to
    return generator.synthesis(w, noise=noise, resolution=resolution, fade=fade)


def generate(
    generator: BaseGenerator,
    seeds: ArrayLike | tf.Tensor,
    psi: float | tf.Tensor,
    labels: tf.Tensor | None = None,
    cutoff: int | None = CUTOFF,
) -> tf.Tensor:
    """Returns the images of seeds with the noise of the seeds, as `synthesize` does.

    Args:
        generator: a `Generator`.
        seeds: int64 [N].
        psi: ψ of the truncation trick, a number or [N].
        labels: [N, label_size], or None for zeros.
        cutoff: how many of the first layers to truncate; None for all.
    """
    z, noise = sample_inputs(generator, seeds)
    w = truncate(generator, map_latents(generator, z, labels), psi, cutoff)
    return synthesize(generator, w, noise)


def batch_of_stored_noise(generator: BaseGenerator, size: int | tf.Tensor) -> list[tf.Tensor] | str:
    """Returns the stored noise of each layer once for each image, a list of [size, h, w, 1].

    Of one for the whole batch, converters store the product with the strengths.
    """
    return [tf.tile(image, [size, 1, 1, 1]) for image in generator.stored_noise()] or "none"


def one_hot(label: tf.Tensor | None, size: int) -> tf.Tensor | None:
    """Returns rows of zeros with a one at the class; without one for -1 and what is no class."""
    if label is None:
        return None
    # LiteRT makes tf.one_hot before a dense layer a look-up of rows, which refuses -1.
    rows = tf.eye(size + 1, size)  # the last is zeros
    return tf.gather(rows, tf.where((label >= 0) & (label < size), label, size))


def one_by_one(function: Callable[..., Any], result: tf.TensorSpec) -> Callable[..., Any]:
    """Returns the same function of batches, computed for one example after another.

    The sums of a convolution or of a matrix product are taken in another order in a batch of
    another size: the last bits of an image would depend on how many others come with it.

    Args:
        function: of tensors with a first dimension N.
        result: what it gives for an example, without that dimension.
    """

    def each(*batches: tf.Tensor) -> tf.Tensor:
        def one(examples: tf.Tensor) -> tf.Tensor:
            return function(*(tf.expand_dims(example, 0) for example in examples))[0]

        return tf.map_fn(one, batches, fn_output_signature=result, parallel_iterations=AT_ONCE)

    return each


def trace(function: Callable[..., Any], inputs: list[tf.TensorSpec]) -> Any:
    """Returns a concrete function of TensorFlow's own ops: it gives the same bits without ours."""
    with ops.plain_tensorflow():
        return tf.function(
            function, input_signature=inputs, autograph=False
        ).get_concrete_function()


def argument(name: str, dtype: tf.DType, shape: Sequence[int] = ()) -> tf.TensorSpec:
    """Returns the description of an input with a first dimension of any size."""
    return tf.TensorSpec([None, *shape], dtype, name)
