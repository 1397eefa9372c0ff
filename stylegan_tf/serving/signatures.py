"""What an exported model answers: its signatures, as functions of stock TensorFlow ops."""

from typing import Any

import tensorflow as tf

from stylegan_tf import generation
from stylegan_tf.generation import argument, one_by_one, one_hot, trace
from stylegan_tf.images import to_float, to_uint8
from stylegan_tf.labels import LabelSpace
from stylegan_tf.latents import labels_from_seeds
from stylegan_tf.models import BaseDiscriminator, BaseGenerator, styles
from stylegan_tf.serving.rest import WITH_VECTOR

ENCODERS = {"png": tf.io.encode_png, "jpeg": tf.io.encode_jpeg}


class Signatures:
    """The functions of one generator, each over a batch of any size N.

    No image depends on its batch-mates, to the last bit: seed, ψ and label are one for each, and
    each is computed by itself. A seed stands for the same image as in `stylegan-tf generate`.
    Where there is a z or w instead of a seed, the noise is the stored one. A label is the number of
    a class (Python takes no argument by the name of class), or, in signatures of their own, a
    vector. -1, or any other number that is no class, stands for the class that the seed has, and
    for none where there is no seed. Networks whose labels are no classes take vectors only; those
    of their signatures that have a seed go without a label, too. A network without w has no
    signatures of w and of mixing, and takes any ψ: there is nothing that it would truncate.

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
        generator: BaseGenerator,
        encoding: str = "png",
        discriminator: BaseDiscriminator | None = None,
    ):
        if encoding not in ENCODERS:
            raise ValueError(f"encoding is {encoding!r}; it can be one of {', '.join(ENCODERS)}")
        if encoding == "jpeg" and generator.channels == 4:
            raise ValueError("encoding is 'jpeg', which has no alpha channel; take 'png'")
        self.generator = generator
        self.label_space = LabelSpace.of(generator)
        self.encode = ENCODERS[encoding]
        # There, and called, where the signature `discriminate` is.
        self.discriminator: Any = discriminator and without_batch_statistics(
            discriminator, generator
        )
        side, _ = generator.grown_to
        self.image = tf.TensorSpec([side, side, generator.channels], tf.uint8)

    def traced(self) -> dict[str, Any]:
        """Returns the concrete function of each signature by its name."""
        space, size = self.label_space, self.generator.label_size
        number, vector = argument("label", tf.int32), argument("label", tf.float32, [size])
        signatures = self._without_label()
        if not size:
            signatures |= {**self._by_seed([]), **self._by_tensor([])}
        elif space.has_classes:
            signatures |= {**self._by_seed([number]), **self._by_tensor([number])}
        else:
            signatures |= self._by_seed([])
        if size:
            with_vector = {**self._by_seed([vector]), **self._by_tensor([vector])}
            signatures |= {name + WITH_VECTOR: one for name, one in with_vector.items()}
        return {name: trace(*signature) for name, signature in signatures.items()}

    def batched(self) -> Any:
        """Returns `generate` for whole batches, without a loop: for runtimes beside TensorFlow."""
        label = []
        if self.label_space.has_classes:
            label = [argument("label", tf.int32)]
        elif self.generator.label_size:
            label = [argument("label", tf.float32, [self.generator.label_size])]
        inputs = [self._z(), argument("psi", tf.float32), *label]
        return trace(lambda *given: {"images": self.images_of_latents(*given)}, inputs)

    def _without_label(self) -> dict[str, tuple[Any, list[tf.TensorSpec]]]:
        """Returns function and inputs of the signatures that no label changes."""
        generator, space = self.generator, self.label_space
        signatures = {}
        if generator.has_w:
            w = argument("w", tf.float32, [generator.num_ws, generator.w_size])
            signatures["synthesis"] = (named("images", self.synthesis, self.image), [w])
        if space.size:
            label = tf.TensorSpec([space.size])
            seed = argument("seed", tf.int64)
            signatures["labels"] = (named("label", self.labels, label), [seed])
        if space.has_classes and space.names:
            name, number = tf.TensorSpec([], tf.string), argument("label", tf.int32)
            signatures["class_names"] = (named("name", self.names, name), [number])
        return signatures

    def _by_seed(self, label: list[tf.TensorSpec]) -> dict[str, tuple[Any, list[tf.TensorSpec]]]:
        """Returns function and inputs of the signatures that take seeds."""
        psi, seed = argument("psi", tf.float32), argument("seed", tf.int64)
        pair = [argument("seed_a", tf.int64), argument("seed_b", tf.int64)]
        crossover = argument("crossover", tf.int32)
        signatures = {"serving_default": (self._encoded(self.images_of_seeds), [seed, psi, *label])}
        if self.generator.has_w:
            mixed = [*pair, crossover, psi, *label]
            signatures["mix"] = (self._encoded(self.mixed_images), mixed)
        return signatures

    def _by_tensor(self, label: list[tf.TensorSpec]) -> dict[str, tuple[Any, list[tf.TensorSpec]]]:
        """Returns function and inputs of the signatures that take latents or images."""
        z, psi = self._z(), argument("psi", tf.float32)
        mapped, logit = tf.TensorSpec([self.generator.w_size]), tf.TensorSpec([])
        signatures = {
            "generate": (named("images", self.images_of_latents, self.image), [z, psi, *label])
        }
        if self.generator.has_w:
            signatures["mapping"] = (named("w", self.mapping, mapped), [z, *label])
        if self.discriminator:
            images = argument("images", tf.uint8, self.image.shape)
            signatures["discriminate"] = (named("logits", self.logits, logit), [images, *label])
        return signatures

    def images_of_seeds(self, seed, psi, label=None):
        """Returns the images of seeds, uint8 [N, R, R, C]."""
        labels = self._label_of_seeds(label, seed)
        return to_uint8(generation.generate(self.generator, seed, psi, labels))

    def images_of_latents(self, z, psi, label=None):
        """Returns the images of z [N, latent_size] with the stored noise."""
        w = generation.map_latents(self.generator, z, self._vector(label))
        w = generation.truncate(self.generator, w, psi)
        noise = generation.batch_of_stored_noise(self.generator, tf.shape(z)[0])
        return to_uint8(generation.synthesize(self.generator, w, noise))

    def mapping(self, z, label=None):
        """Returns w [N, w_size] of z, not truncated."""
        return self.generator.mapping(z, self._vector(label))

    def synthesis(self, w):
        """Returns the images of w [N, num_ws, w_size] with the stored noise."""
        return to_uint8(generation.synthesize(self.generator, w))

    def mixed_images(self, seed_a, seed_b, crossover, psi, label=None):
        """Returns images with the styles of b from layer `crossover` on; the noise is a's."""
        generator = self.generator
        z_a, noise = generation.sample_inputs(generator, seed_a)
        z_b, _ = generation.sample_inputs(generator, seed_b, "none")
        w_a, w_b = (
            generation.map_latents(generator, z, self._label_of_seeds(label, seed))
            for z, seed in ((z_a, seed_a), (z_b, seed_b))
        )
        w = generation.truncate(generator, styles.mix(w_a, w_b, crossover), psi)
        return to_uint8(generation.synthesize(generator, w, noise))

    def logits(self, images, label=None):
        """Returns logits [N] of images, uint8 [N, R, R, C], higher where they look real."""
        resolution, fade = self.generator.grown_to
        labels = self._vector(label)
        logits = self.discriminator(to_float(images), labels, resolution=resolution, fade=fade)
        return logits[:, 0]

    def labels(self, seed):
        """Returns the labels that seeds have, [N, label_size]."""
        return labels_from_seeds(seed, self.label_space)

    def names(self, label):
        """Returns the names of classes [N], empty for what is no class."""
        names = [*self.label_space.names, ""]
        return tf.gather(tf.constant(names), tf.where(self._is_class(label), label, len(names) - 1))

    def _vector(self, label):
        """Returns labels [N, label_size] of numbers of classes, or of vectors."""
        if label is None or label.dtype.is_floating:
            return label
        return one_hot(label, self.generator.label_size)

    def _label_of_seeds(self, label, seed):
        """Returns the same, with the label that a seed has where there is no class."""
        if not self.generator.label_size:
            return None
        if label is None:
            return self.labels(seed)
        if label.dtype.is_floating:
            return label
        by_seed = self.labels(seed)
        return tf.where(self._is_class(label)[:, None], self._vector(label), by_seed)

    def _is_class(self, label):
        return (label >= 0) & (label < self.generator.label_size)

    def _z(self) -> tf.TensorSpec:
        return argument("z", tf.float32, [self.generator.latent_size])

    def _encoded(self, function):
        """Returns a function that gives an image, as one that gives its file."""

        def file(*given):
            return tf.expand_dims(self.encode(function(*given)[0]), 0)

        return named("image_bytes", file, tf.TensorSpec([], tf.string))


def named(output: str, function, result: tf.TensorSpec):
    """Returns a function of batches as a signature: example by example, its result with a name."""
    each = one_by_one(function, result)
    return lambda *given: {output: each(*given)}


def without_batch_statistics(discriminator, generator) -> BaseDiscriminator:
    """Returns a copy that takes each image as a group of its own, where training compares several.

    Raises:
        ValueError: if it is not for images of this generator, or has no logit of an image alone.
    """
    if discriminator.needs_batch:
        raise ValueError(
            f"the discriminator of a {discriminator.architecture.upper()} normalizes by its batch: "
            "an image alone has no logit"
        )
    for name in ("resolution", "channels", "label_size"):
        theirs, ours = getattr(discriminator, name), getattr(generator, name)
        if theirs != ours:
            raise ValueError(f"the discriminator's {name} is {theirs}, the generator's {ours}")
    copy = type(discriminator).from_config(discriminator.get_config())
    copy.set_weights(discriminator.get_weights())
    if copy.stddev:
        copy.stddev.group_size = 1
    return copy
