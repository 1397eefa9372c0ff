"""Convolution with weights that a style scales: its two forms, float16, and published numbers."""

import json

import numpy as np
import pytest
import tensorflow as tf

import oracles
import published2
from compare import assert_close
from stylegan_tf import ops
from stylegan_tf.ops.modulated_conv2d import _is_fused
from tiny import draw

every_resampling = pytest.mark.parametrize("up", [False, True])


@every_resampling
@pytest.mark.parametrize("demodulate", [False, True])
@pytest.mark.parametrize("size", [1, 3])
def test_both_forms_compute_the_same(size, demodulate, up):
    x, w, style = draw(1, 5, 6, 4), draw(size, size, 4, 3, seed=1), draw(1, 4, seed=2)
    results = []
    for form in ("fused", "unfused"):
        with tf.GradientTape() as tape:
            tape.watch([x, w, style])
            y = ops.modulated_conv2d(x, w, style, demodulate, up, form=form, gain=1.5)
            total = tf.reduce_sum(y * draw(*y.shape, seed=3))
        results.append([y, *tape.gradient(total, [x, w, style])])
    for one, other in zip(*results, strict=True):
        assert_close(one, other, 1e-5)


@pytest.mark.parametrize(
    ("x", "channels", "is_fused"),
    [
        ((1, 256, 256, 64), 64, True),
        ((1, 4, 4, 512), 512, False),  # 16·1024 numbers, and 9·512² weights
        ((2, 256, 256, 64), 64, False),
        ((None, 256, 256, 64), 64, False),
        ((1, None, None, 64), 64, False),
    ],
)
def test_a_single_image_with_few_weights_is_fused(x, channels, is_fused):
    specs = tf.TensorSpec(x), tf.TensorSpec((3, 3, x[-1], channels))
    assert _is_fused("auto", *specs) == is_fused


@every_resampling
def test_float16_holds_what_is_in_between(up, rng):
    """Sums of 4·9·512 products of a thousand and a hundred are beyond its 65504."""
    x, w, style = rng.standard_normal((2, 4, 4, 512)), rng.standard_normal((3, 3, 512, 4)), None
    x, w, style = 1000 * x, 100 * w, 50 * rng.standard_normal((2, 512))
    y = ops.modulated_conv2d(tf.constant(x, tf.float16), tf.constant(w, tf.float32), style, up=up)
    assert y.dtype == tf.float16
    x = np.float64(np.float16(x))
    assert_close(tf.cast(y, tf.float64), oracles.modulated_conv2d(x, w, style, up=up), 5e-3)


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_demodulation_makes_the_size_of_a_style_no_matter(factor):
    x, w, style = draw(2, 4, 4, 3), draw(3, 3, 3, 2, seed=1), draw(2, 3, seed=2)
    scaled = ops.modulated_conv2d(x, w, factor * style)
    assert_close(scaled, ops.modulated_conv2d(x, w, style), 1e-2 if factor < 1 else 1e-5)


def test_bad_arguments_are_refused():
    x, w, style = draw(2, 4, 4, 3), draw(3, 3, 3, 2), draw(2, 3)
    with pytest.raises(ValueError, match="style has 4 entries, but w has 3 inputs"):
        ops.modulated_conv2d(x, w, draw(2, 4))
    with pytest.raises(ValueError, match="form is 'fast'; it can be one of auto, fused, unfused"):
        ops.modulated_conv2d(x, w, style, form="fast")
    with pytest.raises(ValueError, match="fused form is for one image, but x has 2"):
        ops.modulated_conv2d(x, w, style, form="fused")


@pytest.mark.whole_vectors
def test_published_values_and_gradients():
    stored = published2.arrays("ops")
    names = {key.rpartition("/")[0] for key in stored if key.startswith("modconv/")}
    for name in sorted(name for name in names if name.endswith("_None")):
        one = {key: stored[f"{name}/{key}"] for key in ("x", "weight", "styles", "y", "dy")}
        options = json.loads(str(stored[f"{name}/args"]))
        up = options["up"] == 2
        layout = published2.rotated if up else published2.kernel
        inputs = published2.nhwc(one["x"]), layout(one["weight"]), one["styles"]
        inputs = [tf.constant(value) for value in inputs]
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            y = ops.modulated_conv2d(*inputs, options["demodulate"], up)
            total = tf.reduce_sum(y * published2.nhwc(one["dy"]))
        dx, dw, dstyle = tape.gradient(total, inputs)
        published2.assert_matches(y, published2.nhwc(one["y"]))
        published2.assert_matches(dx, published2.nhwc(stored[f"{name}/dx"]), 5e-5)
        published2.assert_matches(dw, layout(stored[f"{name}/dweight"]), 5e-5)
        published2.assert_matches(dstyle, stored[f"{name}/dstyles"], 5e-5)


@pytest.mark.whole_vectors
@pytest.mark.parametrize(
    ("case", "op", "layout"),
    [
        ("k1_down2", ops.fir_downsample_conv2d, published2.kernel),
        ("k3_down2", ops.fir_downsample_conv2d, published2.kernel),
        ("k1_up2", ops.fir_upsample_conv2d, published2.kernel),
        ("k3_up2", ops.fir_upsample_conv2d, published2.rotated),
        ("k5_up2", ops.fir_upsample_conv2d, published2.kernel),
    ],
)
def test_published_resampling(case, op, layout):
    stored = published2.arrays("ops")
    x, w, y = (stored[f"conv2d_resample/{case}/{key}"] for key in "xwy")
    published2.assert_matches(op(published2.nhwc(x), layout(w)), published2.nhwc(y))
