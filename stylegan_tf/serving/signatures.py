"""What an exported model answers: its signatures, as functions of stock TensorFlow ops."""

from typing import Any

import tensorflow as tf

from stylegan_tf import generation
from stylegan_tf.generation import argument, one_by_one, one_hot, trace
from stylegan_tf.images import to_float, to_uint8
from stylegan_tf.models import Discriminator, Generator, styles

ENCODERS = {"png": tf.io.encode_png, "jpeg": tf.io.encode_jpeg}


class Signatures:
    """The functions of one generator, each over a batch of any size N.

    No image depends on its batch-mates, to the last bit: seed, ψ and label are one for each, and
    each is computed by itself. A seed stands for the same image as in `stylegan-tf generate`.
    Where there is a z or w instead of a seed, the noise is the stored one. A label is the number of
    a class (Python takes no argument by the name of class); -1, or any other number, is no class.

    Args:
        generator: a `Generator`; its images have the resolution to which it has grown.
        encoding: `"png"` or `"jpeg"`.
        discriminator: a `Discriminator` for images of that generator, or None.

    Raises:
        ValueError: for another encoding, JPEG of images with alpha, or a discriminator that does
            not fit.
    """

    def __init__(
        self,
        generator: Generator,
        encoding: str = "png",
        discriminator: Discriminator | None = None,
    ):
        if encoding not in ENCODERS:
            raise ValueError(f"encoding is {encoding!r}; it can be one of {', '.join(ENCODERS)}")
        if encoding == "jpeg" and generator.channels == 4:
            raise ValueError("encoding is 'jpeg', which has no alpha channel; take 'png'")
        self.generator = generator
        self.encode = ENCODERS[encoding]
        # There, and called, where the signature `discriminate` is.
        self.discriminator: Any = discriminator and without_batch_statistics(
            discriminator, generator
        )
        side, _ = generator.grown_to
        self.image = tf.TensorSpec([side, side, generator.channels], tf.uint8)

    def traced(self) -> dict[str, Any]:
        """Returns the concrete function of each signature by its name."""
        generator = self.generator
        all_w = [generator.num_ws, generator.w_size]
        psi, seed = argument("psi", tf.float32), argument("seed", tf.int64)
        z, label = self._latent()
        pair = [argument("seed_a", tf.int64), argument("seed_b", tf.int64)]
        mapped = tf.TensorSpec([generator.w_size])
        crossover, logit = argument("crossover", tf.int32), tf.TensorSpec([])
        signatures = {
            "serving_default": (self._encoded(self.images_of_seeds), [seed, psi, *label]),
            "generate": (named("images", self.images_of_latents, self.image), [z, psi, *label]),
            "mapping": (named("w", self.mapping, mapped), [z, *label]),
            "synthesis": (
                named("images", self.synthesis, self.image),
                [argument("w", tf.float32, all_w)],
            ),
            "mix": (self._encoded(self.mixed_images), [*pair, crossover, psi, *label]),
        }
        if self.discriminator:
            images = argument("images", tf.uint8, self.image.shape)
            signatures["discriminate"] = (named("logits", self.logits, logit), [images, *label])
        return {name: trace(*signature) for name, signature in signatures.items()}

    def batched(self) -> Any:
        """Returns `generate` for whole batches, without a loop: for runtimes beside TensorFlow."""
        z, label = self._latent()
        inputs = [z, argument("psi", tf.float32), *label]
        return trace(lambda *given: {"images": self.images_of_latents(*given)}, inputs)

    def images_of_seeds(self, seed, psi, label=None):
        """Returns the images of seeds, uint8 [N, R, R, C]."""
        return to_uint8(generation.generate(self.generator, seed, psi, self._one_hot(label)))

    def images_of_latents(self, z, psi, label=None):
        """Returns the images of z [N, latent_size] with the stored noise."""
        w = generation.map_latents(self.generator, z, self._one_hot(label))
        w = generation.truncate(self.generator, w, psi)
        noise = generation.batch_of_stored_noise(self.generator, tf.shape(z)[0])
        return to_uint8(generation.synthesize(self.generator, w, noise))

    def mapping(self, z, label=None):
        """Returns w [N, w_size] of z, not truncated."""
        return self.generator.mapping(z, self._one_hot(label))

    def synthesis(self, w):
        """Returns the images of w [N, num_ws, w_size] with the stored noise."""
        return to_uint8(generation.synthesize(self.generator, w))

    def mixed_images(self, seed_a, seed_b, crossover, psi, label=None):
        """Returns images with the styles of b from layer `crossover` on; the noise is a's."""
        generator, labels = self.generator, self._one_hot(label)
        z_a, noise = generation.sample_inputs(generator, seed_a)
        z_b, _ = generation.sample_inputs(generator, seed_b, "none")
        w_a, w_b = (generation.map_latents(generator, z, labels) for z in (z_a, z_b))
        w = generation.truncate(generator, styles.mix(w_a, w_b, crossover), psi)
        return to_uint8(generation.synthesize(generator, w, noise))

    def logits(self, images, label=None):
        """Returns logits [N] of images, uint8 [N, R, R, C], higher where they look real."""
        resolution, fade = self.generator.grown_to
        labels = self._one_hot(label)
        logits = self.discriminator(to_float(images), labels, resolution=resolution, fade=fade)
        return logits[:, 0]

    def _one_hot(self, label):
        return one_hot(label, self.generator.label_size)

    def _latent(self):
        label = [argument("label", tf.int32)] if self.generator.label_size else []
        return argument("z", tf.float32, [self.generator.latent_size]), label

    def _encoded(self, function):
        """Returns a function that gives an image, as one that gives its file."""

        def file(*given):
            return tf.expand_dims(self.encode(function(*given)[0]), 0)

        return named("image_bytes", file, tf.TensorSpec([], tf.string))


def named(output: str, function, result: tf.TensorSpec):
    """Returns a function of batches as a signature: example by example, its result with a name."""
    each = one_by_one(function, result)
    return lambda *given: {output: each(*given)}


def without_batch_statistics(discriminator, generator) -> Discriminator:
    """Returns a copy that takes each image as a group of its own, where training compares several.

    Raises:
        ValueError: if it is not for images of this generator.
    """
    for name in ("resolution", "channels", "label_size"):
        theirs, ours = getattr(discriminator, name), getattr(generator, name)
        if theirs != ours:
            raise ValueError(f"the discriminator's {name} is {theirs}, the generator's {ours}")
    copy = Discriminator.from_config(discriminator.get_config())
    copy.set_weights(discriminator.get_weights())
    if copy.stddev:
        copy.stddev.group_size = 1
    return copy
