"""Classifiers of attributes: a small convolutional network, its training from labels, its file.

A `.keras` file is a zip; the names of the attributes are one more member of it, which Keras does
not look at.
"""

import json
import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from stylegan_tf.datasets import order, reading, stream
from stylegan_tf.datasets.resolutions import check_resolution
from stylegan_tf.defaults import CLASSIFIERS_KIMG
from stylegan_tf.files import atomic_write
from stylegan_tf.images import to_float, to_rgb
from stylegan_tf.metrics.networks import load_network
from stylegan_tf.metrics.networks.network import FeatureNetwork
from stylegan_tf.metrics.reals import Reals, all_labels
from stylegan_tf.metrics.sampling import unseen

MEMBER = "attributes.json"
MIN_MAPS, MAX_MAPS = 32, 256  # feature maps
MAX_SIDE = 256  # pixels, as the published classifiers have
MIN_SIDE = 8
BATCH = 64
HELD_OUT = 0.1  # of the images
SHUFFLED = 4096  # images to choose the next one from
LEARNING_RATE = 1e-3


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


@dataclass(frozen=True)
class Trained:
    """Classifiers, and how often they are right about images that were held out.

    Attributes:
        model: a Keras model of logits, [N, A].
        names: of the attributes.
        accuracy: of each, [A].
        shares: of the held-out images that have the attribute, [A].
        held_out: how many images.
    """

    model: keras.Model
    names: list[str]
    accuracy: np.ndarray
    shares: np.ndarray
    held_out: int


def train(
    dataset,
    resolution: int | None = None,
    kimg: float = CLASSIFIERS_KIMG,
    mirror: bool = False,
    seed: int = 0,
    progress: Callable = unseen,
) -> Trained:
    """Trains one small convolutional network with a logit for each number of a label.

    Args:
        dataset: what `stylegan_tf.datasets.open` gives, with labels of zeros and ones.
        resolution: of the images that it is shown; None: that of the dataset, at most 256.
        kimg: thousands of images shown.
        mirror: flip half of the images, where an attribute does not depend on left and right.
        seed: of the weights, of the images that are held out, and of the order of the others.
        progress: of a title, gives a context manager that gives a function of (done, total), as
            `stylegan_tf.cli.progress.progress_of`.

    Raises:
        ValueError: if there are no such labels, too few images, or an argument is out of range.
    """
    resolution = resolution or min(dataset.resolution, MAX_SIDE)
    check(dataset, resolution, kimg)
    keras.utils.set_random_seed(seed)
    held_out = choose_held_out(dataset.num_images, seed)
    model = classifier(resolution, dataset.label_size, seed)
    steps = max(1, round(kimg * 1000 / BATCH))
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    shown = labelled(dataset, resolution, ~held_out).repeat().shuffle(SHUFFLED, seed)
    shown = in_batches(shown, mirror, seed)
    with reading(dataset), progress("training classifiers") as update:
        callbacks = _callbacks(update, steps)
        model.fit(shown, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=callbacks)
    right, present = _tried(model, dataset, labelled(dataset, resolution, held_out))
    names = dataset.label_names or [str(number) for number in range(dataset.label_size)]
    return Trained(model, names, right.mean(0), present.mean(0), len(right))


def check(dataset, resolution: int, kimg: float) -> None:
    """Raises ValueError for what cannot be trained on."""
    check_resolution(resolution, dataset.resolution)
    if resolution < MIN_SIDE:
        raise ValueError(f"classifiers need images of {MIN_SIDE}×{MIN_SIDE} or more")
    if kimg <= 0:
        raise ValueError(f"kimg is {kimg}; it must be more than 0")
    if not dataset.label_size:
        raise ValueError(
            f"{dataset.path} has no labels to learn: stylegan-tf dataset create SRC DEST --labels …"
        )
    if dataset.num_images < 1 / HELD_OUT:
        raise ValueError(
            f"{dataset.path} has {dataset.num_images} images; classifiers need 10 or more"
        )
    labels = all_labels(dataset)
    if not np.isin(labels, (0, 1)).all():
        raise ValueError(f"labels of {dataset.path} are not all 0 or 1: they are no attributes")


def choose_held_out(count: int, seed: int) -> np.ndarray:
    """Returns which images are held out, bool [count]."""
    is_held_out = np.zeros(count, bool)
    is_held_out[np.random.default_rng(seed).permutation(count)[: int(count * HELD_OUT)]] = True
    return is_held_out


def labelled(dataset, resolution: int, chosen: np.ndarray) -> tf.data.Dataset:
    """Returns those images of a dataset that are chosen, bool [num_images], with their labels."""
    chosen = tf.constant(chosen)
    data = Reals(dataset, resolution).images().enumerate()
    return data.filter(lambda place, _: chosen[place]).map(lambda place, pair: pair)


def in_batches(data: tf.data.Dataset, mirror: bool, seed: int) -> tf.data.Dataset:
    """Returns endless images as batches that the network takes: float32 in [-1, 1], and labels."""
    data = data.batch(BATCH, drop_remainder=True)
    if mirror:
        flipped = order.flips(seed, 0).batch(BATCH, drop_remainder=True)
        data = tf.data.Dataset.zip((data, flipped)).map(stream.mirror_batch)
    return data.map(_for_network, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _for_network(images, labels):
    return to_float(to_rgb(images)), labels


def _callbacks(update: Callable | None, steps: int) -> list:
    """Returns what lets `update` know of each batch."""
    if not update:
        return []

    def batch_ends(batch, logs=None):
        update((batch + 1) * BATCH, steps * BATCH)

    return [keras.callbacks.LambdaCallback(on_train_batch_end=batch_ends)]


def _tried(model, dataset, data: tf.data.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Returns for each image and attribute whether it is recognized, and whether it is there."""
    right, present = [], []
    with reading(dataset):
        for images, labels in data.batch(BATCH).map(_for_network):
            there = labels.numpy() > 0
            right.append((model(images, training=False).numpy() > 0) == there)
            present.append(there)
    return np.concatenate(right), np.concatenate(present)
