"""Directions from labelled samples."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from stylegan_tf.directions.classifier import classified  # noqa: E402  needs scikit-learn


@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
def test_the_normal_of_a_known_plane_is_found(rng, scale):
    """Samples on either side of a plane that was drawn first; w of any scale."""
    normal = rng.standard_normal(6)
    normal /= np.linalg.norm(normal)
    w = scale * (5 + rng.standard_normal((2000, 6)))
    along = (w - w.mean(0)) @ normal
    vector, accuracy = classified(w, (along > 0).astype(int))
    assert vector @ normal / np.linalg.norm(vector) > 0.99
    assert np.linalg.norm(vector) == pytest.approx(scale, rel=0.05)
    assert accuracy > 0.97


def test_labels_by_chance_are_not_told_apart(rng):
    w = rng.standard_normal((2000, 6))
    assert classified(w, rng.integers(2, size=2000)).accuracy == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 1]])
def test_a_label_without_two_samples_is_refused(labels, rng):
    with pytest.raises(ValueError, match="of each label there must be two samples or more"):
        classified(rng.standard_normal((3, 2)), np.array(labels))
