"""Trains classifiers of attributes from the labels of a dataset."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from stylegan_tf.datasets import order, reading, stream
from stylegan_tf.datasets.resolutions import check_resolution
from stylegan_tf.images import to_float, to_rgb
from stylegan_tf.metrics.classifiers import KIMG
from stylegan_tf.metrics.classifiers.model import classifier
from stylegan_tf.metrics.reals import Reals, all_labels
from stylegan_tf.metrics.sampling import unseen

MAX_SIDE = 256  # pixels, as the published classifiers have
MIN_SIDE = 8
BATCH = 64
HELD_OUT = 0.1  # of the images
SHUFFLED = 4096  # images to choose the next one from
LEARNING_RATE = 1e-3


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
    kimg: float = KIMG,
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
    found = np.zeros(count, bool)
    found[np.random.default_rng(seed).permutation(count)[: int(count * HELD_OUT)]] = True
    return found


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
