"""Exported models as others use them."""

import functools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

PROGRAM = Path(__file__).with_name("without_package.py")


def elsewhere(*arguments) -> str:
    """What a process without this project prints, given a model and what to do with it."""
    command = [sys.executable, str(PROGRAM), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ops_of(model: Path) -> dict[str, bool]:
    """The ops of a model, and whether a TensorFlow without this project has them."""
    return json.loads(elsewhere(model, "ops"))


@functools.lru_cache(maxsize=4)
def load(model: Path):
    """A model in this process; loading takes a second."""
    return tf.saved_model.load(str(model))


def answer(model: Path, signature: str, **inputs) -> dict[str, np.ndarray]:
    """What a signature answers in this process."""
    function = load(model).signatures[signature]
    specs = function.structured_input_signature[1]
    given = {name: tf.constant(value, specs[name].dtype) for name, value in inputs.items()}
    return {name: value.numpy() for name, value in function(**given).items()}


def decoded(image_bytes) -> np.ndarray:
    """Encoded images → uint8 [N, H, W, C]."""
    return np.stack([tf.io.decode_image(one).numpy() for one in image_bytes])


def images_of(model: Path, seeds, psi=0.7, **inputs) -> np.ndarray:
    """The images of seeds, uint8 [N, H, W, C]."""
    given = {"seed": seeds, "psi": np.broadcast_to(psi, len(seeds)), **inputs}
    return decoded(answer(model, "serving_default", **given)["image_bytes"])


def assert_same_images(actual, expected):
    """Equal but for rounding: convolutions of other batch sizes add in another order."""
    difference = np.abs(np.asarray(actual, int) - np.asarray(expected, int))
    assert difference.max() <= 1
    assert np.mean(difference > 0) < 0.01
