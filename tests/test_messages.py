"""Messages: what is left of other libraries' errors, and what somebody may have meant."""

import pytest

from stylegan_tf.messages import counted, did_you_mean, first_line

METRICS = ["fid50k", "kid50k", "is50k", "ppl_wfull", "ls"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "ValueError"),
        ("it is full\nthe disk", "it is full"),
        ("{{function_node __wrapped__RestoreV2_device_/job:x}} checksum wrong", "checksum wrong"),
    ],
)
def test_an_error_is_its_first_line_without_the_name_of_the_op(text, line):
    assert first_line(ValueError(text)) == line


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("fid50", METRICS, "; did you mean 'fid50k', 'kid50k' or 'is50k'?"),
        ("PPL_WFULL", METRICS, "; did you mean 'ppl_wfull'?"),
        ("addam", ["SGD", "Adam", "AdamW"], "; did you mean 'Adam' or 'AdamW'?"),
        ("xyz", ["seed"], "; did you mean 'seed'?"),  # nothing is alike: the nearest
        ("xyz", [], ""),
    ],
)
def test_the_names_that_are_most_alike_are_named(name, known, expected):
    assert did_you_mean(name, known) == expected


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (3867, "3,867 images")]
)
def test_one_thing_is_no_plural(number, text):
    assert counted(number, "image") == text
