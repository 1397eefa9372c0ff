"""The probability of adaptive augmentation follows the signs of logits, as published."""

import json

import numpy as np
import pytest
import tensorflow as tf

import vectors
from stylegan_tf import augment
from stylegan_tf.augment import augmentation

PATHS = vectors.read("ada_p")


def adaptive(**options):
    result = augment.get("ada")(**options)
    result.build()
    return result


@pytest.mark.parametrize("case", ["a", "b", "c"])
def test_p_takes_the_published_path(case):
    given = json.loads(str(PATHS[f"{case}/args"]))
    interval, batch = given["ada_interval"], given["batch"]
    options = {name: given[f"ada_{name}"] for name in ("target", "kimg", "interval")}
    aug = adaptive(p=given["p0"], **options)
    path = []
    for sign in PATHS[f"{case}/mean_signs"]:
        for _ in range(interval):
            aug.update(sign, batch, 1)
        path.append(float(aug.state["p"].numpy()))
    np.testing.assert_allclose(path, PATHS[f"{case}/p"], rtol=1e-7)


def test_signs_of_all_steps_between_two_moves_count():
    aug, moves = adaptive(), []
    for step in range(32):
        # Logits of the R1 step in between, which the reference counts too, are those of others.
        names = [f"stream/{phase}_logits/{step:02}" for phase in ("Dmain", "Dreg")]
        logits = np.concatenate([PATHS[name] for name in names if name in PATHS])
        sign, images = tf.reduce_mean(tf.sign(logits)), len(logits)
        before = aug.state["p"].numpy(), aug.state["r"].numpy()
        aug.update(sign, images, 1)
        if step % 4 == 3:
            moves.append(float(aug.state["r"].numpy()))
        else:
            np.testing.assert_array_equal((aug.state["p"].numpy(), aug.state["r"].numpy()), before)
    np.testing.assert_allclose(moves, PATHS["stream/mean_signs"], rtol=1e-6)


def test_one_call_may_count_several_steps():
    one, four, p = adaptive(), adaptive(), float(np.float32(64 / 5e5))
    for _ in range(4):
        one.update(tf.constant(0.75), 16, 1)
    four.update(tf.constant(0.75), 64, 4)
    assert one.statistics == four.statistics == {"aug_p": p, "aug_r": 0.75}


def test_p_does_not_fall_below_0_and_has_no_upper_bound():
    aug = adaptive(kimg=1, p=0.9)
    for sign, expected in ((1.0, 1.9), (1.0, 2.9), (-1.0, 1.9), (-1.0, 0.9), (0.0, 0.0)):
        aug.update(tf.constant(sign), 1000, 4)
        assert aug.statistics["aug_p"] == pytest.approx(expected)


def test_p_of_more_than_1_is_as_1(images, stream):
    certain = augment.get("fixed")(1.0)(images(), stream())
    np.testing.assert_array_equal(adaptive(kimg=1, p=1.0)(images(), stream()), certain)
    aug = adaptive(kimg=1, p=1.0)
    aug.update(tf.constant(1.0), 1000, 4)
    np.testing.assert_array_equal(aug(images(), stream()), certain)


def test_a_graph_takes_p_as_it_is_now(images, stream):
    aug, x = adaptive(kimg=1), images()
    graph = tf.function(lambda x: aug(x, stream()), autograph=False)
    np.testing.assert_allclose(graph(x), x, atol=1e-5)
    aug.update(tf.constant(1.0), 1000, 4)
    assert not np.allclose(graph(x), x, atol=1e-2)


def test_an_update_of_signs_alone_is_called_so():
    class Noted:
        def update(self, sign):
            self.sign = sign

    noted = Noted()
    augmentation.adapt(noted, tf.constant(0.5), 8, 1)
    assert noted.sign == 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p": -0.1}, "p is -0.1; it must be from 0 to 1"),
        ({"target": 2}, "target is 2; it must be from -1 to 1"),
        ({"kimg": 0}, "kimg is 0; it must be above 0"),
        ({"interval": 0}, "interval is 0"),
        ({"interval": 1.5}, "interval is 1.5"),
    ],
)
def test_other_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        augment.get("ada")(**options)
