"""Exported models in this process: the newest version of a folder, and the next when it appears.

The folder is looked at again and again, as by TensorFlow Serving: network file systems, on which
models often lie, do not tell of changes.
"""

import gc
import importlib.util
import logging
import threading
import time
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from stylegan_tf.plain_paths import plain_path
from stylegan_tf.serving import rest

WARMUP = "assets.extra/tf_serving_warmup_requests"
POLL = 1.0  # seconds between checks of the folder, as TensorFlow Serving has it
AGAIN = 60.0  # seconds until a version that could not be loaded is tried again


class Model:
    """A version that is loaded and warmed up.

    Args:
        folder: path of the version; its name is its number.
        batch: the most examples of a warm-up request that is worth a replay.

    Raises:
        ValueError: if it cannot be loaded.
    """

    def __init__(self, folder: Path, batch: int):
        self.version = int(folder.name)
        try:
            self._load(folder)
            self._warm_up(folder / WARMUP, batch)
        except Exception as error:  # loading and running have no exception of their own
            text = " ".join(str(error).split())
            raise ValueError(f"{folder} cannot be loaded: {text:.300}") from None

    def run(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Returns the outputs of a signature."""
        specs = self.inputs[signature]
        given = {name: tf.constant(value, specs[name].dtype) for name, value in inputs.items()}
        outputs = self._functions[signature](**given)
        return {name: value.numpy() for name, value in outputs.items()}

    def _load(self, folder: Path) -> None:
        self._loaded = tf.saved_model.load(plain_path(folder))
        self._functions = dict(self._loaded.signatures)
        self.inputs = {
            name: dict(sorted(function.structured_input_signature[1].items()))
            for name, function in self._functions.items()
        }
        proto = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
        self.signatures = {
            name: rest.signature_json(signature)
            for name, signature in sorted(proto.meta_graphs[0].signature_def.items())
        }

    def _warm_up(self, path: Path, batch: int) -> None:
        for signature, inputs in self._requests(path):
            if all(len(value) <= batch for value in inputs.values()):
                self.run(signature, inputs)

    def _requests(self, path: Path):
        """Yields the model's own warm-up calls, or else a call of each signature."""
        if path.exists() and importlib.util.find_spec("tensorflow_serving"):
            from tensorflow_serving.apis import prediction_log_pb2

            for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
                request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
                inputs = {name: tf.make_ndarray(proto) for name, proto in request.inputs.items()}
                yield request.model_spec.signature_name, inputs
            return
        for name, specs in self.inputs.items():
            yield name, {key: zeros(spec) for key, spec in specs.items()}


def zeros(spec: tf.TensorSpec) -> np.ndarray:
    """Returns an input of one example."""
    return np.zeros([size or 1 for size in spec.shape], spec.dtype.as_numpy_dtype)


class Versions:
    """The newest version in a folder.

    Args:
        folder: path of the model, a folder of versions.
        batch: see `Model`.
        tell: called with a line about each version that was loaded, or could not be.

    Raises:
        ValueError: if there is none, or it cannot be loaded.
    """

    def __init__(self, folder, batch: int, tell=lambda line: None):
        self._folder, self._batch, self._tell = Path(folder), batch, tell
        self._failures: dict[int, tuple[float, str]] = {}  # when it was tried, what went wrong
        self._loading: int | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="versions", daemon=True)
        self.current = self._load(newest(self._folder))

    def start(self) -> None:
        """Begins to watch the folder for other versions."""
        self._thread.start()

    def stop(self) -> None:
        """Ends watching."""
        self._stopped.set()
        self._thread.join()

    def status(self) -> dict[int, tuple[str, str]]:
        """Returns by version its state in TensorFlow Serving's words, and what went wrong."""
        states = {version: ("END", text) for version, (_, text) in self._failures.items()}
        if self._loading:
            states[self._loading] = ("LOADING", "")
        states[self.current.version] = ("AVAILABLE", "")
        return dict(sorted(states.items(), reverse=True))

    def refresh(self) -> None:
        """Goes over to the newest version, if it is another one; that of before is let go."""
        try:
            folder = newest(self._folder)
        except ValueError:
            return  # what is loaded stays
        version = int(folder.name)
        tried, _ = self._failures.get(version, (-AGAIN, ""))
        if version == self.current.version or time.monotonic() - tried < AGAIN:
            return
        try:
            self.current = self._load(folder)
        except ValueError as error:
            self._failures[version] = (time.monotonic(), str(error))
            self._tell(str(error))
        else:
            self._failures.clear()
            gc.collect()  # graphs are full of circles

    def _load(self, folder: Path) -> Model:
        self._loading = int(folder.name)
        try:
            model = Model(folder, self._batch)
        finally:
            self._loading = None
        self._tell(f"{folder} is loaded")
        return model

    def _watch(self) -> None:
        last = ""
        while not self._stopped.wait(POLL):
            try:
                self.refresh()
                last = ""
            except Exception as error:  # a folder that is away for a moment, a full disk
                if str(error) != last:
                    last = str(error)
                    logging.getLogger(__name__).error("%s; what is loaded stays", last)


def newest(folder: Path) -> Path:
    """Returns the newest version in a folder.

    Raises:
        ValueError: if the folder is no exported model.
    """
    if (folder / "saved_model.pb").exists():
        raise ValueError(f"{folder} is one version of a model; give the folder around it")
    versions = [path for path in folder.glob("*/saved_model.pb") if path.parent.name.isdecimal()]
    if not versions:
        raise ValueError(
            f"{folder} holds no version of an exported model; `stylegan-tf export` makes one"
        )
    return max((path.parent for path in versions), key=lambda path: int(path.name))
