"""Loads a trained generator from wherever it is kept."""

from pathlib import Path

import keras

from stylegan_tf.models.generator import Generator

SNAPSHOTS = "network-snapshot-*.keras"


def load(source) -> Generator:
    """Loads the (averaged) generator of a run directory or of a `.keras` file.

    Args:
        source: path of a run directory (its newest snapshot is taken) or of a `.keras` file.

    Raises:
        ValueError: if there is no such thing, or it holds something else than a generator.
    """
    path = snapshot(Path(source))
    try:
        model = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises whatever its zip, HDF5 and JSON readers raise
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} cannot be read as a Keras model: {reason}") from error
    if not isinstance(model, Generator):
        raise ValueError(f"{path} holds a {type(model).__name__}, not a generator")
    return model


def snapshot(path: Path) -> Path:
    """The `.keras` file that a path stands for: itself, or the newest of a run directory."""
    if path.is_dir():
        found = sorted(path.glob(SNAPSHOTS))
        if not found:
            raise ValueError(f"{path} holds no network-snapshot-….keras; is it a run directory?")
        return found[-1]
    if not path.exists():
        raise ValueError(f"{path} does not exist; give a run directory or a .keras file")
    if path.suffix != ".keras":
        raise ValueError(f"{path} is not a run directory and not a .keras file")
    return path
