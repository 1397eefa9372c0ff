"""Loads trained networks from wherever they are kept."""

import json
import math
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from stylegan_tf import checkpoints, snapshot_names
from stylegan_tf.importing import load_nvidia_pickle
from stylegan_tf.messages import first_line, notice
from stylegan_tf.models import growing
from stylegan_tf.models.networks import BaseDiscriminator, BaseGenerator, make_discriminator
from stylegan_tf.pretrained import facts, networks
from stylegan_tf.pretrained.sources import SUFFIXES, locate

# Real images shown at the last training step of a checkpoint.
IMAGES = "last_look/.ATTRIBUTES/VARIABLE_VALUE"


def load(source: str | os.PathLike[str]) -> BaseGenerator:
    """Loads the (averaged) generator of a preset, a run directory, a `.keras` or an NVIDIA file.

    Args:
        source: the name of a preset (`stylegan_tf.presets()`); the path of a run directory (its
            newest snapshot is taken), of a `.keras` file, or of a `.pkl` file as in
            `importing.load_nvidia_pickle`; or the URL of a file.

    Raises:
        ValueError: if there is no such thing, or it holds something else than a generator.
    """
    path = snapshot(source)
    if path.suffix == ".pkl":
        return load_nvidia_pickle(path).generator_ema
    if path.suffix == facts.SUFFIX:
        return networks.load_generator(path)
    model = keras_model(path)
    if not isinstance(model, BaseGenerator):
        raise ValueError(f"{path} holds a {type(model).__name__}, not a generator")
    return model


def load_discriminator(source: str | os.PathLike[str]) -> BaseDiscriminator | None:
    """Loads the trained discriminator of a preset, a run directory or an NVIDIA pickle.

    Args:
        source: as for `load`. Of a run it is the one of the newest checkpoint.

    Returns:
        It knows how far it has grown. None where the source has none: a `.keras` file, or a run
        directory without checkpoints.

    Raises:
        ValueError: if there is no such thing, or the checkpoint is damaged or does not fit the
            run's configuration.
    """
    path = locate(source)
    if path.is_dir():
        return _discriminator_of_run(path)
    if path.suffix == facts.SUFFIX:
        return networks.load_discriminator(path)
    if path.suffix != ".pkl":
        return None
    triple = load_nvidia_pickle(path)
    triple.discriminator.grown = triple.generator_ema.grown
    return triple.discriminator


def _discriminator_of_run(run: Path) -> BaseDiscriminator | None:
    """Returns the discriminator of a run's newest checkpoint, or None if there is none."""
    checkpoint = checkpoints.newest(run)
    if checkpoint is None or not (run / "config.json").is_file():
        return None
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    generator = load(run)
    arguments = dict(config["discriminator"])
    architecture = arguments.pop("architecture", None) or generator.architecture
    try:
        discriminator = make_discriminator(
            architecture,
            resolution=generator.resolution,
            channels=generator.channels,
            label_size=generator.label_size,
            grown=grown(config["schedule"], generator.resolution, checkpoint),
            **arguments,
        )
        checkpoints.restore({"discriminator": discriminator}, checkpoint)
    except (LookupError, TypeError, ValueError) as error:
        raise ValueError(f"{checkpoint} does not fit {run}: {first_line(error)}") from error
    return discriminator


def grown(schedule: Mapping[str, Any], resolution: int, checkpoint: Path) -> float:
    """Returns how far training had come when a checkpoint was written, as networks take it.

    Args:
        schedule: the settings of that name.
        resolution: to which the networks grow.
        checkpoint: as `checkpoints.newest` gives it.
    """
    images = int(checkpoints.read(checkpoint, IMAGES))
    first = math.log2(schedule["start_resolution"])
    return first + growing.resolutions_added(
        images / 1000,
        int(math.log2(resolution) - first),
        schedule["stable_kimg"],
        schedule["fade_kimg"],
    )


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


def snapshot(source: str | os.PathLike[str]) -> Path:
    """Returns the file that a source stands for: itself, or the newest whole snapshot of a run.

    Raises:
        ValueError: if there is no such file, or it is of another kind.
    """
    path = locate(source)
    if path.is_dir():
        return _newest_snapshot(path)
    if path.suffix not in SUFFIXES:
        raise ValueError(f"{path} is not a run directory and not a .keras or .pkl file")
    return path


def _newest_snapshot(run: Path) -> Path:
    """Returns the newest snapshot that was not cut short, as by a copy that was broken off."""
    snapshots = snapshot_names.newest_first(run)
    if not snapshots:
        raise ValueError(f"{run} holds no network-snapshot-….keras; is it a run directory?")
    whole = next((path for path in snapshots if zipfile.is_zipfile(path)), snapshots[0])
    if whole != snapshots[0]:
        notice(f"{snapshots[0]} is damaged; {whole.name}, the newest whole one, is taken")
    return whole
