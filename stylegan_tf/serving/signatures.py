"""What an exported model answers: its signatures, as functions of stock TensorFlow ops."""

import tensorflow as tf

from stylegan_tf.drawing import Drawing, argument, one_by_one, one_hot, traced
from stylegan_tf.images import to_float
from stylegan_tf.models import Discriminator

# Gradients would be traced anew, with compiled ops in them; nobody asks a server for them.
SAVING = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
ENCODERS = {"png": tf.io.encode_png, "jpeg": tf.io.encode_jpeg}


class Signatures:
    """The functions of one generator, each over a batch of any size N.

    No picture depends on its batch-mates, to the last bit: seed, ψ and label are one for each, and
    each is computed by itself. A seed stands for the same picture as in `stylegan-tf generate`.
    Where there is a z or w instead of a seed, the noise is the stored one. A label is the number of
    a class (Python takes no argument by the name of class); -1, or any other number, is no class.

    Args:
        generator: a `Generator`.
        encoding: `"png"` or `"jpeg"`.
        discriminator: a `Discriminator` for pictures of that generator, or None.

    Raises:
        ValueError: for another encoding, JPEG of pictures with alpha, or a discriminator that does
            not fit.
    """

    def __init__(self, generator, encoding="png", discriminator=None):
        if encoding not in ENCODERS:
            raise ValueError(f"encoding is {encoding!r}; it can be one of {', '.join(ENCODERS)}")
        if encoding == "jpeg" and generator.channels == 4:
            raise ValueError("encoding is 'jpeg', which has no alpha channel; take 'png'")
        self.generator = generator
        self.encode = ENCODERS[encoding]
        self.drawing = Drawing(generator)
        self.discriminator = discriminator and judging_alone(discriminator, generator)

    def traced(self) -> dict:
        """The concrete function of each signature by its name."""
        network, drawing = self.generator, self.drawing
        all_w = [network.num_layers, network.w_size]
        psi, seed = argument("psi", tf.float32), argument("seed", tf.int64)
        z, label = self._latent()
        pair = [argument("seed_a", tf.int64), argument("seed_b", tf.int64)]
        mapped = tf.TensorSpec([network.w_size])
        crossover, logit = argument("crossover", tf.int32), tf.TensorSpec([])
        signatures = {
            "serving_default": (self._encoded(drawing.seeds), [seed, psi, *label]),
            "generate": (named("images", drawing.latents, drawing.picture), [z, psi, *label]),
            "mapping": (named("w", drawing.mapping, mapped), [z, *label]),
            "synthesis": (
                named("images", drawing.styles, drawing.picture),
                [argument("w", tf.float32, all_w)],
            ),
            "mix": (self._encoded(drawing.mixtures), [*pair, crossover, psi, *label]),
        }
        if self.discriminator:
            judged = argument("images", tf.uint8, drawing.picture.shape)
            signatures["discriminate"] = (named("logits", self.judged, logit), [judged, *label])
        return {name: traced(*signature) for name, signature in signatures.items()}

    def batched(self):
        """`generate` for whole batches, without a loop: for other runtimes than TensorFlow."""
        z, label = self._latent()
        inputs = [z, argument("psi", tf.float32), *label]
        return traced(lambda *given: {"images": self.drawing.latents(*given)}, inputs)

    def judged(self, images, label=None):
        """Pictures → logits [N], higher where they look real."""
        logits = self.discriminator(
            to_float(images),
            one_hot(label, self.generator.label_size),
            resolution=self.drawing.resolution,
            fade=self.drawing.fade,
        )
        return logits[:, 0]

    def _latent(self):
        label = [argument("label", tf.int32)] if self.generator.label_size else []
        return argument("z", tf.float32, [self.generator.latent_size]), label

    def _encoded(self, function):
        """A function that gives a picture, as one that gives its file."""

        def file(*given):
            return tf.expand_dims(self.encode(function(*given)[0]), 0)

        return named("image_bytes", file, tf.TensorSpec([], tf.string))


def named(output: str, function, result: tf.TensorSpec):
    """A function of batches as a signature: example by example, its result with a name."""
    each = one_by_one(function, result)
    return lambda *given: {output: each(*given)}


def judging_alone(discriminator, generator) -> Discriminator:
    """A copy that takes each picture as a group of its own, where training compares several."""
    for name in ("resolution", "channels", "label_size"):
        theirs, ours = getattr(discriminator, name), getattr(generator, name)
        if theirs != ours:
            raise ValueError(f"the discriminator's {name} is {theirs}, the generator's {ours}")
    copy = Discriminator.from_config(discriminator.get_config())
    copy.set_weights(discriminator.get_weights())
    if copy.stddev:
        copy.stddev.group_size = 1
    return copy
