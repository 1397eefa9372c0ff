"""Tables of text."""

import pytest

from stylegan_tf.tables import aligned

pytestmark = pytest.mark.any_stack


def test_the_cells_of_a_column_are_below_each_other():
    assert aligned([("a", "bb", "c"), ("×××", "b", "")]) == ["a    bb  c", "×××  b"]
