"""No augmentation."""

import tensorflow as tf

from stylegan_tf import augment


def test_it_gives_the_same_tensor_and_takes_no_random_number():
    images = tf.zeros([1, 4, 4, 3])
    assert augment.get("none")()(images, rng=None) is images
