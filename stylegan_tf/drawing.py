"""Pictures from seeds, latents and styles: the same bits in any batch, served or not."""

import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.defaults import CUTOFF
from stylegan_tf.images import to_uint8
from stylegan_tf.latents import normals_from_seeds
from stylegan_tf.models import styles

AT_ONCE = 2  # pictures that a loop may work on: small layers keep few cores busy


class Drawing:
    """What a generator draws, as functions of batches: a first dimension N of any size.

    Labels are numbers of classes; -1, or any other number, is no class: zeros. Pictures are uint8,
    [N, R, R, C].

    Args:
        generator: a `Generator`; it draws at the resolution and fade that it has grown to.
        cutoff: int, how many of the first layers are truncated.
        noise: `"random"` (by the seed, as in `stylegan_tf.latents`), `"constant"` (the stored
            images) or `"none"`, for pictures from seeds. Where there is a z or w instead of a seed
            it is `"constant"`.
    """

    def __init__(self, generator, cutoff=CUTOFF, noise="random"):
        self.generator = generator
        self.cutoff = cutoff
        self.noise = noise
        self.resolution, self.fade = generator.grown_to

    @property
    def picture(self) -> tf.TensorSpec:
        """What a picture is."""
        sides = [self.resolution, self.resolution]
        return tf.TensorSpec([*sides, self.generator.channels], tf.uint8)

    def seeds(self, seed, psi, label=None):
        """Pictures of seeds."""
        z, noise = self.draw(seed)
        return self.pictures(self._truncated(self.w(z, label), psi), noise)

    def latents(self, z, psi, label=None):
        """Pictures of z [N, latent_size]."""
        w = self._truncated(self.w(z, label), psi)
        return self.pictures(w, self._stored_noise(tf.shape(z)[0]))

    def styles(self, w):
        """Pictures of w [N, L, w_size]."""
        return self.pictures(w, "constant")

    def mixtures(self, seed_a, seed_b, crossover, psi, label=None):
        """Pictures with the styles of b from layer `crossover` on; the noise is a's."""
        z_a, noise = self.draw(seed_a)
        z_b, _ = self.draw(seed_b)
        w = styles.mix(self.w(z_a, label), self.w(z_b, label), crossover)
        return self.pictures(self._truncated(w, psi), noise)

    def mapping(self, z, label=None):
        """w [N, w_size] of z, not truncated."""
        return self.generator.mapping(z, one_hot(label, self.generator.label_size))

    def w(self, z, label=None):
        """w for each layer, [N, L, w_size], of z, not truncated."""
        return styles.broadcast(self.mapping(z, label), self.generator.num_layers)

    def pictures(self, w, noise):
        """Pictures of w [N, L, w_size] and noise as `Synthesis` takes it."""
        synthesis = self.generator.synthesis
        return to_uint8(synthesis(w, noise=noise, resolution=self.resolution, fade=self.fade))

    def draw(self, seeds):
        """The z of each seed, and the noise for all layers."""
        shapes = self.generator.synthesis.noise_shapes(self.resolution)
        noise = [[*sides, 1] for sides in shapes] if self.noise == "random" else []
        z, *noise = normals_from_seeds(seeds, [[self.generator.latent_size], *noise])
        if self.noise == "random":
            return z, noise or "none"
        return z, self.noise

    def _stored_noise(self, batch):
        """Once for each picture: of a single one, converters store the product with strengths."""
        synthesis = self.generator.synthesis
        layers = synthesis.synthesis_layers[: len(synthesis.noise_shapes(self.resolution))]
        return [tf.tile(layer.noise.constant, [batch, 1, 1, 1]) for layer in layers] or "none"

    def _truncated(self, w, psi):
        return styles.truncate(w, self.generator.w_avg, psi, self.cutoff)


def checked_class(label: int | None, size: int) -> int | None:
    """The number of a class, or None for none.

    Raises:
        ValueError: if there is no such class.
    """
    if label is None or 0 <= label < size:
        return label
    allowed = f"it can be 0 to {size - 1}" if size else "this network has no labels"
    raise ValueError(f"--class is {label}; {allowed}")


def one_hot(label, size: int):
    """Rows of zeros with a one at the class; without one for -1 and what else is no class."""
    if label is None:
        return None
    # LiteRT makes tf.one_hot before a dense layer a look-up of rows, which refuses -1.
    rows = tf.eye(size + 1, size)  # the last is zeros
    return tf.gather(rows, tf.where((label >= 0) & (label < size), label, size))


def one_by_one(function, result: tf.TensorSpec):
    """The same function of batches, computed for one example after another.

    The sums of a convolution or of a matrix product are taken in another order in a batch of
    another size: the last bits of a picture would depend on how many others come with it.

    Args:
        function: of tensors with a first dimension N.
        result: what it gives for an example, without that dimension.
    """

    def each(*batches):
        def one(examples):
            return function(*(tf.expand_dims(example, 0) for example in examples))[0]

        return tf.map_fn(one, batches, fn_output_signature=result, parallel_iterations=AT_ONCE)

    return each


def from_seeds(drawing: Drawing, psi: float, label: int | None = None):
    """A compiled function from a list of N seeds to NumPy pictures, uint8 [N, R, R, C].

    Each is the picture that an exported model gives for the seed, to the last bit.

    Args:
        drawing: what draws.
        psi: truncation ψ of all pictures.
        label: the class of all pictures, or None.

    Raises:
        ValueError: if there is no such class.
    """
    checked_class(label, drawing.generator.label_size)
    inputs = [argument("seed", tf.int64), argument("psi", tf.float32)]
    inputs += [argument("label", tf.int32)] if drawing.generator.label_size else []
    function = traced(one_by_one(drawing.seeds, drawing.picture), inputs)

    def draw(seeds):
        given = [tf.constant(seeds, tf.int64), tf.fill([len(seeds)], tf.constant(psi, tf.float32))]
        if drawing.generator.label_size:
            given.append(tf.fill([len(seeds)], -1 if label is None else label))
        return function(*given).numpy()

    return draw


def traced(function, inputs):
    """A concrete function of TensorFlow's own ops: one without our kernels gives the same bits."""
    with ops.plain_tensorflow():
        return tf.function(
            function, input_signature=inputs, autograph=False
        ).get_concrete_function()


def argument(name: str, dtype: tf.DType, shape=()) -> tf.TensorSpec:
    """An input with a first dimension of any size."""
    return tf.TensorSpec([None, *shape], dtype, name)
