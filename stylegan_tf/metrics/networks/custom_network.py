"""Networks that the user brings: a Keras model or a SavedModel.

It takes images, float32 [N, H, W, 3] in [-1, 1], and gives features, [N, D]; a second result, if
there is one, is the probabilities of classes, [N, C]. Where H and W are fixed, images are resized
to them. The results of a SavedModel are taken in the order of their names.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

from stylegan_tf.loading import keras_model
from stylegan_tf.messages import first_line
from stylegan_tf.metrics.networks.network import FeatureNetwork, centred
from stylegan_tf.metrics.weights import WeightsMissing, digest
from stylegan_tf.plain_paths import plain_path

ANY = 224  # the side of the images that a network is tried with if it takes any size
SUM = 1e-2  # how far probabilities may be from 1 together
SIGNATURE = (
    "a network for metrics takes float32 [N, H, W, 3] in [-1, 1] and gives features [N, D], and "
    "probabilities [N, C] if it has classes"
)


def load_custom_network(name: str, source) -> FeatureNetwork:
    """Loads a network of the user's.

    Args:
        name: for the names of metrics.
        source: a `.keras` or `.h5` file, or the folder of a SavedModel.

    Raises:
        WeightsMissing: if there is no such file.
        ValueError: if it cannot be read, or is no such network.
    """
    path = Path(source)
    if not path.exists():
        raise WeightsMissing(f"{path} does not exist: give {name} a Keras model or a SavedModel")
    spec, call = _saved_model(path) if path.is_dir() else _keras(path)
    shape, dtype = tf.TensorShape(spec.shape), tf.as_dtype(spec.dtype)
    if shape.rank != 4 or shape[-1] != 3 or not dtype.is_floating:
        raise ValueError(f"{path} takes {dtype.name} {shape}; {SIGNATURE}")
    network = _Sized(shape.as_list()[1:3], call)
    width, classes = _tried(path, network)
    return FeatureNetwork(name, digest(path), width, classes, network)


class _Sized:
    """The network, with images resized as it needs them."""

    def __init__(self, size, call):
        self.size, self.call = size, call

    def __call__(self, images):
        size = (fixed or side for fixed, side in zip(self.size, images.shape[1:3], strict=True))
        found = [tf.cast(one, tf.float32) for one in self.call(centred(images, tuple(size)))]
        return found[0], found[1] if len(found) > 1 else None


def _keras(path: Path):
    """Returns what it takes, and the network as a function to a list."""
    model = keras_model(path)
    spec = _one(path, getattr(model, "inputs", None) or ())
    return spec, lambda x: tf.nest.flatten(model(x, training=False))


def _saved_model(path: Path):
    """Returns the same of the signature that TensorFlow Serving calls."""
    try:
        model = tf.saved_model.load(plain_path(path))
        signature = model.signatures["serving_default"]
    except Exception as error:
        raise ValueError(f"{path} cannot be read as a SavedModel: {first_line(error)}") from error
    name, spec = _one(path, signature.structured_input_signature[1].items())

    def call(x, keep=model):  # without it, its variables would be gone
        found = signature(**{name: tf.cast(x, spec.dtype)})
        return [found[key] for key in sorted(found)]

    return spec, call


def _one(path: Path, inputs):
    if len(inputs) != 1:
        raise ValueError(f"{path} takes {len(inputs)} inputs; {SIGNATURE}")
    return next(iter(inputs))


def _tried(path: Path, network: _Sized) -> tuple[int, int | None]:
    """Returns width and classes, from what it makes of two images."""
    size = (side or ANY for side in network.size)
    noise = np.random.default_rng(0).integers(0, 256, (2, *size, 3), dtype=np.uint8)
    try:
        features, probabilities = network(tf.constant(noise))
    except Exception as error:  # whatever its layers raise
        raise ValueError(f"{path} cannot be run: {first_line(error)}; {SIGNATURE}") from error
    found = [one.shape.as_list() for one in (features, probabilities) if one is not None]
    if any(len(shape) != 2 or shape[0] != 2 for shape in found):
        raise ValueError(f"{path} gives {found} for 2 images; {SIGNATURE}")
    if probabilities is None:
        return found[0][1], None
    if np.abs(tf.reduce_sum(probabilities, 1) - 1).max() > SUM:
        raise ValueError(f"{path}: its second result is no probabilities; {SIGNATURE}")
    return found[0][1], found[1][1]
