"""Losses: the formulas of their papers, in float64."""

import numpy as np
import pytest
import tensorflow as tf

from stylegan_tf import losses

REAL, FAKE = np.array([0.5, -2.0, 3.0, 0.0]), np.array([-0.25, 1.5, 2.0, -4.0])


def log_sigmoid(x):
    """ln σ(x)."""
    return -np.log1p(np.exp(-x))


# (generator, discriminator) of D(real) = r and D(fake) = f.
EXPECTED = {
    # Goodfellow et al. 2014: D maximizes ln σ(r) + ln(1 - σ(f)), G maximizes ln σ(f).
    "non_saturating": (
        lambda r, f: -log_sigmoid(f),
        lambda r, f: -log_sigmoid(r) - np.log(1 - 1 / (1 + np.exp(-f))),
    ),
    "wasserstein": (lambda r, f: -f, lambda r, f: f - r),
    "hinge": (
        lambda r, f: -f,
        lambda r, f: -np.minimum(0, r - 1) - np.minimum(0, -f - 1),
    ),
    # Mao et al. 2017, equation 9: a = 0, b = c = 1.
    "least_squares": (lambda r, f: (f - 1) ** 2 / 2, lambda r, f: (r - 1) ** 2 / 2 + f**2 / 2),
    # Jolicoeur-Martineau 2018: D maximizes ln σ(r - f), G maximizes ln σ(f - r).
    "relativistic": (lambda r, f: -log_sigmoid(f - r), lambda r, f: -log_sigmoid(r - f)),
}
every_loss = pytest.mark.parametrize("name", EXPECTED)


def test_these_are_the_losses_that_come_along():
    assert set(EXPECTED) <= set(losses.names())


@every_loss
@pytest.mark.parametrize("shape", [[4], [4, 1]])
def test_values(name, shape):
    loss = losses.get(name)()
    real, fake = (tf.constant(logits.reshape(shape)) for logits in (REAL, FAKE))
    generator, discriminator = EXPECTED[name]
    np.testing.assert_allclose(loss.generator(real, fake), generator(REAL, FAKE))
    np.testing.assert_allclose(loss.discriminator(real, fake), discriminator(REAL, FAKE))


@every_loss
def test_the_generator_wants_higher_logits_of_fakes_and_the_discriminator_lower_ones(name):
    loss, real, fake = losses.get(name)(), tf.constant([0.3]), tf.constant([0.2])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(fake)
        generator, discriminator = loss.generator(real, fake), loss.discriminator(real, fake)
    assert tape.gradient(generator, fake)[0] < 0 < tape.gradient(discriminator, fake)[0]


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="no loss 'hing'; did you mean 'hinge'"):
        losses.get("hing")
