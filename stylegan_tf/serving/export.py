"""Writes a trained generator as a SavedModel that TensorFlow Serving loads as it is."""

import json
from pathlib import Path

import keras
import tensorflow as tf

import stylegan_tf
from stylegan_tf import files
from stylegan_tf.datasets.whole import whole_or_nothing
from stylegan_tf.serving import warmup
from stylegan_tf.serving.precision import reading, stored
from stylegan_tf.serving.signatures import CUTOFF, PSI, Signatures
from stylegan_tf.stack import tf_variable

METADATA = "metadata.json"
# Gradients would be traced anew, with compiled ops in them; nobody asks a server for them.
OPTIONS = tf.saved_model.SaveOptions(experimental_custom_gradients=False)


def export(
    generator,
    dest,
    version=None,
    encoding="png",
    precision="float32",
    discriminator=None,
    batch_sizes=(1, 2, 4, 8),
) -> Path:
    """Writes a version of a model, `dest/<version>/`.

    It appears as a whole, so that a server can watch `dest`. The graph holds TensorFlow's own
    operations only. `assets.extra/metadata.json` tells what the network is.

    Args:
        generator: a `Generator`.
        dest: path of the model, a folder of versions.
        version: int from 1 on. Defaults to the one after the newest.
        encoding: `"png"` or `"jpeg"`, of the pictures that are answered as bytes.
        precision: `"float32"`, `"bfloat16"` or `"float16"`, of the weights in the file. What is
            computed with them stays float32.
        discriminator: a `Discriminator`; with one there is the signature `discriminate`.
        batch_sizes: ints. A server that starts runs every signature once with each of them, if
            tensorflow-serving-api is installed here to write down the requests.

    Returns:
        The path of the version.

    Raises:
        ValueError: if the version is there already or is no version, a batch size is below 1, or
            the networks cannot be exported so.
    """
    folder = free_folder(dest, version)
    warmup.check(batch_sizes)
    signatures = Signatures(generator, encoding, discriminator)
    module, functions = saveable(signatures, precision)
    with whole_or_nothing(folder) as partial:
        tf.saved_model.save(module, str(partial), functions, OPTIONS)
        extra = partial / "assets.extra"
        extra.mkdir()
        facts = {**metadata(signatures), "encoding": encoding, "precision": precision}
        text = json.dumps(facts, indent=2, ensure_ascii=False)
        files.write_text(extra / METADATA, text + "\n")
        if warmup.available():
            name = folder.parent.resolve().name
            warmup.write(extra / warmup.FILE, name, functions, batch_sizes)
    return folder


def free_folder(dest, version: int | None) -> Path:
    """The folder of a version that is not there yet; by default the one after the newest."""
    dest = Path(dest)
    if version is None:
        found = [int(path.name) for path in dest.glob("*") if path.name.isdecimal()]
        version = max(found, default=0) + 1
    if version < 1:
        raise ValueError(f"version is {version}; it must be 1 or more")
    folder = dest / str(version)
    if folder.exists():
        raise ValueError(f"{folder} exists: choose another version, or none for the next one")
    return folder


def saveable(signatures: Signatures, precision: str) -> tuple[tf.Module, dict]:
    """What is saved: the weights, without the Keras layers around them, and who reads them."""
    networks = [network for network in (signatures.generator, signatures.discriminator) if network]
    weights = [tf_variable(weight) for network in networks for weight in network.weights]
    module = tf.Module(name="stylegan")
    if precision == "float32":
        module.weights = weights
        return module, signatures.traced()
    module.weights = stored(weights, precision)
    return module, {
        name: reading(function, weights, module.weights)
        for name, function in signatures.traced().items()
    }


def metadata(signatures: Signatures) -> dict:
    """What a client needs to know of a network."""
    generator = signatures.generator
    return {
        "resolution": signatures.resolution,
        "channels": generator.channels,
        "latent_size": generator.latent_size,
        "w_size": generator.w_size,
        "num_layers": generator.num_layers,
        "labels": generator.label_size,
        "truncation_psi": PSI,
        "truncation_cutoff": CUTOFF,
        "network": generator.get_config(),
        "versions": {
            "stylegan_tf": stylegan_tf.__version__,
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
        },
    }
