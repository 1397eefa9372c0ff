"""LiteRT and ONNX: the images of the network, by their own runtimes, or no version at all."""

import dataclasses
import importlib.util
import json
import warnings

import numpy as np
import pytest
import tensorflow as tf

import tiny
from stylegan_tf.images import to_uint8
from stylegan_tf.serving import export, targets

has_onnx = all(map(importlib.util.find_spec, targets.TARGETS["onnx"].modules))
needs_onnx = pytest.mark.skipif(not has_onnx, reason="needs tf2onnx and onnxruntime")
EVERY = ["tflite", pytest.param("onnx", marks=needs_onnx)]
GIVEN = {
    "z": tiny.latents(3).numpy(),
    "psi": np.float32([0.5, 1, 0]),
    "label": np.int32([2, -1, 99]),
}
ONE_HOT = tf.constant([[0.0, 0, 1], [0, 0, 0], [0, 0, 0]])


@pytest.fixture(scope="module")
def network():
    """A generator with labels, 8×8."""
    return tiny.generator(resolution=8, label_size=3)


@pytest.fixture(scope="module")
def version(network, tmp_path_factory):
    """An export of it with every target that there are libraries for."""
    names = ["tflite", "onnx"] if has_onnx else ["tflite"]
    return export(network, tmp_path_factory.mktemp("served") / "m", targets=names)


def content(version, name) -> bytes:
    return (version / "assets.extra" / targets.TARGETS[name].file).read_bytes()


def largest_difference(result, expected) -> int:
    return np.abs(result.astype(int) - np.asarray(expected, int)).max()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("count", [1, 3])
def test_it_gives_the_images_of_the_network(name, count, version, network):
    given = {key: value[:count] for key, value in GIVEN.items()}
    result = targets.TARGETS[name].run(content(version, name), given)
    assert (result.dtype, result.shape) == (np.uint8, (count, 8, 8, 3))
    expected = network(
        given["z"],
        ONE_HOT[:count],
        truncation_psi=given["psi"],
        truncation_cutoff=8,
        noise="constant",
    )
    allowed = {"tflite": 4, "onnx": 1}[name]
    assert largest_difference(result, to_uint8(expected)) <= allowed
    assert np.std(result) > 30


def test_litert_knows_the_names_and_keeps_weights_in_half_the_bytes(version):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        interpreter = tf.lite.Interpreter(model_content=content(version, "tflite"))
    messages = interpreter.get_signature_list()["generate"]
    assert (sorted(messages["inputs"]), messages["outputs"]) == (["label", "psi", "z"], ["images"])
    types = [one["dtype"] for one in interpreter.get_tensor_details() if np.prod(one["shape"]) > 99]
    assert np.float16 in types


@needs_onnx
def test_onnx_knows_the_names_and_is_valid(version):
    import onnx

    model = onnx.load_from_string(content(version, "onnx"))
    onnx.checker.check_model(model)
    shapes = {
        value.name: [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in [*model.graph.input, *model.graph.output]
    }
    assert shapes == {"z": ["N", 6], "psi": ["N"], "label": ["N"], "images": ["N", 8, 8, 3]}
    assert {entry.domain for entry in model.opset_import} <= {"", "ai.onnx.ml"}


def test_metadata_tells_how_near_they_are(version):
    messages = json.loads((version / "assets.extra" / "metadata.json").read_text())["targets"]
    assert messages["tflite"]["file"] == "generator.tflite"
    for name, facts in messages.items():
        limit = targets.TARGETS[name].tolerance
        assert 0 <= facts["mean_difference"] <= facts["max_difference"] <= limit


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("grown", [2.0, 2.25])
def test_a_network_of_another_kind_and_not_grown_up(name, grown, tmp_path):
    if name == "tflite" and grown == 2.25 and tf.__version__.startswith("2.15"):
        pytest.skip("TensorFlow 2.15 refuses to convert a fading network to LiteRT")
    network = tiny.generator(resolution=8, architecture="a", grown=grown)
    folder = export(network, tmp_path, targets=[name], precision="bfloat16", batch_sizes=())
    given = {"z": GIVEN["z"], "psi": np.ones(3, np.float32)}
    result = targets.TARGETS[name].run(content(folder, name), given)
    expected = to_uint8(network(given["z"]))
    assert largest_difference(result, expected) <= 4  # not rounded to bfloat16: it has its own


@pytest.mark.parametrize("name", EVERY)
def test_labels_that_are_numbers_are_given_as_such(name, tmp_path):
    samples = [[1.0, 7.5], [2.0, -3.0]]
    network = tiny.generator(resolution=8, label_size=2, label_samples=samples)
    folder = export(network, tmp_path, targets=[name], batch_sizes=())
    labels = np.float32([[1, 7.5], [0.25, 0], [-2, 3]])
    given = {**GIVEN, "psi": np.ones(3, np.float32), "label": labels}
    result = targets.TARGETS[name].run(content(folder, name), given)
    expected = to_uint8(network(given["z"], labels, noise="constant"))
    assert largest_difference(result, expected) <= {"tflite": 4, "onnx": 1}[name]


def fake(monkeypatch, **arguments):
    """Puts another target in the place of tflite."""
    target = dataclasses.replace(targets.TARGETS["tflite"], **arguments)
    monkeypatch.setitem(targets.TARGETS, "tflite", target)


def refused(network, folder, name="tflite") -> str:
    """What an export says that leaves nothing behind."""
    with pytest.raises(ValueError) as caught:
        export(network, folder / "m", targets=[name])
    assert list(folder.iterdir()) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_other_images_than_the_networks_are_refused(network, tmp_path, monkeypatch):
    def black(_, inputs):
        return np.zeros([len(inputs["z"]), 8, 8, 3], np.uint8)

    fake(monkeypatch, convert=lambda frozen: b"", run=black)
    said = refused(network, tmp_path)
    assert "target tflite gives other images" in said
    assert "16 is allowed" in said


def test_a_converter_that_fails_is_named(network, tmp_path, monkeypatch):
    def convert(frozen):
        raise RuntimeError("no such op:\n  Foo")

    fake(monkeypatch, convert=convert)
    assert refused(network, tmp_path) == "target tflite cannot be made: no such op: Foo"


def test_another_name_is_refused(network, tmp_path):
    said = refused(network, tmp_path, "coreml")
    assert said == "targets has 'coreml'; it can have tflite and onnx"


def test_a_missing_library_is_named_with_the_remedy(network, tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "tf2onnx" else find(name, *a)
    )
    said = refused(network, tmp_path, "onnx")
    assert said == "target onnx needs tf2onnx, not installed here: pip install 'stylegan-tf[onnx]'"
