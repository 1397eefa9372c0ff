"""The same logits as the published StyleGAN2 discriminators, from the same weights."""

import numpy as np
import pytest
import tensorflow as tf

import oracles
import published2
from published2 import assert_matches, nchw, nhwc
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.layers import ResidualBlock
from stylegan_tf.layers.activation import activated
from stylegan_tf.models.stylegan2.discriminator import StyleGAN2Discriminator
from weights import randomize

FILTER = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
WHOLE = ["d_resnet_c0_r32", "d_orig_c0_r32", "d_resnet_c3_r32", "d_resnet_c0_r64_mbstd2"]


def test_logits_of_orig():
    stored = published2.arrays("d_orig16")
    logits = published2.discriminator("d_orig16")(nhwc(stored["in/img"]))
    assert_matches(logits, stored["out/logits_b4"])


def test_residual_block():
    stored = published2.arrays("d_block")
    block = ResidualBlock(32, 32)
    block.build((None, 8, 8, 32))
    pairs = [*published2.block_pairs(block, "b8")]
    published2.assign_all(pairs, stored)
    x = nhwc(stored["mid/b16/x"])
    assert_matches(nchw(activated(block.conv0, x)), stored["mid/b8.conv0"])
    assert_matches(nchw(block.skip(x)), stored["mid/b8.skip"])
    assert_matches(nchw(block(x)), stored["mid/b8/x"])


def test_labels_and_the_last_block():
    """A network of 4×4 is a layer from RGB and the last block."""
    stored = published2.arrays("d_head")
    network = StyleGAN2Discriminator(resolution=4, label_size=3, fmap_base=256, fmap_max=32)
    pairs = published2.discriminator_pairs(network)
    published2.assign_all([pair for pair in pairs if "fromrgb" not in pair[1]], stored)
    vectors = network.mapping(stored["in/c"])
    assert_matches(vectors, stored["mid/mapping"])
    maps = nhwc(stored["mid/b4.mbstd"])
    assert_matches(network.stddev(maps[..., :-1]), maps)
    network._enter = lambda images, level: maps[..., :-1]
    logits = network(tf.zeros([8, 4, 4, 3]), stored["in/c"])
    assert_matches(logits, stored["out/logits_b8"])


@pytest.mark.parametrize("name", WHOLE)
def test_logits_of_every_network(name):
    stored, network = published2.arrays(name), published2.discriminator(name)
    images = nhwc(stored["in/img"])
    labels = stored["in/c"] if network.label_size else None
    for count in (1, 2, 3, 4, 8):
        logits = network(images[:count], None if labels is None else labels[:count])
        assert_matches(logits, stored[f"out/logits_b{count}"])
    clamped = published2.discriminator(name, clamp=0.5)
    assert_matches(clamped(images, labels), stored["out/logits_b8_clamp0.5"])
    with tf.GradientTape() as tape:
        four = tf.constant(images[:4])
        tape.watch(four)
        total = tf.reduce_sum(network(four, None if labels is None else labels[:4]))
    assert_matches(nchw(tape.gradient(total, four)), stored["out/dimg_b4"], 5e-5)


def test_the_skip_discriminator_sees_a_smaller_image_at_each_block():
    """Where nothing comes from 8×8, it is a network of 4×4 on images of half the size."""
    network, small = (
        randomize(StyleGAN2Discriminator(size, fmap_max=4, architecture="stylegan2-skip"))
        for size in (8, 4)
    )
    for weight in network.block8.weights:
        tf_variable(weight).assign(tf.zeros(weight.shape))
    for ours, theirs in ((small.from_rgb4, network.from_rgb4), (small.conv, network.conv)):
        ours.set_weights(theirs.get_weights())
    for ours, theirs in ((small.dense0, network.dense0), (small.dense1, network.dense1)):
        ours.set_weights(theirs.get_weights())
    images = np.random.default_rng(0).standard_normal((4, 8, 8, 3))
    smaller = oracles.upfirdn2d(images, FILTER, up=1, down=2, padding=(1, 1, 1, 1))
    assert_matches(network(np.float32(images)), np.asarray(small(np.float32(smaller))))
