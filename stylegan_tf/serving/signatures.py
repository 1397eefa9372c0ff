"""What an exported model answers: its signatures, as functions of stock TensorFlow ops."""

import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.latents import normals_from_seeds
from stylegan_tf.models import Discriminator, styles
from stylegan_tf.training.images import to_float, to_uint8

PSI, CUTOFF = 0.7, 8  # the defaults of `stylegan-tf generate`
# Gradients would be traced anew, with compiled ops in them; nobody asks a server for them.
SAVING = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
ENCODERS = {"png": tf.io.encode_png, "jpeg": tf.io.encode_jpeg}


class Signatures:
    """The functions of one generator, each over a batch of any size N.

    No picture depends on its batch-mates: seed, ψ and label are one for each, and a seed stands
    for the same z and noise as in `stylegan_tf.latents`. Where there is a z or w instead of a seed,
    the noise is the stored one. A label is the number of a class (Python takes no argument by the
    name of class); -1, or any other number, is no class: zeros.

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
        self.resolution, self.fade = generator.grown_to
        self.discriminator = discriminator and judging_alone(discriminator, generator)

    def traced(self) -> dict:
        """The concrete function of each signature by its name."""
        network = self.generator
        all_w = [network.num_layers, network.w_size]
        picture = [self.resolution, self.resolution, network.channels]
        label = [argument("label", tf.int32)] if network.label_size else []
        psi, seed = argument("psi", tf.float32), argument("seed", tf.int64)
        z = argument("z", tf.float32, [network.latent_size])
        pair = [argument("seed_a", tf.int64), argument("seed_b", tf.int64)]
        signatures = {
            "serving_default": (self.encoded, [seed, psi, *label]),
            "generate": (self.images, [z, psi, *label]),
            "mapping": (self.mapped, [z, *label]),
            "synthesis": (self.synthesized, [argument("w", tf.float32, all_w)]),
            "mix": (self.mixed, [*pair, argument("crossover", tf.int32), psi, *label]),
        }
        if self.discriminator:
            judged = [argument("images", tf.uint8, picture), *label]
            signatures["discriminate"] = (self.judged, judged)
        with ops.plain_tensorflow():
            return {
                name: tf.function(
                    function, input_signature=inputs, autograph=False
                ).get_concrete_function()
                for name, (function, inputs) in signatures.items()
            }

    def encoded(self, seed, psi, label=None):
        """Seeds → encoded pictures."""
        z, noise = self._draw(seed)
        w = self._truncated(self._w(z, label), psi)
        return {"image_bytes": self._encode(self._pictures(w, noise))}

    def images(self, z, psi, label=None):
        """z → pictures, uint8 [N, R, R, C]."""
        w = self._truncated(self._w(z, label), psi)
        return {"images": self._pictures(w, self._stored_noise(tf.shape(z)[0]))}

    def mapped(self, z, label=None):
        """z → w [N, w_size], not truncated."""
        return {"w": self.generator.mapping(z, self._one_hot(label))}

    def synthesized(self, w):
        """w [N, L, w_size] → pictures, uint8 [N, R, R, C]."""
        return {"images": self._pictures(w, "constant")}

    def mixed(self, seed_a, seed_b, crossover, psi, label=None):
        """Encoded pictures with the styles of b from layer `crossover` on; the noise is a's."""
        z_a, noise = self._draw(seed_a)
        z_b, _ = self._draw(seed_b)
        w = styles.mix(self._w(z_a, label), self._w(z_b, label), crossover)
        return {"image_bytes": self._encode(self._pictures(self._truncated(w, psi), noise))}

    def judged(self, images, label=None):
        """Pictures → logits [N], higher where they look real."""
        logits = self.discriminator(
            to_float(images), self._one_hot(label), resolution=self.resolution, fade=self.fade
        )
        return {"logits": logits[:, 0]}

    def _draw(self, seeds):
        """The z of each seed and the noise of each layer, as `latents` draws them."""
        network = self.generator
        noise = [[*sides, 1] for sides in network.synthesis.noise_shapes(self.resolution)]
        z, *noise = normals_from_seeds(seeds, [[network.latent_size], *noise])
        return z, noise or "none"

    def _stored_noise(self, batch):
        """Once for each picture: of a single one, converters store the product with strengths."""
        synthesis = self.generator.synthesis
        layers = synthesis.synthesis_layers[: len(synthesis.noise_shapes(self.resolution))]
        return [tf.tile(layer.noise.constant, [batch, 1, 1, 1]) for layer in layers] or "none"

    def _w(self, z, label):
        """[N, L, w_size]."""
        w = self.generator.mapping(z, self._one_hot(label))
        return styles.broadcast(w, self.generator.num_layers)

    def _one_hot(self, label):
        if label is None:
            return None
        # LiteRT makes tf.one_hot before a dense layer a look-up of rows, which refuses -1.
        size = self.generator.label_size
        rows = tf.eye(size + 1, size)  # the last is zeros
        return tf.gather(rows, tf.where((label >= 0) & (label < size), label, size))

    def _truncated(self, w, psi):
        return styles.truncate(w, self.generator.w_avg, psi, CUTOFF)

    def _pictures(self, w, noise):
        synthesis = self.generator.synthesis
        return to_uint8(synthesis(w, noise=noise, resolution=self.resolution, fade=self.fade))

    def _encode(self, images):
        return tf.map_fn(self.encode, images, fn_output_signature=tf.string)


def argument(name: str, dtype: tf.DType, shape=()) -> tf.TensorSpec:
    """An input with a first dimension of any size."""
    return tf.TensorSpec([None, *shape], dtype, name)


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
