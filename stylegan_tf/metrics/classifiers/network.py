"""A small convolutional network that tells attributes of pictures."""

import keras

LEAST, MOST = 32, 256  # feature maps


def classifier(resolution: int, attributes: int, seed: int = 0) -> keras.Model:
    """Blocks of convolution, batch normalization and pooling down to 4×4, then one logit each.

    Only layers of Keras itself are in it: it loads without this package.

    Args:
        resolution: of the pictures, a power of two from 8.
        attributes: how many.
        seed: of its weights.

    Returns:
        A model of pictures, [N, resolution, resolution, 3] in [-1, 1], that gives logits,
        [N, attributes].
    """
    seeds = iter(range(seed, seed + 100))

    def initializer():
        return keras.initializers.HeNormal(seed=next(seeds))

    x = inputs = keras.Input([resolution, resolution, 3], name="pictures")
    maps = LEAST
    while x.shape[1] > 4:
        x = keras.layers.Conv2D(
            maps, 3, padding="same", use_bias=False, kernel_initializer=initializer()
        )(x)
        x = keras.layers.BatchNormalization(momentum=0.95)(x)
        x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPooling2D()(x)
        maps = min(2 * maps, MOST)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dropout(0.5, seed=next(seeds))(x)
    x = keras.layers.Dense(attributes, kernel_initializer=initializer(), name="logits")(x)
    return keras.Model(inputs, x, name="classifiers")
