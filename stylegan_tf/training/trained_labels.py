"""What a trained generator remembers of the labels of its data."""

import numpy as np

from stylegan_tf.datasets.dataset import Dataset
from stylegan_tf.labels import is_one_hot
from stylegan_tf.models import Generator

MAX_SAMPLES = 256  # labels kept where they are vectors


def remember(generator: Generator, dataset: Dataset) -> None:
    """Tells a generator which labels its data has: names, and how frequent each class is.

    Where labels are vectors it gets some of them, evenly spaced over the data. Reads all labels of
    the data, once in the life of a generator.

    Args:
        generator: has labels of the data's size, or none: then nothing is told.
        dataset: what `stylegan_tf.datasets.open` gives.
    """
    if not generator.label_size or generator.class_counts or generator.label_samples:
        return
    count = dataset.num_images
    chosen = np.linspace(0, count - 1, min(count, MAX_SAMPLES)).astype(int)
    counts, samples = np.zeros(generator.label_size), []
    are_classes, start = True, 0
    for labels in dataset.label_batches():
        counts += labels.sum(axis=0)
        are_classes = are_classes and is_one_hot(labels)
        stop = start + len(labels)
        samples.append(labels[chosen[(chosen >= start) & (chosen < stop)] - start])
        start = stop
    generator.label_names = dataset.label_names or None
    if are_classes:
        generator.class_counts = counts.astype(int).tolist()
    else:
        generator.label_samples = np.concatenate(samples).tolist()
