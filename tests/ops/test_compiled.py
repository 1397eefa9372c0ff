"""What only the compiled ops could get wrong: how they cut their work, and where it ends."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import op_cases
import oracles
from compare import assert_close
from op_cases import CASES, NO_COMPILED
from stylegan_tf import ops
from tiny import draw

pytestmark = NO_COMPILED
every_op = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
GIBIBYTE = 1 << 30


def differentiated(case, tensors, implementation):
    """The op's value and its gradients, for a random gradient of the value."""
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        y = case.op(*tensors, implementation=implementation)
        total = tf.reduce_sum(y * draw(*y.shape, seed=1))
    return y, *tape.gradient(total, tensors)


# Several strips of rows with a short one at the end, which are tasks of their own; whole vectors
# of channels, parts of one, and both.
@every_op
@pytest.mark.parametrize("shape", [(2, 70, 65, 67), (1, 45, 512, 16), (3, 300, 70, 24)])
def test_large_images_equal_plain_tensorflow(case, shape, rng):
    tensors = [tf.constant(a, tf.float32) for a in case.arguments(rng, shape)]
    result = differentiated(case, tensors, "compiled")
    for one, other in zip(result, differentiated(case, tensors, "reference"), strict=True):
        assert_close(one, other, 3e-5)


# Outside of graphs TensorFlow fails at a product of two tensors that are both empty.
@pytest.mark.parametrize(
    "case",
    [case for case in CASES if "modulated" not in case.name],
    ids=lambda case: case.name,
)
def test_empty_batches(case, rng):
    """An empty batch has an empty result, and zero gradients of what all images share."""
    x, *rest = [tf.constant(a, tf.float32) for a in case.arguments(rng, (2, 4, 4, 3))]
    rest = [one[:0] if "epilogue" in case.name and one.shape[0] == 2 else one for one in rest]
    y, _, *gradients = differentiated(case, [x[:0], *rest], "compiled")
    assert y.shape[0] == 0
    for one, other in zip(gradients, rest, strict=True):
        assert_close(one, tf.zeros_like(other), 0)


def test_an_image_does_not_depend_on_its_batch_mates(rng):
    case = next(case for case in CASES if case.name == "style_epilogue")
    tensors = [tf.constant(a, tf.float32) for a in case.arguments(rng, (3, 90, 60, 48))]
    x, noise, strength, bias, style = tensors
    all_three = ops.style_epilogue(*tensors, implementation="compiled")
    alone = ops.style_epilogue(x[1:2], noise[1:2], strength, bias, style[1:2], "compiled")
    assert np.array_equal(all_three[1:2], alone)


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_variance_is_as_good_as_that_of_two_passes(offset, rng):
    """A mean far from zero costs no more digits than x itself has lost."""
    x = (rng.standard_normal((1, 200, 300, 16)) + offset).astype(np.float32)
    style = np.zeros((1, 32), np.float32)
    y = ops.style_epilogue(x, None, None, tf.zeros([16]), style, "compiled")
    expected = oracles.instance_norm(oracles.leaky_relu(x.astype(np.float64)))
    assert_close(y, expected, 2e-7 * max(offset, 10))


def test_statistics_are_those_of_tensorflow_addons(rng):
    addons = pytest.importorskip("tensorflow_addons")
    norm = addons.layers.InstanceNormalization(epsilon=1e-8, center=False, scale=False)
    x = tf.constant(np.abs(rng.standard_normal((3, 40, 30, 24))), tf.float32)  # lrelu keeps it
    y = ops.style_epilogue(x, None, None, tf.zeros([24]), tf.zeros([3, 48]), "compiled")
    assert_close(y, norm(x), 5e-6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"noise": (2, 3, 4, 1)}, "noise must be"),
        ({"strength": (4,)}, "strength must be"),
        ({"style": (2, 6)}, "style must be"),
    ],
)
def test_shapes_that_a_graph_did_not_know_are_refused_by_name(wrong, message):
    shapes = {"x": (1, 3, 3, 3), "noise": (1, 3, 3, 1), "strength": (3,), "bias": (3,)}
    shapes = {**shapes, "style": (1, 6), **wrong}
    any_shape = {name: tf.TensorSpec([None] * len(one)) for name, one in shapes.items()}
    any_shape.update(x=tf.TensorSpec([None, None, None, 3]), style=tf.TensorSpec([None, 6]))
    any_shape.update(bias=tf.TensorSpec([3]))

    @tf.function(input_signature=list(any_shape.values()))
    def graph(x, noise, strength, bias, style):
        return ops.style_epilogue(x, noise, strength, bias, style, "compiled")

    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        graph(*(tf.zeros(shape) for shape in shapes.values()))


def memory_available() -> int:
    """Bytes; 0 where Linux does not tell."""
    told = Path("/proc/meminfo")
    if not told.exists():
        return 0
    lines = dict(line.split(":") for line in told.read_text().splitlines())
    return int(lines["MemAvailable"].split()[0]) * 1024


@pytest.mark.slow
@pytest.mark.any_stack
@pytest.mark.skipif("memory_available() < 12 * GIBIBYTE", reason="needs 12 GiB of memory")
def test_more_bytes_than_an_int_can_count():
    subprocess.run(
        [sys.executable, Path(op_cases.__file__).with_name("two_gibibytes.py")], check=True
    )
