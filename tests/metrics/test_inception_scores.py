"""The inception score in closed form, and by SciPy's divergence."""

import numpy as np
import pytest
from scipy.stats import entropy

from references import ask
from stylegan_tf.metrics import inception_score


def test_sure_and_even_is_the_number_of_classes():
    assert inception_score(np.tile(np.eye(7), (20, 1))) == pytest.approx((7, 0), abs=1e-12)


@pytest.mark.parametrize("p", [np.full((30, 5), 0.2), np.tile(np.eye(5)[2], (30, 1))])
def test_unsure_or_all_alike_is_1(p):
    assert inception_score(p) == pytest.approx((1, 0), abs=1e-12)


def test_a_single_split_has_no_deviation():
    assert inception_score(np.eye(4), splits=1) == (pytest.approx(4), None)


def test_splits_are_scored_apart():
    """A half of one class scores 1, a half of four 4."""
    p = np.concatenate([np.tile(np.eye(4)[0], (8, 1)), np.tile(np.eye(4), (2, 1))])
    assert inception_score(p, splits=2) == pytest.approx((2.5, 1.5), rel=1e-12)


def test_it_is_the_mean_divergence_from_the_mean(rng):
    p = rng.dirichlet(np.full(6, 0.3), 47)
    p[3] = np.eye(6)[1]  # zeros, too
    parts = [p[i * 47 // 10 : (i + 1) * 47 // 10] for i in range(10)]
    scores = [np.exp(np.mean([entropy(q, part.mean(0)) for q in part])) for part in parts]
    assert inception_score(p) == pytest.approx((np.mean(scores), np.std(scores)), rel=1e-12)


def test_float32_probabilities_are_accepted(rng):
    p = rng.dirichlet(np.ones(1008), 40)
    result = inception_score(p.astype(np.float32), splits=2)
    assert result == pytest.approx(inception_score(p, splits=2), rel=1e-6)


@pytest.mark.parametrize(
    ("p", "options", "message"),
    [
        (np.full((9, 4), 0.25), {}, "p: at least 10 samples are needed, not 9"),
        (np.full((9, 4), 0.25), {"splits": 0}, "splits must be 1 or more"),
        (np.full((20, 4), 0.3), {}, "probabilities, which are 0 or more and sum to 1"),
        (np.tile([-1.0, 2], (20, 1)), {}, "probabilities, which are 0 or more and sum to 1"),
        (np.full((20, 4), np.nan), {}, "p: NaN"),
        (np.full(20, 1.0), {}, r"p: numbers \[N, D\]"),
    ],
)
def test_what_is_no_probability_is_refused(p, options, message):
    with pytest.raises(ValueError, match=message):
        inception_score(p, **options)


def test_torch_fidelity_agrees(rng, tmp_path):
    logits = rng.standard_normal((53, 9))
    expected = ask("score", tmp_path, logits=logits)["torch-fidelity"]
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert inception_score(p) == pytest.approx(expected, rel=1e-6)
