"""A trained network as one object: seeds, latents and styles in, images out."""

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike
from PIL import Image

from stylegan_tf import generation, loading
from stylegan_tf.defaults import CUTOFF
from stylegan_tf.figures.grid import to_pil
from stylegan_tf.files import atomic_write
from stylegan_tf.images import to_uint8
from stylegan_tf.labels import Label, LabelSpace
from stylegan_tf.latents import labels_of
from stylegan_tf.models import BaseDiscriminator, BaseGenerator, styles
from stylegan_tf.models.finite import check_finite
from stylegan_tf.models.shapes import check_shape

BATCH = 8  # images at once: memory stays small at 1024×1024
NEITHER_SEEDS_NOR_Z = "give either seeds or z"
NOTHING_TO_MAP_TO = (
    "there is nothing to map to: pipe(z=…) has the images of z, and latents.z_from_seeds the z of "
    "seeds"
)
NOISES = ("random", "constant", "none")
OUTPUT_TYPES = ("pil", "np", "tf")

Images: TypeAlias = list[Image.Image] | np.ndarray | tf.Tensor


class Pipeline:
    """Generates the images of a trained network.

    An image does not depend on what else is in the batch, to the last bit, and is the one that
    `stylegan-tf generate` writes and an exported model answers.

    A seed stands for z, for the noise of each layer, and for a label; z and the label are mapped to
    w, which is truncated. The networks of a GAN or a DCGAN have no w and no noise: there a seed
    stands for z and a label, which are all that an image is made of.

    Args:
        generator: a `Generator`, usually an averaged one.
        discriminator: the `Discriminator` that it was trained with, or None.

    Example:
        pipe = Pipeline.from_pretrained("emoji-64")
        images = pipe(seeds=range(8), truncation_psi=0.7)
    """

    def __init__(self, generator: BaseGenerator, discriminator: BaseDiscriminator | None = None):
        self.generator = generator
        self._discriminator = discriminator
        self._source: str | os.PathLike[str] | None = None

    @classmethod
    def from_pretrained(cls, source: str | os.PathLike[str]) -> "Pipeline":
        """Loads a trained network.

        Args:
            source: the name of a preset (`stylegan_tf.presets()`); the path of a run directory (its
                newest snapshot is taken), of a `.keras` file or of an NVIDIA `.pkl` file; or the
                URL of a file.

        Raises:
            ValueError: if there is no such thing, it holds something else than a generator, or its
                weights are not finite.
        """
        generator = loading.load(source)
        check_finite(generator, str(source))
        pipe = cls(generator)
        pipe._source = source
        return pipe

    def __call__(
        self,
        seeds: int | Sequence[int] | None = None,
        truncation_psi: float | None = None,
        truncation_cutoff: int | None = CUTOFF,
        label: Label = None,
        noise: str = "random",
        output_type: str = "pil",
        z: ArrayLike | tf.Tensor | None = None,
    ) -> Images:
        """Returns the images of seeds, or of latents.

        Args:
            seeds: N whole numbers; one number is one image. None where `z` is given.
            truncation_psi: ψ of the truncation trick, a number or one for each image; 1 is off, 0
                is the mean. None: 0.7, or 1 for a network without w, which has nothing to truncate.
            truncation_cutoff: how many of the first layers to truncate; None for all.
            label: the class of all images, by its name or number; a list of them, one for each; or
                vectors [label_size] or [N, label_size]. None: by the seed, classes as frequent as
                in the training, or equally likely where that is not known.
            noise: `"random"` (by the seed), `"constant"` (what the network stores) or `"none"`.
            output_type: `"pil"`, `"np"` or `"tf"`.
            z: latents, [N, latent_size], instead of seeds. Then random noise is fresh each call,
                and a network with labels needs one.

        Returns:
            For `"pil"` a list of N PIL images, for `"np"` an array, uint8
            [N, resolution, resolution, channels], for `"tf"` a float32 tensor of that shape,
            nominally in [-1, 1].

        Raises:
            ValueError: if an argument is none of these, unless one of `seeds` and `z` is given, or
                if a network without w is to be truncated.
        """
        psi = generation.psi_or_default(self.generator, truncation_psi)
        if z is not None:
            ws = self._map(seeds, z, label)
            ws = generation.truncate(self.generator, ws, psi, truncation_cutoff)
            return self.synthesize(ws, noise, output_type)
        if seeds is None:
            raise ValueError(NEITHER_SEEDS_NOR_Z)
        numbers = _as_seeds(seeds)
        psi = np.broadcast_to(np.asarray(psi, np.float32), len(numbers))
        labels = _arguments(labels_of(label, numbers, self.label_space))
        _check_choice("noise", noise, NOISES)

        def generate(part: slice) -> tf.Tensor:
            z, layers_noise = generation.sample_inputs(self.generator, numbers[part], noise)
            w = self._mapping(z, *(vectors[part] for vectors in labels))
            w = generation.truncate(self.generator, w, psi[part], truncation_cutoff)
            return self._synthesis(w, layers_noise)

        return self._in_batches(generate, len(numbers), output_type)

    def map(
        self,
        seeds: int | Sequence[int] | None = None,
        z: ArrayLike | tf.Tensor | None = None,
        label: Label = None,
    ) -> tf.Tensor:
        """Returns w for each layer, not truncated: a float32 tensor, [N, num_ws, w_size].

        Args:
            seeds: N whole numbers, or None where `z` is given.
            z: latents, [N, latent_size], or None.
            label: as for calling the pipeline; a network with labels needs it with `z`.

        Raises:
            ValueError: unless one of `seeds` and `z` is given, for a wrong label, or if the network
                has no w.
        """
        self.generator.require_w(NOTHING_TO_MAP_TO)
        return self._map(seeds, z, label)

    def _map(
        self,
        seeds: int | Sequence[int] | None,
        z: ArrayLike | tf.Tensor | None,
        label: Label,
    ) -> tf.Tensor:
        """Returns what `map` does, or what stands in the place of w where there is none."""
        if (seeds is None) == (z is None):
            raise ValueError(NEITHER_SEEDS_NOR_Z)
        if seeds is not None:
            numbers = _as_seeds(seeds)
            z, _ = generation.sample_inputs(self.generator, numbers, "none")
            return self._mapping(z, *_arguments(labels_of(label, numbers, self.label_space)))
        latents = tf.convert_to_tensor(z, tf.float32)
        check_shape("z", latents, ("N", self.generator.latent_size))
        if label is None and self.generator.label_size:
            raise ValueError("label is None; only a seed has a label of its own: give one with z")
        labels = None if label is None else self.label_space.vectors(label, len(latents))
        return self._mapping(latents, *_arguments(labels))

    def synthesize(
        self,
        ws: ArrayLike | tf.Tensor,
        noise: str | Sequence[tf.Tensor] = "constant",
        output_type: str = "pil",
    ) -> Images:
        """Returns the images of w.

        Args:
            ws: [N, w_size], or one for each layer, [N, num_ws, w_size]. Nothing is truncated here.
                Without w: z, followed by the label.
            noise: `"constant"` (what the network stores), `"none"`, `"random"` (fresh each call),
                or a list of tensors [1 or N, h, w, 1], one for each layer.
            output_type: as for calling the pipeline, and what is returned likewise.

        Raises:
            ValueError: if an argument is none of these.
        """
        ws = tf.convert_to_tensor(ws, tf.float32)
        if not len(ws):
            raise ValueError("ws is empty; it must hold the w of at least one image")
        noise = self._noise(noise, len(ws))

        def synthesize(part: slice) -> tf.Tensor:
            some = noise if isinstance(noise, str) else [image[part] for image in noise]
            return self._synthesis(ws[part], some)

        return self._in_batches(synthesize, len(ws), output_type)

    @cached_property
    def discriminator(self) -> BaseDiscriminator | None:
        """The trained discriminator, as far as it has grown, or None where the source has none.

        It is loaded on first use: that of a preset, of the newest checkpoint of a run, or of an
        NVIDIA pickle.
        """
        if self._discriminator is None and self._source is not None:
            return loading.load_discriminator(self._source)
        return self._discriminator

    @property
    def resolution(self) -> int:
        """The side of the images, to which the network has grown."""
        return self.generator.grown_to[0]

    @property
    def num_ws(self) -> int:
        """How many layers have a style each; 1 without w."""
        return self.generator.num_ws

    @property
    def w_avg(self) -> tf.Tensor:
        """The mean of w, [w_size]."""
        return tf.convert_to_tensor(self.generator.w_avg)

    @property
    def label_names(self) -> list[str] | None:
        """The names of the classes in the order of the label, or None if they are not known."""
        names = self.generator.label_names
        return None if names is None else list(names)

    @property
    def label_space(self) -> LabelSpace:
        """The labels that the network was trained with."""
        return LabelSpace.of(self.generator)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the generator to a `.keras` file, which `from_pretrained` and `sg.load` take.

        Raises:
            ValueError: if the name ends in something else.
            OSError: if it cannot be written.
        """
        path = Path(path)
        if path.suffix != ".keras":
            raise ValueError(f"{path} must end in .keras")
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as partial:
            self.generator.save(partial)

    def export(self, dest: str | os.PathLike[str], version: int | None = None) -> Path:
        """Writes a SavedModel for TensorFlow Serving, and returns its folder, `dest/<version>/`.

        `serving.export` has more options.

        Args:
            dest: folder of the model's versions.
            version: from 1 on; None for the one after the newest.
        """
        from stylegan_tf.serving import export

        return export(self.generator, dest, version)

    def _noise(self, noise: str | Sequence[tf.Tensor], count: int) -> list[tf.Tensor] | str:
        """Returns the noise of each layer for `count` images, [count, h, w, 1], or a mode."""
        shapes = [[count, *sides, 1] for sides in self.generator.noise_shapes()]
        if isinstance(noise, str):
            _check_choice("noise", noise, NOISES)
            return [tf.random.normal(shape) for shape in shapes] if noise == "random" else noise
        if len(noise) < len(shapes):
            raise ValueError(f"noise has {len(noise)} tensors; {len(shapes)} layers need one each")
        return [tf.broadcast_to(one, shape) for one, shape in zip(noise, shapes, strict=False)]

    def _in_batches(self, function: Callable[..., Any], count: int, output_type: str) -> Images:
        """Joins what a function gives for slices of few images each."""
        _check_choice("output_type", output_type, OUTPUT_TYPES)
        parts = [slice(start, start + BATCH) for start in range(0, count, BATCH)]
        if output_type == "tf":
            return tf.concat([function(part) for part in parts], axis=0)
        images = np.concatenate([to_uint8(function(part)).numpy() for part in parts])
        return images if output_type == "np" else list(map(to_pil, images))

    @cached_property
    def _mapping(self) -> Any:
        """A compiled function of z, and of labels if there are any, to w for each layer."""
        generator = self.generator
        inputs = [generation.argument("z", tf.float32, [generator.latent_size])]
        if generator.label_size:
            inputs.append(generation.argument("labels", tf.float32, [generator.label_size]))
        result = tf.TensorSpec([generator.num_ws, generator.w_size])
        function = generation.one_by_one(
            lambda z, labels=None: generation.map_latents(generator, z, labels), result
        )
        return generation.trace(function, inputs)

    def _synthesis(self, w: tf.Tensor, noise: str | Sequence[tf.Tensor]) -> tf.Tensor:
        """Returns the float images of w; noise is a mode or a list of [N, h, w, 1]."""
        w = styles.broadcast(w, self.generator.num_ws_at(self.resolution))
        if noise == "constant":
            noise = [tf.tile(one, [len(w), 1, 1, 1]) for one in self.generator.stored_noise()]
        if noise == "none" or not noise:
            return self._synthesis_without_noise(w)
        return self._synthesis_with_noise(w, *noise)

    @cached_property
    def _synthesis_without_noise(self) -> Any:
        return self._compile_synthesis([])

    @cached_property
    def _synthesis_with_noise(self) -> Any:
        return self._compile_synthesis(self.generator.noise_shapes())

    def _compile_synthesis(self, shapes: Sequence[tuple[int, int]]) -> Any:
        """Returns a compiled function of w and the noise of each layer to float images."""
        generator, side = self.generator, self.resolution
        layers = generator.num_ws_at(side)
        inputs = [generation.argument("w", tf.float32, [layers, generator.w_size])]
        inputs += [
            generation.argument(f"noise_{layer}", tf.float32, [*sides, 1])
            for layer, sides in enumerate(shapes)
        ]
        result = tf.TensorSpec([side, side, generator.channels])
        function = generation.one_by_one(
            lambda w, *noise: generation.synthesize(generator, w, list(noise) or "none"), result
        )
        return generation.trace(function, inputs)


def _arguments(labels: np.ndarray | None) -> list[tf.Tensor]:
    """Returns what the mapping network takes after z."""
    return [] if labels is None else [tf.constant(labels)]


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raises ValueError for another value than those that an argument can have."""
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; it can be {', '.join(allowed)}")


def _as_seeds(seeds: Any) -> np.ndarray:
    """Returns seeds as int64 [N].

    Raises:
        ValueError: if they are something else than whole numbers, or there are none.
    """
    array = np.atleast_1d(np.asarray(seeds if np.isscalar(seeds) else list(seeds)))
    if array.ndim != 1 or array.dtype.kind not in "iu":  # an empty list is float64
        raise ValueError(f"seeds is {seeds!r}; it must be whole numbers, at least one")
    return array.astype(np.int64)
