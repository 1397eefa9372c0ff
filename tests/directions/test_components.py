"""Principal components of w."""

import numpy as np
import pytest

from stylegan_tf import directions


def test_components_are_the_axes_that_samples_were_drawn_along(rng):
    """Samples with deviations 4, 2 and 1 along known axes, off the origin."""
    axes = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    w = 7 + rng.standard_normal((20_000, 3)) * [4, 2, 1] @ axes
    result = directions.principal(w)
    assert list(result) == ["component 1", "component 2", "component 3"]
    for vector, axis, deviation in zip(result.values(), axes, [4, 2, 1], strict=True):
        assert vector[np.abs(vector).argmax()] > 0
        assert np.linalg.norm(vector) == pytest.approx(deviation, rel=0.02)
        assert abs(vector @ axis) == pytest.approx(deviation, rel=0.02)
