"""A network of features small enough for a test, as a user might give it."""

from pathlib import Path

import keras
import tensorflow as tf


def save(path: Path) -> Path:
    """Writes a Keras model of any size of image, [N, H, W, 3], to three features."""
    images = keras.Input([None, None, 3])
    convolution = keras.layers.Conv2D(3, 3, activation="relu")
    features = keras.layers.GlobalAveragePooling2D()(convolution(images))
    convolution.set_weights(
        [
            tf.random.stateless_normal(weight.shape, [number, 2]).numpy()
            for number, weight in enumerate(convolution.get_weights())
        ]
    )
    keras.Model(images, features).save(path)
    return path
