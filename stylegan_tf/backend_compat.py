"""The differences between TensorFlow ≥ 2.16 with Keras 3 and TensorFlow 2.15 with Keras 2.15.

All other code runs unchanged on both.
"""

import os
import warnings
from collections.abc import Iterable
from typing import Any

__all__ = ["KERAS_3", "TESTED", "add_weight", "check", "keras", "name_layers", "tf", "tf_variable"]

TESTED = ("2.15", "2.21")  # the oldest and the newest TensorFlow that CI runs


def check() -> None:
    """Checks the backend and the versions before TensorFlow starts working.

    Raises:
        ImportError: if Keras is set to a backend other than TensorFlow, or TensorFlow is too old.
    """
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise ImportError(
            f"KERAS_BACKEND is {backend!r}, but stylegan_tf runs on TensorFlow alone; "
            "unset it or set KERAS_BACKEND=tensorflow"
        )
    import keras
    import tensorflow as tf

    if hasattr(keras, "backend") and keras.backend.backend() != "tensorflow":
        raise ImportError(
            f"Keras is configured for {keras.backend.backend()!r} (~/.keras/keras.json), but "
            "stylegan_tf runs on TensorFlow alone; set KERAS_BACKEND=tensorflow"
        )
    version = tuple(map(int, tf.__version__.split(".")[:2]))
    oldest, newest = (tuple(map(int, text.split("."))) for text in TESTED)
    if version < oldest:
        raise ImportError(f"TensorFlow {tf.__version__} is too old; stylegan_tf needs {TESTED[0]}+")
    if version > newest:
        warnings.warn(
            f"TensorFlow {tf.__version__} is newer than {TESTED[1]}, the newest tested with "
            "stylegan_tf; it probably works",
            stacklevel=2,
        )


check()

import keras  # noqa: E402  the checks come first
import tensorflow as tf  # noqa: E402

KERAS_3 = int(keras.__version__.split(".")[0]) >= 3


def add_weight(
    layer: keras.layers.Layer,
    name: str,
    shape: tuple[int, ...],
    initializer: Any,
    trainable: bool = True,
) -> Any:
    """Adds a float32 variable to a layer that stays float32 under mixed precision.

    The equalized learning rate scales weights at run time; the product is computed in float32 and
    rounded once.

    Returns:
        a tf.Variable with Keras 2, a Keras variable with Keras 3; `tf_variable` takes both.
    """
    exempt = {"autocast": False} if KERAS_3 else {"experimental_autocast": False}
    return layer.add_weight(
        name=name,
        shape=shape,
        initializer=initializer,
        dtype="float32",
        trainable=trainable,
        **exempt,
    )


def name_layers(owner: keras.layers.Layer, layers: Iterable[keras.layers.Layer]) -> None:
    """Makes each layer of a list an attribute of its owner, too, by the layer's name.

    tf.train.Checkpoint needs it, since it does not track the lists of Keras 3.
    """
    for layer in layers:
        setattr(owner, layer.name, layer)


def tf_variable(variable: Any) -> tf.Variable:
    """Returns the tf.Variable of a Keras variable."""
    return variable if isinstance(variable, tf.Variable) else variable.value


def save_model(model: Any, path: Any) -> None:
    """Writes a `.keras` file in any thread; Keras 2 itself knows the format in the first one only.

    Args:
        model: a Keras model.
        path: of the file.
    """
    model.save(path, **({} if KERAS_3 else {"save_format": "keras_v3"}))
