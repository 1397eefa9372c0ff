"""Path length regularization, of generators whose Jacobian is known."""

import numpy as np
import pytest
import tensorflow as tf

from stylegan_tf import penalties
from stylegan_tf.penalties import Fakes

BATCH, LAYERS, W, SIDE = 4, 3, 5, 2
JACOBIAN = np.random.default_rng(0).standard_normal([SIDE * SIDE, LAYERS * W]).astype(np.float32)
STYLES = np.random.default_rng(1).standard_normal([BATCH, LAYERS, W]).astype(np.float32)


class Recorded:
    """Random numbers that can be looked at afterwards."""

    def normal(self, shape):
        self.numbers = np.random.default_rng(2).standard_normal(shape).astype(np.float32)
        return tf.constant(self.numbers)


def fakes(scale=1.0, loss_scale=None) -> Fakes:
    """Images that are linear in w: `scale` · JACOBIAN · w."""

    def styles(count):
        return tf.constant(STYLES[:count]), tf.constant(STYLES[:count, 0])

    def synthesis(w):
        flat = tf.reshape(w, [w.shape[0], LAYERS * W]) @ tf.transpose(JACOBIAN)
        return scale * tf.reshape(flat, [w.shape[0], SIDE, SIDE, 1])

    return Fakes(styles, synthesis, BATCH, loss_scale)


def penalty(**options):
    """A new one, with its average at 0."""
    made = penalties.get("path_length")(**options)
    made.build()
    return made


def lengths(numbers) -> np.ndarray:
    """√(mean over layers of ‖Jᵀy‖²), with y of the standard deviation 1 / √(H·W)."""
    y = numbers.reshape([len(numbers), -1]) / SIDE
    products = (y @ JACOBIAN).reshape([len(numbers), LAYERS, W])
    return np.sqrt((products**2).sum(axis=2).mean(axis=1))


@pytest.mark.parametrize(("shrink", "count"), [(1, 4), (2, 2), (8, 1)])
def test_it_is_the_squared_distance_from_the_average(shrink, count):
    rng, made = Recorded(), penalty(shrink=shrink, decay=0.25)
    made.state["mean"].assign(3.0)
    value, logged = made(fakes(), rng)
    expected = lengths(rng.numbers)
    assert len(expected) == count
    np.testing.assert_allclose(logged["path_length"], expected, rtol=1e-5)
    average = 3.0 + 0.25 * (expected.mean() - 3.0)
    np.testing.assert_allclose(value, (expected - average) ** 2, rtol=1e-4)
    assert made.state["mean"] == 3.0  # nothing moves until the step is known to be good
    made.update({"path_length": tf.constant(expected.mean())})
    np.testing.assert_allclose(made.state["mean"], average, rtol=1e-6)


def test_it_is_differentiated_through_the_generator_and_through_the_average():
    """Of s · J · w the lengths are s · |Jᵀy|."""
    rng, made, scale = Recorded(), penalty(), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        value, _ = made(fakes(scale), rng)
        total = tf.reduce_mean(value)
    unit = lengths(rng.numbers)
    # (s·l - 0.01·s·mean l)² has the derivative 2·s·(l - 0.01·mean l)².
    expected = 2 * 2.0 * np.mean((unit - 0.01 * unit.mean()) ** 2)
    np.testing.assert_allclose(tape.gradient(total, scale), expected, rtol=1e-4)


def test_a_loss_scale_does_not_change_it():
    plain, _ = penalty()(fakes(), Recorded())
    scaled, _ = penalty()(fakes(loss_scale=tf.constant(1024.0)), Recorded())
    np.testing.assert_allclose(scaled, plain, rtol=1e-6)


def test_an_image_that_does_not_depend_on_w_has_a_finite_gradient():
    scale = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        value, _ = penalty()(fakes(scale), Recorded())
        total = tf.reduce_mean(value)
    assert np.isfinite(tape.gradient(total, scale))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decay": 0}, "decay is 0; it must be above 0 and at most 1"),
        ({"shrink": 0.5}, "shrink is 0.5; it must be 1, 2, …"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        penalties.get("path_length")(**options)
