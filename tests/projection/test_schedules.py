"""How steps change on the way (StyleGAN2, appendix D: 1000 steps)."""

import numpy as np
import pytest

from stylegan_tf.projection.schedules import LearningRate, noise_of_w


@pytest.mark.parametrize(
    ("step", "rate"),
    [(0, 0.1 / 50), (24, 0.05), (49, 0.1), (500, 0.1), (749, 0.1), (875, 0.05), (999, 0.0)],
)
def test_the_learning_rate_rises_for_50_steps_and_falls_for_250(step, rate):
    assert float(LearningRate(1000)(step)) == pytest.approx(rate, abs=1e-5)


def test_the_noise_falls_as_a_square_until_step_750():
    result = [float(noise_of_w(step, 1000)) for step in (0, 375, 750, 999)]
    np.testing.assert_allclose(result, [0.05, 0.05 / 4, 0, 0], atol=1e-7)


@pytest.mark.parametrize("steps", [1, 2, 10])
def test_few_steps_have_a_rate_each(steps):
    rates = [float(LearningRate(steps)(step)) for step in range(steps)]
    assert min(rates) > 0
    assert max(rates) <= 0.1 + 1e-6
