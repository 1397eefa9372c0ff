"""Networks of labelled images (DESIGN 2.2 and 2.9)."""

import math

import numpy as np
import pytest
import tensorflow as tf

import oracles
import tiny
from compare import assert_close
from stylegan_tf.backend_compat import tf_variable

ONE_HOT = np.eye(3, dtype=np.float32)[[0, 1, 2, 1]]
MULTI_HOT = np.array([[1, 1, 0], [0, 0, 0], [0, 1, 1], [1, 0, 0]], np.float32)
every_label = pytest.mark.parametrize("labels", [ONE_HOT, MULTI_HOT], ids=["one", "multi"])


def mapped(mapping, z, labels):
    """w in float64: labels are embedded, joined to z, normalized, and mapped."""
    joined = np.concatenate([z, labels @ np.asarray(mapping.embedding.kernel, float)], axis=1)
    w = joined / np.sqrt((joined**2).mean(axis=1, keepdims=True) + 1e-8)
    for layer in mapping.dense:
        kernel, bias = (np.asarray(weight, float) for weight in (layer.kernel, layer.bias))
        scaled = kernel * math.sqrt(2 / kernel.shape[0]) * 0.01
        w = oracles.bias_act(w @ scaled, 0.01 * bias)
    return w


@every_label
def test_mapping_of_labels_matches_float64(labels):
    mapping = tiny.generator(label_size=3).mapping
    expected = mapped(mapping, tiny.latents().numpy(), labels)
    assert_close(mapping(tiny.latents(), labels), expected, 1e-5)


def test_no_labels_are_zeros():
    generator = tiny.generator(label_size=3)
    results = [
        generator(tiny.latents(), labels, noise="constant") for labels in (None, np.zeros([4, 3]))
    ]
    assert_close(results[0], results[1], 1e-6)


def test_without_mapping_layers_w_holds_latent_and_label():
    generator = tiny.generator(label_size=3, mapping_layers=0)
    assert generator.w_size == 2 * tiny.LATENT
    assert generator(tiny.latents(), ONE_HOT).shape == (4, 16, 16, 3)


@every_label
def test_logit_is_the_sum_of_the_outputs_of_the_labels(labels):
    """Networks without labels, one for each output, see the same images."""
    labelled = tiny.discriminator(label_size=3)
    images = tiny.draw(4, 16, 16, 3)
    outputs = [single_output(labelled, index)(images).numpy() for index in range(3)]
    expected = (np.concatenate(outputs, axis=1) * labels).sum(axis=1, keepdims=True)
    assert_close(labelled(images, labels), expected, 1e-5)


def single_output(labelled, index):
    """A network without labels whose weights are those of one output of a labelled one."""
    single = tiny.discriminator()
    for new, old in zip(single.weights, labelled.weights, strict=True):
        value = np.asarray(old)
        if value.shape != tuple(new.shape):
            value = value[..., index : index + 1]
        tf_variable(new).assign(value)
    return single


def test_a_discriminator_of_labels_needs_them():
    with pytest.raises(ValueError, match=r"labels are missing; this network needs \[N, 3\]"):
        tiny.discriminator(label_size=3)(tf.zeros([4, 16, 16, 3]))


def test_integer_labels_are_taken_as_numbers():
    discriminator = tiny.discriminator(label_size=3)
    images = tiny.draw(4, 16, 16, 3)
    assert_close(discriminator(images, ONE_HOT.astype(int)), discriminator(images, ONE_HOT), 1e-6)
