"""What a generator remembers of the labels of its data."""

import numpy as np

import tiny
from random_images import RandomImages
from stylegan_tf.training.trained_labels import remember


def remembered(labels):
    """A generator that was told of some labels, [N, size]."""
    labels = np.asarray(labels, np.float32)
    data = RandomImages(4, label_size=labels.shape[1], num_images=len(labels))
    data.labels = labels
    generator = tiny.generator(resolution=4, label_size=labels.shape[1])
    remember(generator, data)
    return generator


def test_one_hot_labels_are_counted():
    generator = remembered(np.eye(3)[[2, 0, 2, 2]])
    assert list(generator.class_counts) == [1, 0, 3]
    assert generator.label_samples is None
    assert list(generator.label_names) == ["kind 0", "kind 1", "kind 2"]


def test_other_labels_are_sampled_evenly(monkeypatch):
    labels = [[1.0, 0], [1, 1], [0, 1], [0, 0], [0, 2.5]]
    assert remembered(labels).get_config()["label_samples"] == labels
    monkeypatch.setattr("stylegan_tf.training.trained_labels.MAX_SAMPLES", 3)
    generator = remembered(labels)
    assert generator.get_config()["label_samples"] == [labels[0], labels[2], labels[4]]
    assert generator.class_counts is None


def test_a_network_without_labels_remembers_nothing():
    generator = tiny.generator(resolution=4)
    remember(generator, RandomImages(4, label_size=3))
    assert (generator.label_names, generator.class_counts) == (None, None)
