"""Names of transforms, and their random numbers."""

import numpy as np
import pytest
import tensorflow as tf

from stylegan_tf.augment.transforms import GROUPS, TRANSFORMS, Draws, parse


def test_a_group_is_its_transforms_in_their_order():
    assert parse("bgcfnc") == tuple(TRANSFORMS)
    assert len(parse("bgc")) == 12  # "rotate" is two of the paper's 13
    assert parse(["cutout", "blit", "xflip"]) == (*GROUPS["blit"], "cutout")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("bcg", "none called 'bcg'; did you mean .*'?bgc"),
        ([], "names none"),
        ("", "none called ''"),
        (3, "transforms is 3; it must be a name or a list of names"),
        ([3], "none called 3"),
    ],
)
def test_other_names_are_refused(names, message):
    with pytest.raises(ValueError, match=message):
        parse(names)


def test_gates_open_with_the_probability(stream):
    draws = Draws.sample(stream(), ["hue", "noise", "rotate"], 4000, tf.constant(0.3))
    for name in ("hue", "noise"):
        is_on = draws.gated(name, tf.ones_like).numpy()
        assert is_on.shape == (4000, 1)
        assert abs(is_on.mean() - 0.3) < 0.03  # four standard deviations
    both = draws.gated("rotate", tf.ones_like).numpy()
    assert abs(both.min(1).mean() - 0.09) < 0.02  # each has a gate of its own


def test_values_are_distributed_as_said(stream):
    draws = Draws.sample(stream(), ["hue", "scale"], 4000, 1.0)
    hue, scale = draws.values["hue"].numpy(), draws.values["scale"].numpy()
    assert 0 <= hue.min() < 0.01
    assert 0.99 < hue.max() < 1
    assert abs(scale.std() - 1) < 0.05
    assert np.abs(scale).max() > 3


def test_a_transform_that_is_not_there_changes_nothing(stream):
    draws = Draws.sample(stream(), ["hue"], 2, 1.0)
    assert draws.gated("scale", tf.exp, 1.0) == 1.0
    assert draws.column("scale", tf.exp, 1.0) == 1.0
