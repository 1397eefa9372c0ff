"""Exported models: whole, of stock ops, and usable where this project is not installed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import stylegan_tf as sg
import tiny
from served import answer, assert_same_images, decoded, elsewhere, images_of, ops_of
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.images import to_uint8
from stylegan_tf.serving import export
from stylegan_tf.serving.saved_model import free_folder
from stylegan_tf.serving.signatures import Signatures


def test_every_op_is_tensorflows_own(model):
    ops = ops_of(model)
    assert [name for name, known in ops.items() if not known] == []
    assert {"Conv2D", "EncodePng", "StatelessRandomNormalV2"} <= set(ops)
    ours = [name for name in ops if re.search("Stylegan|PyFunc", name)]
    assert ours == []


def test_the_walk_finds_ops_of_ours_where_they_are(tmp_path):
    """The test above sees what it is looking for: a graph that was not traced for export."""
    if not sg.ops.implementation()["bias_act"].startswith("compiled"):
        pytest.skip("needs the compiled ops")
    module = tf.Module()
    module.run = tf.function(sg.ops.bias_act)
    specs = [tf.TensorSpec([None, 2]), tf.TensorSpec([2])]
    tf.saved_model.save(module, str(tmp_path), module.run.get_concrete_function(*specs))
    ours = [name for name, known in ops_of(tmp_path).items() if not known]
    assert "StyleganBiasAct" in ours  # and the op of its gradient


@pytest.mark.parametrize("with_labels", [False, True])
def test_it_gives_the_same_images_without_this_project(
    with_labels, model, labelled_model, tmp_path
):
    folder = labelled_model if with_labels else model
    given = {"seed": np.int64([4, 2]), "psi": np.float32([0.7, 0.5])}
    if with_labels:
        given["label"] = np.int32([2, -1])
    np.savez(tmp_path / "inputs.npz", **given)
    elsewhere(folder, "serving_default", tmp_path / "inputs.npz", tmp_path / "outputs.npz")
    there = np.load(tmp_path / "outputs.npz", allow_pickle=True)["image_bytes"]
    here = answer(folder, "serving_default", **given)["image_bytes"]
    assert list(there) == list(here)


@pytest.mark.parametrize("channels", [1, 4])
def test_images_are_png(channels, tmp_path):
    folder = export(tiny.generator(channels=channels, resolution=8), tmp_path)
    (data,) = answer(folder, "serving_default", seed=[1], psi=[0.7])["image_bytes"]
    (tmp_path / "one.png").write_bytes(data)
    image = Image.open(tmp_path / "one.png")
    assert (image.format, image.size) == ("PNG", (8, 8))
    assert image.mode == {1: "L", 4: "RGBA"}[channels]


def test_images_are_jpeg_if_asked_for(model, generator, tmp_path):
    folder = export(generator, tmp_path, encoding="jpeg")
    (data,) = answer(folder, "serving_default", seed=[1], psi=[0.0])["image_bytes"]
    (tmp_path / "one.jpg").write_bytes(data)
    assert Image.open(tmp_path / "one.jpg").format == "JPEG"
    lossless, lossy = (images_of(path, [1], psi=0).astype(int) for path in (model, folder))
    assert lossy.shape == lossless.shape
    assert 0 < np.abs(lossy - lossless).mean() < 40  # noise of a random network compresses badly


def test_versions_follow_each_other(tmp_path):
    assert free_folder(tmp_path / "new", None) == tmp_path / "new" / "1"
    for name in ("7", "10", "tmp99", ".11.tmp"):
        (tmp_path / name).mkdir()
    assert free_folder(tmp_path, None) == tmp_path / "11"
    assert free_folder(tmp_path, 3) == tmp_path / "3"


def test_a_version_that_is_there_stays_as_it_is(generator, tmp_path):
    (tmp_path / "3").mkdir()
    with pytest.raises(ValueError, match=r"3 exists: choose another version") as caught:
        export(generator, tmp_path, version=3)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.rglob("*")) == [tmp_path / "3"]


@pytest.mark.parametrize("version", [0, -1])
def test_a_number_that_is_no_version_is_refused(version, generator, tmp_path):
    with pytest.raises(ValueError, match=f"version is {version}; it must be 1 or more"):
        export(generator, tmp_path / "m", version=version)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_error_leaves_nothing_behind(error, generator, tmp_path, monkeypatch):
    def save(module, folder, *_):
        (Path(folder) / "saved_model.pb").write_text("half")
        raise error

    monkeypatch.setattr(tf.saved_model, "save", save)
    monkeypatch.setattr(Signatures, "traced", lambda self: {})
    with pytest.raises(type(error)):
        export(generator, tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_metadata_tells_what_the_network_is(labelled_model, labelled):
    text = (labelled_model / "assets.extra" / "metadata.json").read_text(encoding="utf-8")
    metadata = json.loads(text)
    assert metadata["network"] == labelled.get_config()
    assert metadata["versions"]["tensorflow"] == tf.__version__
    expected = {
        "resolution": 16,
        "channels": 3,
        "latent_size": 6,
        "w_size": 5,
        "num_layers": 6,
        "labels": 3,
        "label_names": None,
        "class_counts": None,
        "licence": None,
        "targets": {},
        "encoding": "png",
        "truncation_psi": 0.7,
        "truncation_cutoff": 8,
    }
    assert expected.items() <= metadata.items()


def test_metadata_tells_names_and_terms_if_the_network_does(tmp_path):
    generator = tiny.generator(label_size=2, resolution=8)
    generator.label_names, generator.licence = ["cat", "dog"], "CC BY-NC 4.0"
    folder = export(generator, tmp_path, batch_sizes=())
    metadata = json.loads((folder / "assets.extra" / "metadata.json").read_text())
    assert (metadata["label_names"], metadata["licence"]) == (["cat", "dog"], "CC BY-NC 4.0")


def test_only_weights_are_saved_and_each_once(model, generator):
    """The Keras objects would bring functions and metadata along that only Keras can read."""
    names = dict(tf.train.list_variables(str(model / "variables" / "variables")))
    count = len(generator.weights) + len(tiny.discriminator().weights)
    assert sum(name.startswith("weights/") for name in names) == count
    assert len(names) == count + 1  # and the object graph


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_weights_are_stored_in_half_the_bytes_and_used_in_float32(precision, tmp_path):
    """The oracle is a network whose weights were rounded so, exported in float32's stead."""
    generator = tiny.generator(label_size=3)
    folder = export(generator, tmp_path, precision=precision)
    reader = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
    types = reader.get_variable_to_dtype_map().items()
    assert {dtype for name, dtype in types if name.startswith("weights/")} == {
        tf.as_dtype(precision)
    }
    for weight in map(tf_variable, generator.weights):
        weight.assign(tf.cast(tf.cast(weight, precision), tf.float32))
    z = tiny.latents()
    given = {"z": z, "psi": [0.7] * 4, "label": [0, 1, 2, -1]}
    labels = tf.one_hot(given["label"], 3)
    expected = generator(z, labels, truncation_psi=0.7, truncation_cutoff=8, noise="constant")
    assert_same_images(answer(folder, "generate", **given)["images"], to_uint8(expected))
    assert images_of(folder, [1, 2], label=[0, 0]).shape == (2, 16, 16, 3)
    assert all(ops_of(folder).values())


def test_a_weight_that_float16_cannot_hold_is_refused(tmp_path):
    generator = tiny.generator()
    generator.w_avg.assign([7e4, 0, 0, 0, 0])
    with pytest.raises(ValueError, match="a weight is 70000; take bfloat16"):
        export(generator, tmp_path / "m", precision="float16")
    assert list(tmp_path.iterdir()) == []


def test_saved_model_cli_shows_and_runs_it(model, tmp_path):
    tool = [sys.executable, "-m", "tensorflow.python.tools.saved_model_cli"]
    where = ["--dir", str(model), "--tag_set", "serve", "--signature_def", "serving_default"]
    shown = subprocess.run([*tool, "show", *where], capture_output=True, text=True, check=True)
    assert re.search(r"inputs\['seed'\].*\n.*DT_INT64", shown.stdout)
    assert re.search(r"outputs\['image_bytes'\].*\n.*DT_STRING", shown.stdout)
    given = ["--input_exprs", "seed=[4, 2];psi=[0.7, 0.5]", "--outdir", str(tmp_path)]
    subprocess.run([*tool, "run", *where, *given], capture_output=True, check=True)
    result = np.load(tmp_path / "image_bytes.npy", allow_pickle=True)
    assert_same_images(decoded(result), images_of(model, [4, 2], psi=[0.7, 0.5]))
