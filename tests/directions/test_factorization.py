"""Closed-form factorization of the style affines."""

import numpy as np
import pytest

import tiny
from stylegan_tf import directions
from stylegan_tf.backend_compat import tf_variable


@pytest.fixture(scope="module")
def generator():
    return tiny.generator()


def test_no_unit_vector_changes_the_styles_more_than_the_first(generator, rng):
    """Against the affine maps as the network applies them, and 2,000 other vectors."""
    affines = [layer.adain.affine for layer in generator.synthesis.synthesis_layers]

    def change(w):
        return sum(np.square(affine(w) - affine(0 * w)).sum(1) for affine in affines)

    w = directions.sample_w(generator, 500)
    result = np.stack([*directions.factorized(generator, w, count=5).values()])
    units = result / np.linalg.norm(result, axis=1, keepdims=True)
    changes = change(units.astype(np.float32))
    assert np.all(np.diff(changes) < 0)
    others = rng.standard_normal((2000, 5)).astype(np.float32)
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    assert change(others).max() <= changes[0] * (1 + 1e-5)
    np.testing.assert_allclose(units @ units.T, np.eye(5), atol=1e-6)


def test_a_step_is_a_standard_deviation_of_w(generator):
    w = directions.sample_w(generator, 500)
    for vector in directions.factorized(generator, w).values():
        along = w @ (vector / np.linalg.norm(vector))
        assert np.linalg.norm(vector) == pytest.approx(along.std(ddof=1), rel=1e-4)
        assert vector[np.abs(vector).argmax()] > 0


def test_only_the_chosen_layers_count(rng):
    """A layer whose styles hang on one dimension of w alone gives that dimension."""
    generator = tiny.generator()
    kernel = tf_variable(generator.synthesis.synthesis_layers[2].adain.affine.kernel)
    kernel.assign(np.eye(5)[3][:, None] * rng.standard_normal(kernel.shape))
    w = directions.sample_w(generator, 500)
    vector = directions.factorized(generator, w, [2], count=1)["factor 1"]
    expected = [0, 0, 0, w[:, 3].std(ddof=1), 0]
    np.testing.assert_allclose(vector, expected, atol=1e-5 * expected[3])


def test_other_layers_stay(generator):
    result = directions.in_layers({"a": np.arange(5.0)}, [0, 3], num_layers=6)["a"]
    expected = np.zeros((6, 5))
    expected[[0, 3]] = np.arange(5.0)
    np.testing.assert_array_equal(result, expected)
