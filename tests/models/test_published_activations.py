"""The same activations as the published StyleGAN, stage by stage, each from the published one."""

import numpy as np
import pytest
import tensorflow as tf

import published
from published import assert_matches, completed
from stylegan_tf import ops
from stylegan_tf.ops.bias_act import leaky_relu
from stylegan_tf.ops.style_epilogue import adain

SCOPES = ["4x4/Const", "4x4/Conv", "8x8/Conv0_up", "8x8/Conv1", "16x16/Conv0_up", "16x16/Conv1"]
# What a layer does, in order, by the published name of the result (DESIGN 2.4).
STAGES = {
    "Conv2D": lambda layer, x: layer.source_layer(x),
    "Blur2D/depthwise": lambda layer, x: ops.blur2d(x),
    "Noise/add": lambda layer, x: layer.noise(x, noise="constant"),
    "add": lambda layer, x: x + tf.convert_to_tensor(layer.bias),
    "LeakyReLU/Maximum": lambda layer, x: leaky_relu(x),
    "InstanceNorm/mul": lambda layer, x: adain(x, tf.zeros([x.shape[0], 2 * x.shape[-1]])),
}


def activation(network, scope, name):
    """A published activation as NHWC, or None where that layer has no such stage."""
    result = published.arrays("stylegan32").get(f"mid/{network}/{scope}/{name}")
    if result is None or result.ndim != 4:
        return result
    return result.transpose(0, 2, 3, 1)


@pytest.fixture
def w():
    return published.arrays("stylegan32")["out/w_nobroadcast"]


def generator_layer(index, w):
    """A layer of our synthesis network, and what goes into it."""
    layer = published.generator("stylegan32").synthesis.synthesis_layers[index]
    if index == 0:
        return layer, w
    below, x = generator_layer(index - 1, w)
    expected = activation("G_synthesis/fused0", SCOPES[index - 1], "StyleMod/add_2")
    return layer, completed(expected, below(x, w, noise="constant"))


@pytest.mark.parametrize("index", range(len(SCOPES)), ids=SCOPES)
def test_stages_of_a_synthesis_layer(index, w):
    layer, x = generator_layer(index, w)
    if index == 0:
        x = layer.source_layer(x)
    for name, stage in STAGES.items():
        expected = activation("G_synthesis/fused0", SCOPES[index], name)
        if expected is not None:
            ours = stage(layer, x)
            assert_matches(ours, expected, message=name)
            x = completed(expected, ours)


@pytest.mark.parametrize("index", range(len(SCOPES)), ids=SCOPES)
def test_style_and_output_of_a_synthesis_layer(index, w):
    layer, x = generator_layer(index, w)
    assert_matches(
        layer.adain.style(w), activation("G_synthesis/fused0", SCOPES[index], "StyleMod/add")
    )
    assert_matches(
        layer(x, w, noise="constant"),
        activation("G_synthesis/fused0", SCOPES[index], "StyleMod/add_2"),
    )


def test_layers_of_the_mapping_network():
    mapping = published.generator("stylegan32").mapping
    x = activation("G_mapping", "PixelNorm", "mul")
    assert_matches(mapping.normalize(published.arrays("stylegan32")["in/z"]), x)
    for index, layer in enumerate(mapping.dense):
        scope = f"Dense{index}"
        assert_matches(layer(x), activation("G_mapping", scope, "add"), message=scope)
        x = activation("G_mapping", scope, "LeakyReLU/Maximum")


def block_input(level: int) -> np.ndarray:
    """What D's block at 2^level holds when it was shown the published images, by ours."""
    network = published.discriminator("stylegan32")
    x = network._enter(published.arrays("stylegan32")["in/images8"].transpose(0, 2, 3, 1), 5)
    for above in range(5, level, -1):
        x = network.blocks[above - 3](x)
    return np.asarray(x)


def test_stages_of_a_discriminator_block():
    block = published.discriminator("stylegan32").blocks[1]  # 16×16 to 8×8
    ours = block_input(4)
    stages = {
        "Conv0/LeakyReLU/Maximum": lambda x: ops.bias_act(
            block.conv0(x, add_bias=False), block.conv0.bias
        ),
        "Conv1_down/Blur2D/depthwise": ops.blur2d,
        "Conv1_down/Downscale2D/depthwise": lambda x: block.conv1(x, add_bias=False),
        "Conv1_down/LeakyReLU/Maximum": lambda x: ops.bias_act(x, block.conv1.bias),
    }
    for name, stage in stages.items():
        ours = stage(ours)
        expected = activation("D/fused0", "16x16", name)
        assert_matches(ours, expected, message=name)
        ours = completed(expected, ours)


def test_a_discriminator_block():
    block = published.discriminator("stylegan32").blocks[0]  # 8×8 to 4×4
    x = completed(activation("D/fused0", "16x16/Conv1_down", "LeakyReLU/Maximum"), block_input(3))
    assert_matches(block(x), activation("D/fused0", "8x8/Conv1_down", "LeakyReLU/Maximum"))


def test_head_of_the_discriminator():
    discriminator = published.discriminator("stylegan32")
    x = completed(activation("D/fused0", "8x8/Conv1_down", "LeakyReLU/Maximum"), block_input(2))
    stacked = activation("D/fused0", "4x4/MinibatchStddev", "concat")
    ours = discriminator.stddev(x)
    assert_matches(ours, stacked)
    ours = discriminator.conv(completed(stacked, ours))
    assert_matches(ours, activation("D/fused0", "4x4/Conv", "add"))
    hidden = activation("D/fused0", "4x4/Dense0", "LeakyReLU/Maximum")
    assert_matches(discriminator.dense1(hidden), activation("D/fused0", "4x4/Dense1", "add"))
