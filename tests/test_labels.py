"""Labels: what people write for one, and the one that a seed has."""

import numpy as np
import pytest

from stylegan_tf.labels import LabelSpace, parse_label
from stylegan_tf.latents import labels_from_seeds, labels_of

CLASSES = LabelSpace(3, ("cat", "dog", "owl"), [1, 0, 3])
NUMBERS = LabelSpace(2, samples=[[1.0, 7.5], [2.0, 3.0]])


def test_seeds_have_classes_as_frequent_as_in_training():
    labels = labels_from_seeds(range(2000), CLASSES).numpy()
    assert set(map(tuple, labels)) == {(1.0, 0.0, 0.0), (0.0, 0.0, 1.0)}  # no dog was seen
    deviation = np.sqrt(0.25 * 0.75 / 2000)
    assert abs(labels[:, 0].mean() - 0.25) < 4 * deviation


def test_classes_of_unknown_frequency_are_equally_likely():
    shares = labels_from_seeds(range(2000), LabelSpace(4)).numpy().mean(0)
    assert np.abs(shares - 0.25).max() < 4 * np.sqrt(0.25 * 0.75 / 2000)


def test_a_seed_has_the_same_label_in_any_batch():
    together = labels_from_seeds([5, 2**40, 9], CLASSES)
    alone = [labels_from_seeds([seed], CLASSES)[0] for seed in (5, 2**40, 9)]
    np.testing.assert_array_equal(together, alone)


def test_labels_that_are_numbers_are_drawn_from_those_of_the_training():
    labels = labels_from_seeds(range(50), NUMBERS).numpy()
    assert set(map(tuple, labels)) == {(1.0, 7.5), (2.0, 3.0)}


@pytest.mark.parametrize(
    ("label", "number"), [("owl", 2), (2, 2), ("2", 2), (np.int64(0), 0), ("dog", 1)]
)
def test_a_class_is_named_or_numbered(label, number):
    assert CLASSES.class_number(label) == number


def test_a_name_that_looks_like_a_number_is_the_name():
    assert LabelSpace(2, ("1", "0")).class_number("1") == 0
    assert LabelSpace(2, ("1", "0")).class_number(1) == 1


def test_a_list_is_classes_where_there_are_some_and_numbers_otherwise():
    np.testing.assert_array_equal(LabelSpace(2).vectors([1, 0], 2), [[0, 1], [1, 0]])
    np.testing.assert_array_equal(NUMBERS.vectors([1, 0], 2), [[1, 0], [1, 0]])


@pytest.mark.parametrize("label", [0, "cat"])
def test_a_class_is_refused_where_labels_are_numbers(label):
    with pytest.raises(ValueError, match=r"are 2 numbers, not classes: .* such as \[1,7.5\]"):
        NUMBERS.vectors(label, 1)


def test_text_names_a_class_and_writes_other_labels():
    assert [CLASSES.text(one) for one in np.eye(3)] == ["cat", "dog", "owl"]
    assert LabelSpace(2).text([0, 1]) == "1"
    assert CLASSES.text([0.5, 0.5, 0]) == "0.5,0.5,0"
    assert NUMBERS.text([1, 0]) == "1,0"


def test_labels_go_through_all_rows_in_turn():
    np.testing.assert_array_equal(LabelSpace(2).in_turn(3), [[1, 0], [0, 1], [1, 0]])
    np.testing.assert_array_equal(NUMBERS.in_turn(3), [[1, 7.5], [2, 3], [1, 7.5]])


def test_a_network_without_labels_has_none():
    assert labels_of(None, [1, 2], LabelSpace()) is None
    with pytest.raises(ValueError, match="label is 0; this network has no labels"):
        labels_of(0, [1, 2], LabelSpace())
    with pytest.raises(ValueError, match="--label is 1,2; this network has no labels"):
        parse_label("1,2", 0)


def test_parsing():
    assert parse_label("1.0,-7.5", 2) == [1.0, -7.5]
    with pytest.raises(ValueError, match="write numbers"):
        parse_label("1,nan", 2)
