"""Loads a trained generator from wherever it is kept."""

from pathlib import Path

import keras

from stylegan_tf.importing import load_nvidia_pickle
from stylegan_tf.messages import first_line
from stylegan_tf.models.generator import Generator

SNAPSHOTS = "network-snapshot-*.keras"


def load(source) -> Generator:
    """Loads the (averaged) generator of a run directory, a `.keras` file or an NVIDIA pickle.

    Args:
        source: path of a run directory (its newest snapshot is taken), of a `.keras` file, or of a
            `.pkl` file as in `importing.load_nvidia_pickle`.

    Raises:
        ValueError: if there is no such thing, or it holds something else than a generator.
    """
    path = snapshot(Path(source))
    if path.suffix == ".pkl":
        return load_nvidia_pickle(path).generator_ema
    model = keras_model(path)
    if not isinstance(model, Generator):
        raise ValueError(f"{path} holds a {type(model).__name__}, not a generator")
    return model


def keras_model(path: Path) -> keras.Model:
    """Loads a Keras model of any kind, without its optimizer.

    Raises:
        ValueError: if it cannot be read.
    """
    try:
        return keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises whatever its zip, HDF5 and JSON readers raise
        reason = first_line(error)
        raise ValueError(f"{path} cannot be read as a Keras model: {reason}") from error


def snapshot(path: Path) -> Path:
    """The file that a path stands for: itself, or the newest snapshot of a run directory."""
    if path.is_dir():
        found = sorted(path.glob(SNAPSHOTS))
        if not found:
            raise ValueError(f"{path} holds no network-snapshot-….keras; is it a run directory?")
        return found[-1]
    if not path.exists():
        raise ValueError(f"{path} does not exist; give a run directory, a .keras or a .pkl file")
    if path.suffix not in (".keras", ".pkl"):
        raise ValueError(f"{path} is not a run directory and not a .keras or .pkl file")
    return path
