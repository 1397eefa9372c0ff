"""The two stacks behind one code: TensorFlow ≥ 2.16 with Keras 3, and TensorFlow 2.15 with 2.15.

Whatever differs between them stands here; everything else runs unchanged on both.
"""

import contextlib
import contextvars
import math
import os
import warnings

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


_room = contextvars.ContextVar("room", default=math.inf)  # for numbers in weights
LEAST = 64  # numbers that a weight counts as: it is an object, too


@contextlib.contextmanager
def parameter_budget(numbers: int):
    """Lets weights of so many numbers be made, each of which counts as 64 or more.

    For networks whose sizes strangers chose: more raises ValueError before there is memory for it.
    """
    token = _room.set(numbers)
    try:
        yield
    finally:
        _room.reset(token)


def add_weight(layer, name: str, shape, initializer, trainable: bool = True):
    """Adds a float32 variable to a layer that stays float32 under mixed precision.

    The equalized learning rate scales weights at run time; that product is taken in float32 and
    rounded once.
    """
    _room.set(_room.get() - max(LEAST, math.prod(shape)))
    if _room.get() < 0:
        raise ValueError("its sizes are those of a larger network")
    exempt = {"autocast": False} if KERAS_3 else {"experimental_autocast": False}
    return layer.add_weight(
        name=name,
        shape=shape,
        initializer=initializer,
        dtype="float32",
        trainable=trainable,
        **exempt,
    )


def name_layers(owner, layers) -> None:
    """Makes each layer of a list an attribute, too, by its own name.

    Without it tf.train.Checkpoint leaves them out: it does not look into the lists of Keras 3.
    """
    for layer in layers:
        setattr(owner, layer.name, layer)


def tf_variable(variable) -> tf.Variable:
    """The tf.Variable of a Keras variable."""
    return variable if isinstance(variable, tf.Variable) else variable.value


def save_model(model, path) -> None:
    """Writes a `.keras` file in any thread; Keras 2 itself knows the format in the first one only.

    Args:
        model: a Keras model.
        path: of the file.
    """
    model.save(path, **({} if KERAS_3 else {"save_format": "keras_v3"}))
