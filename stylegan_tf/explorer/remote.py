"""A session with a network at a model server."""

from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf

from stylegan_tf.defaults import CUTOFF
from stylegan_tf.explorer.session import Facts, Session
from stylegan_tf.latents import normals_from_seeds, z_from_seeds
from stylegan_tf.models import styles
from stylegan_tf.serving.client import NO_CLASS, Client
from stylegan_tf.serving.failures import ServingError
from stylegan_tf.serving.rest import WITH_VECTOR

SAMPLES = 1024  # w that the mean is taken of: a server does not answer with the network's own
SECONDS, ATTEMPTS = 30.0, 2  # for an answer: somebody waits for it
ONLY_STORED = (
    "with noise by the seed a server generates one seed, or two with one crossover, truncated in "
    f"the first {CUTOFF} layers; for anything else set the noise inputs to stored"
)


class RemoteSession(Session):
    """Generates with what `stylegan-tf export` wrote, at TensorFlow Serving or `stylegan-tf serve`.

    A server has no input for noise. Where it gets a seed, or two, it samples the noise itself;
    where it gets w it takes the stored one, and w is mixed, truncated and moved here.

    Args:
        url: as in `Client`.
        model: name of the model.
        directions: path of a file of directions, or None.

    Raises:
        ValueError: if there is no such model.
        ImportError: if a library of the extra `serving` is missing.
    """

    about_directions = "In w, after truncation, with stored noise only: this is a model server."

    def __init__(self, url: str, model="stylegan", directions=None):
        self._client = Client(url, model, timeout=SECONDS, attempts=ATTEMPTS)
        self.name = f"{model} at {url}"
        try:
            signatures = self._client.metadata()["metadata"]["signature_def"]["signature_def"]
        except ServingError as error:
            raise ValueError(f"{error} (--url and --model say what to explore)") from error
        self.facts = facts_of(signatures, self._client)
        more = "" if directions is None else f", directions={str(directions)!r}"
        self.opening = f"explorer.RemoteSession({url!r}, {model!r}{more})"
        super().__init__(directions)

    def generate(self, controls):
        """Generates the image, uint8 [H, W, C]."""
        layers = self.facts.num_layers
        truncated_alike = min(controls.cutoff, layers) == min(CUTOFF, layers)
        if controls.noise != "random" or controls.directions or not truncated_alike:
            return super().generate(controls)
        self.check(controls)
        if not controls.mixing:
            return pixels(self._client.generate([controls.seed], controls.psi, controls.label))
        return self._mixed(controls)

    def _mixed(self, controls):
        """Generates an image of two seeds with one crossover."""
        (seed, chosen), *others = controls.mixing.items()
        first = min(chosen)
        if others or sorted(chosen) != list(range(first, len(self.facts.sides))):
            raise ValueError(ONLY_STORED)
        return pixels(
            self._client.mix([controls.seed], [seed], first, controls.psi, controls.label)
        )

    @cached_property
    def w_avg(self) -> np.ndarray:
        """The mean of the samples."""
        return self.sampled_w.mean(0)

    @cached_property
    def sampled_w(self) -> np.ndarray:
        """[1024, w_size], of one stream of latents, over all classes where it tells them."""
        (z,) = normals_from_seeds([0], [[SAMPLES, self.facts.latent_size]])
        space = self.facts.label_space
        labels: Any = NO_CLASS
        if space is not None:
            labels = space.in_turn(SAMPLES) if space.size else None
        return self._client.mapping(z[0].numpy(), labels)

    def _w(self, seed, label):
        z = z_from_seeds([seed], self.facts.latent_size).numpy()
        space = self.facts.label_space
        if label is None:
            label = NO_CLASS if space is None else self._label_of(seed) if space.size else None
        return styles.broadcast(self._client.mapping(z, label), self.facts.num_layers)

    def _label_of(self, seed):
        return self._client.labels([seed])

    def _image(self, w, controls):
        if controls.noise == "random":
            raise ValueError(ONLY_STORED)
        return pixels(self._client.synthesis(tf.convert_to_tensor(w).numpy()))


def facts_of(signatures: dict, client: Client) -> Facts:
    """Returns the facts in an exported model's signatures, as in TensorFlow Serving's metadata.

    Args:
        signatures: of the model.
        client: what asks the model for its labels.

    Raises:
        ValueError: if it was not exported by `stylegan-tf export`.
    """
    if "synthesis" not in signatures and "serving_default" in signatures:
        raise ValueError(
            "the model has no w, without which it cannot be explored at a server; its network can: "
            "stylegan-tf explore SRC"
        )
    try:
        mapping = signatures.get("mapping") or signatures[f"mapping{WITH_VECTOR}"]
        _, latent_size = shape(mapping["inputs"]["z"])
        _, num_layers, w_size = shape(signatures["synthesis"]["inputs"]["w"])
        _, resolution, _, channels = shape(signatures["synthesis"]["outputs"]["images"])
    except (KeyError, ValueError):
        raise ValueError("the model is none that `stylegan-tf export` wrote") from None
    is_older = "label" in mapping["inputs"] and "labels" not in signatures
    return Facts(
        resolution=resolution,
        channels=channels,
        w_size=w_size,
        latent_size=latent_size,
        num_layers=num_layers,
        label_space=None if is_older else client.label_space(),
        noises=("random", "constant"),
        has_strengths=False,
    )


def shape(info: dict) -> list[int]:
    """Returns the sizes of an input or output."""
    return [int(dim["size"]) for dim in info["tensor_shape"]["dim"]]


def pixels(images) -> np.ndarray:
    """Returns the one image of a list, uint8 [H, W, C]."""
    (image,) = images
    array = np.asarray(image)
    return array[..., None] if array.ndim == 2 else array
