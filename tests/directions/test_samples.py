"""Many w of a network."""

import numpy as np

import tiny
from stylegan_tf import directions


def test_samples_are_the_same_again_and_others_for_another_seed():
    generator = tiny.generator()
    first = directions.sample_w(generator, 20, seed=1)
    assert first.shape == (20, 5)
    np.testing.assert_array_equal(first, directions.sample_w(generator, 20, seed=1))
    assert not np.array_equal(first, directions.sample_w(generator, 20, seed=2))


def test_classes_take_turns_unless_one_is_chosen():
    generator = tiny.generator(label_size=3)
    mixed = directions.sample_w(generator, 9)
    for label in range(3):
        alone = directions.sample_w(generator, 9, label=label)
        np.testing.assert_allclose(mixed[label::3], alone[label::3], rtol=1e-4, atol=1e-6)
