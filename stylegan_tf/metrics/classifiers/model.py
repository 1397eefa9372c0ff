"""Classifiers of attributes: a small convolutional network, and its file.

A `.keras` file is a zip; the names of the attributes are one more member of it, which Keras does
not look at.
"""

import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import keras
import tensorflow as tf

from stylegan_tf.files import atomic_write
from stylegan_tf.metrics.networks import load_network
from stylegan_tf.metrics.networks.network import FeatureNetwork

MEMBER = "attributes.json"
MIN_MAPS, MAX_MAPS = 32, 256  # feature maps


def classifier(resolution: int, attributes: int, seed: int = 0) -> keras.Model:
    """Returns blocks of convolution, normalization and pooling down to 4×4, then one logit each.

    Only layers of Keras itself are in it: it loads without this package.

    Args:
        resolution: of the images, a power of two from 8.
        attributes: how many.
        seed: of its weights.

    Returns:
        A model of images, [N, resolution, resolution, 3] in [-1, 1], that gives logits,
        [N, attributes].
    """
    seeds = iter(range(seed, seed + 100))

    def initializer():
        return keras.initializers.HeNormal(seed=next(seeds))

    x = inputs = keras.Input([resolution, resolution, 3], name="images")
    maps = MIN_MAPS
    while x.shape[1] > 4:
        x = keras.layers.Conv2D(
            maps, 3, padding="same", use_bias=False, kernel_initializer=initializer()
        )(x)
        x = keras.layers.BatchNormalization(momentum=0.95)(x)
        x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPooling2D()(x)
        maps = min(2 * maps, MAX_MAPS)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dropout(0.5, seed=next(seeds))(x)
    x = keras.layers.Dense(attributes, kernel_initializer=initializer(), name="logits")(x)
    return keras.Model(inputs, x, name="classifiers")


@dataclass(frozen=True)
class Classifiers:
    """Classifiers that are ready for use.

    Attributes:
        network: its features are the logits, [N, A].
        names: of the attributes; numbers where they have none.
    """

    network: FeatureNetwork
    names: list[str]


def load(classifiers, strategy: tf.distribute.Strategy | None = None) -> Classifiers:
    """Loads classifiers.

    Args:
        classifiers: the path of a Keras model or SavedModel, or a Keras model; or `Classifiers`,
            which are ready.
        strategy: on whose replicas they are to work; None: on one device.

    Raises:
        ValueError: if that is something else.
    """
    if isinstance(classifiers, Classifiers):
        return classifiers
    if isinstance(classifiers, keras.Model):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "classifiers.keras")
            classifiers.save(path)
            return load(path, strategy)
    if not isinstance(classifiers, (str, os.PathLike)):
        kind = type(classifiers).__name__
        raise ValueError(f"classifiers: a path or a Keras model is expected, not {kind}")
    with (strategy or tf.distribute.get_strategy()).scope():
        network = load_network("classifiers", classifiers)
    return Classifiers(network, _names(Path(classifiers), network.width))


def save(model, names: list[str], path) -> None:
    """Writes a Keras model and the names of its attributes to a `.keras` file."""
    with atomic_write(Path(path)) as partial:
        model.save(partial)
        with zipfile.ZipFile(partial, "a") as file:
            file.writestr(MEMBER, json.dumps(names))


def _names(path: Path, count: int) -> list[str]:
    """Returns the names in the file, if it has as many as there are logits."""
    numbers = [str(number) for number in range(count)]
    if not zipfile.is_zipfile(path):
        return numbers
    with zipfile.ZipFile(path) as file:
        names = json.loads(file.read(MEMBER)) if MEMBER in file.namelist() else numbers
    return names if len(names) == count else numbers
