"""The same images as the published StyleGAN2 generators, from the same weights."""

import json

import numpy as np
import pytest
import tensorflow as tf

import published2
from published2 import assert_matches, nchw
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models import styles

WHOLE = ["g_skip_c0_r32", "g_orig_c0_r32", "g_skip_c3_r32_map8", "g_skip_c0_r64_map8"]
TRUNCATIONS = {
    "psi1": {},
    "psi0.7": {"truncation_psi": 0.7},
    "psi0.7_cut4": {"truncation_psi": 0.7, "truncation_cutoff": 4},
}


def inputs(name, count=None):
    """z and labels of a set."""
    stored = published2.arrays(name)
    has_labels = published2.generator(name).label_size
    return stored["in/z"][:count], stored["in/c"][:count] if has_labels else None


def test_w_of_labels():
    """The last label is all zeros."""
    stored, network = published2.arrays("g_skip8"), published2.generator("g_skip8")
    w = network.mapping(*inputs("g_skip8"))
    assert_matches(w, stored["out/w"])
    truncated = np.asarray(network.w_avg) + 0.7 * (np.asarray(w) - np.asarray(network.w_avg))
    assert_matches(truncated, stored["out/w_psi0.7"])


def test_styles():
    stored, network = published2.arrays("g_skip8"), published2.generator("g_skip8")
    convolutions = [layer.conv for layer in network.synthesis.synthesis_layers]
    layers = dict(zip(["b4.conv1", "b8.conv0", "b8.conv1"], convolutions, strict=True))
    for name, layer in {**layers, "b4.torgb": network.synthesis.to_rgb[0]}.items():
        if (key := f"mid/{name}.affine") in stored:
            expected = stored[key]
            assert_matches(layer.affine(stored["out/w"][: len(expected)]), expected)


@pytest.mark.parametrize("size", [4, 8])
def test_images_of_skip(size):
    """The published image after a block is that of a network which ends there."""
    network = published2.generator("g_skip8")
    w = network.mapping(*inputs("g_skip8", 2))
    if size == 4:
        synthesis = network.synthesis
        maps = synthesis.synthesis_layers[0](synthesis.constant(w), w, noise="constant")
        ours = synthesis.to_rgb[0](maps, w)
    else:
        ours = network.synthesis(w, noise="constant")
    assert_matches(nchw(ours), published2.arrays("g_skip8")[f"out/rgb/{size}"])


def test_an_image_by_itself_is_the_same():
    """One image takes the fused form of modulated convolutions where it pays."""
    network, expected = published2.generator("g_skip8"), published2.arrays("g_skip8")["out/rgb/8"]
    z, labels = inputs("g_skip8")
    for index in range(2):
        one = slice(index, index + 1)
        assert_matches(nchw(network(z[one], labels[one], noise="constant")), expected[one])


@pytest.mark.parametrize(
    ("key", "arguments"),
    [
        ("img_const", {"noise": "constant"}),
        ("img_psi0.5_none", {"noise": "none", "truncation_psi": 0.5}),
    ],
)
def test_images_of_resnet(key, arguments):
    stored = published2.arrays("g_resnet16")
    images = published2.generator("g_resnet16")(stored["in/z"], **arguments)
    assert_matches(nchw(images), stored[f"out/{key}"])


@pytest.mark.parametrize("name", WHOLE)
def test_images_of_every_network(name):
    stored, network = published2.arrays(name), published2.generator(name)
    z, labels = inputs(name)
    assert_matches(network.mapping(z, labels), stored["out/w"])
    for mode, noise in {"const": "constant", "none": "none"}.items():
        for truncation, arguments in TRUNCATIONS.items():
            expected = stored.get(f"out/img/{mode}/{truncation}")
            if expected is not None:
                assert_matches(nchw(network(z, labels, noise=noise, **arguments)), expected)
    z, labels = inputs(name, 2)
    drawn = [value.transpose(0, 2, 3, 1) for key, value in stored.items() if "in/noise/" in key]
    assert_matches(nchw(network(z, labels, noise=drawn)), stored["out/img/random/psi1"])
    images = network.synthesis(stored["in/ws_random"], noise="constant")
    assert_matches(nchw(images), stored["out/img_ws_random"])
    clamped = published2.generator(name, clamp=0.5)
    assert_matches(nchw(clamped(z, labels, noise="constant")), stored["out/img_clamp0.5"])


def test_gradients_of_path_lengths():
    """The derivative by the weights of a derivative by w, through the styles and demodulation."""
    stored, network = published2.arrays("loss"), published2.generator_of_loss()
    hyper = json.loads(str(stored["hyper"]))
    noise = [
        value.transpose(0, 2, 3, 1)
        for key, value in stored.items()
        if key.startswith("Greg/rnd/noise/")
    ]
    y = published2.nhwc(stored["Greg/rnd/pl_randn"]) / network.resolution
    labels = stored["in/c"][: len(y)]
    weights = [tf_variable(weight) for weight, *_ in published2.generator_pairs(network)]
    with tf.GradientTape() as outer:
        w = network.mapping(stored["in/z"][: len(y)], labels)
        other = network.mapping(stored["Greg/rnd/mix_z"], labels)
        cutoff = int(stored["Greg/rnd/mix_cutoff"])
        w, other = (styles.broadcast(one, network.num_ws) for one in (w, other))
        w = styles.mix(w, other, cutoff)
        with tf.GradientTape() as inner:
            inner.watch(w)
            total = tf.reduce_sum(network.synthesis(w, noise=noise) * y)
        by_w = inner.gradient(total, w)
        lengths = tf.sqrt(tf.reduce_mean(tf.reduce_sum(by_w**2, axis=2), axis=1))
        mean = hyper["pl_mean_start"] * (1 - hyper["pl_decay"])
        mean += hyper["pl_decay"] * tf.reduce_mean(lengths)
        loss = tf.reduce_mean((lengths - mean) ** 2 * hyper["pl_weight"])
    assert_matches(by_w, stored["Greg/pl_grads"])
    assert_matches(lengths, stored["Greg/pl_lengths"])
    gradients = outer.gradient(loss, weights, unconnected_gradients="zero")
    for gradient, (_, name, layout) in zip(
        gradients, published2.generator_pairs(network), strict=True
    ):
        if (expected := stored.get(f"Greg/grad/{name}")) is not None and np.any(
            np.nan_to_num(expected)
        ):
            assert_matches(gradient, layout(expected), 5e-5)
