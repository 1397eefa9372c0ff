"""Requests that TensorFlow Serving replays when it loads a model, so that no user waits for them.

The first request of a signature and batch size takes many times as long as the later ones.
"""

import importlib.util
from pathlib import Path

import tensorflow as tf

from stylegan_tf.defaults import PSI

FILE = "tf_serving_warmup_requests"  # the server's name for it, in assets.extra
MOST = 1000  # records that a server takes
REMEDY = "install tensorflow-serving-api (pip install 'stylegan-tf[serving]') and export again"


def available() -> bool:
    """Returns whether the server's protocol messages are installed."""
    return importlib.util.find_spec("tensorflow_serving") is not None


def check(batch_sizes) -> None:
    """Raises ValueError for sizes that no batch can have."""
    wrong = [size for size in batch_sizes if not isinstance(size, int) or size < 1]
    if wrong:
        raise ValueError(f"batch_sizes has {wrong[0]!r}; each must be 1 or more")


def write(path: Path, model: str, functions: dict, batch_sizes) -> None:
    """Writes a request for each signature and batch size, as TFRecords.

    Args:
        path: the file.
        model: name of the model.
        functions: concrete functions by the name of their signature.
        batch_sizes: ints.

    Raises:
        ValueError: if there are more than the server takes.
    """
    count = len(functions) * len(batch_sizes)
    if count > MOST:
        raise ValueError(f"batch_sizes makes {count} warm-up requests; a server takes {MOST}")
    with tf.io.TFRecordWriter(str(path)) as writer:
        for name, function in functions.items():
            for size in batch_sizes:
                writer.write(request(model, name, function, size).SerializeToString())


def request(model: str, signature: str, function, batch_size: int):
    """Returns a PredictionLog with the inputs of one signature."""
    from tensorflow_serving.apis import prediction_log_pb2

    log = prediction_log_pb2.PredictionLog()
    request = log.predict_log.request
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    specs = tf.nest.flatten(function.structured_input_signature)
    for spec in filter(None, specs):  # None: the label of a network without labels
        value = PSI if spec.name == "psi" else 0  # the numbers do not matter
        shape = [batch_size, *spec.shape[1:]]
        request.inputs[spec.name].CopyFrom(tf.make_tensor_proto(value, spec.dtype, shape))
    return log
