"""TensorFlow that is imported where it is first used."""

import subprocess
import sys

import pytest
import tensorflow

from stylegan_tf.lazy_tensorflow import tf


def test_it_has_what_tensorflow_has():
    assert tf.nn is tensorflow.nn
    assert tf.__version__ == tensorflow.__version__
    with pytest.raises(AttributeError, match="tensorflow.*has no attribute 'no_such'"):
        _ = tf.no_such


def test_autograph_reads_through_it():
    def softplus(x):
        if tf.reduce_sum(x) > 0:  # a condition of the graph
            return tf.nn.softplus(x)
        return tf.zeros_like(x)

    x = tensorflow.constant([1.0, 2.0])
    assert tensorflow.reduce_all(tensorflow.function(softplus)(x) == tensorflow.nn.softplus(x))


@pytest.mark.parametrize(
    "module",
    ["augment", "losses", "penalties", "models.sizes", "training.objective", "training.start"],
)
def test_what_a_plan_needs_does_not_import_it(module):
    code = (
        f"import sys, stylegan_tf.{module}; "
        "sys.exit(bool({'tensorflow', 'keras'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
