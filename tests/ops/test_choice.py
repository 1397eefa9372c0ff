"""Which implementation runs, and who decides."""

import pytest
import tensorflow as tf

from compare import assert_close
from op_cases import CASES, IMPLEMENTATIONS
from stylegan_tf import ops


def test_every_op_says_what_it_runs_as_and_why():
    told = ops.implementation()
    assert set(told) == {case.name for case in CASES}
    for text in told.values():
        name, _, reason = text.partition(": ")
        assert name in ("compiled", "reference")
        assert reason


def test_auto_is_an_available_implementation(rng):
    x = tf.constant(rng.standard_normal((1, 4, 4, 2)), tf.float32)
    for name in IMPLEMENTATIONS:
        assert_close(ops.blur2d(x, "auto"), ops.blur2d(x, name), 1e-6)


@pytest.mark.parametrize("name", ["auto", "reference"])
def test_environment_variable_stands_in_for_auto(name, monkeypatch):
    monkeypatch.setenv("STYLEGAN_TF_OPS", name)
    assert ops.blur2d(tf.zeros([1, 2, 2, 1])).shape == (1, 2, 2, 1)


def test_bad_environment_variable_is_named(monkeypatch):
    monkeypatch.setenv("STYLEGAN_TF_OPS", "fast")
    with pytest.raises(ValueError, match="STYLEGAN_TF_OPS is 'fast'.*auto, compiled, reference"):
        ops.blur2d(tf.zeros([1, 2, 2, 1]))


def test_argument_goes_before_the_environment_variable(monkeypatch):
    monkeypatch.setenv("STYLEGAN_TF_OPS", "fast")
    assert ops.blur2d(tf.zeros([1, 2, 2, 1]), implementation="reference").shape == (1, 2, 2, 1)


@pytest.mark.skipif("compiled" in IMPLEMENTATIONS, reason="compiled ops are here")
def test_missing_compiled_ops_are_reported_not_replaced(monkeypatch):
    x = tf.zeros([1, 2, 2, 1])
    with pytest.raises(NotImplementedError, match="no compiled ops"):
        ops.blur2d(x, implementation="compiled")
    monkeypatch.setenv("STYLEGAN_TF_OPS", "compiled")
    with pytest.raises(NotImplementedError, match="no compiled ops"):
        ops.blur2d(x)
