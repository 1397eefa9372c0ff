"""Writes a trained generator as a SavedModel that TensorFlow Serving loads as it is."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

import stylegan_tf
from stylegan_tf import files
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.datasets.atomic_directory import atomic_directory
from stylegan_tf.defaults import CUTOFF
from stylegan_tf.generation import psi_or_default
from stylegan_tf.models import BaseDiscriminator, BaseGenerator
from stylegan_tf.models.files import SAVING
from stylegan_tf.serving import targets as forms
from stylegan_tf.serving import warmup
from stylegan_tf.serving.precision import reading, stored
from stylegan_tf.serving.signatures import Signatures

EXTRA, METADATA = "assets.extra", "metadata.json"


def export(
    generator: BaseGenerator,
    dest: str | os.PathLike[str],
    version: int | None = None,
    encoding: str = "png",
    precision: str = "float32",
    discriminator: BaseDiscriminator | None = None,
    batch_sizes: Sequence[int] = (1, 2, 4, 8),
    targets: Sequence[str] = (),
) -> Path:
    """Writes a version of a model, `dest/<version>/`.

    It appears as a whole, so that a server can watch `dest`. The graph holds TensorFlow's own
    operations only. `assets.extra/metadata.json` says what the network is.

    Args:
        generator: a `Generator`.
        dest: path of the model, a folder of versions.
        version: int from 1 on. Defaults to the one after the newest.
        encoding: `"png"` or `"jpeg"`, of the images that are answered as bytes.
        precision: `"float32"`, `"bfloat16"` or `"float16"`, of the weights in the file. What is
            computed with them stays float32.
        discriminator: a `Discriminator`; with one there is the signature `discriminate`.
        batch_sizes: ints. A server that starts runs every signature once with each of them, if
            tensorflow-serving-api is installed here to write down the requests.
        targets: `"tflite"`, `"onnx"`: other forms to add, of the signature `generate`. Each is
            compared with the network before the version appears.

    Returns:
        The path of the version.

    Raises:
        ValueError: if the version is there already or is no version, a batch size is below 1, a
            target lacks its libraries or gives other images, or the networks cannot be exported
            so.
    """
    folder = free_folder(dest, version)
    warmup.check(batch_sizes)
    forms.check(targets)
    signatures = Signatures(generator, encoding, discriminator)
    traced = signatures.traced()
    module, functions = saveable(signatures, traced, precision)
    with atomic_directory(folder) as partial:
        extra = partial / EXTRA
        extra.mkdir()
        differences = forms.write(extra, targets, signatures.batched()) if targets else {}
        tf.saved_model.save(module, str(partial), functions, SAVING)
        facts = {
            **metadata(signatures),
            "encoding": encoding,
            "precision": precision,
            "targets": differences,
        }
        text = json.dumps(facts, indent=2, ensure_ascii=False)
        files.write_text(extra / METADATA, text + "\n")
        if warmup.available():
            name = folder.parent.resolve().name
            warmup.write(extra / warmup.FILE, name, functions, batch_sizes)
    return folder


def free_folder(dest: str | os.PathLike[str], version: int | None) -> Path:
    """Returns the folder of a new version; by default the one after the newest."""
    dest = Path(dest)
    if version is None:
        versions = [int(path.name) for path in dest.glob("*") if path.name.isdecimal()]
        version = max(versions, default=0) + 1
    if version < 1:
        raise ValueError(f"version is {version}; it must be 1 or more")
    folder = dest / str(version)
    if folder.exists():
        raise ValueError(f"{folder} exists: choose another version, or none for the next one")
    return folder


def saveable(
    signatures: Signatures, traced: dict[str, Any], precision: str
) -> tuple[tf.Module, dict[str, Any]]:
    """Returns what is saved: the weights without their Keras layers, and the functions."""
    networks = [network for network in (signatures.generator, signatures.discriminator) if network]
    weights = [tf_variable(weight) for network in networks for weight in network.weights]
    module = tf.Module(name="stylegan")
    if precision == "float32":
        module.weights = weights
        return module, traced
    module.weights = stored(weights, precision)
    return module, {
        name: reading(function, weights, module.weights) for name, function in traced.items()
    }


def metadata(signatures: Signatures) -> dict[str, Any]:
    """Returns what a client needs to know of a network."""
    generator = signatures.generator
    return {
        "resolution": generator.grown_to[0],
        "channels": generator.channels,
        "latent_size": generator.latent_size,
        "w_size": generator.w_size,
        "num_layers": generator.num_ws,
        "labels": generator.label_size,
        "label_names": generator.label_names and list(generator.label_names),
        "class_counts": generator.class_counts and list(generator.class_counts),
        "licence": generator.licence,
        "truncation_psi": psi_or_default(generator, None),
        "truncation_cutoff": CUTOFF,
        "network": generator.get_config(),
        "versions": {
            "stylegan_tf": stylegan_tf.__version__,
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
        },
    }
