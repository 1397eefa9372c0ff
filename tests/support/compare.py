"""Comparison of arrays on the scale of their largest value."""

import numpy as np


def assert_close(actual, expected, tolerance, message=""):
    """Every number is within `tolerance` times the largest of the expected ones (at least 1)."""
    actual, expected = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    assert actual.shape == expected.shape, message
    scale = max(np.abs(expected).max(initial=0), 1)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * scale, err_msg=message)
