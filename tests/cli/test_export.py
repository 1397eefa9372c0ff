"""`stylegan-tf export`."""

import importlib.util

import pytest
import tensorflow as tf

import stylegan2_pickles
import tiny
from command_line import refused
from served import answer
from stylegan_tf.cli import main


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run directory with a network of 8×8 images."""
    folder = tmp_path_factory.mktemp("run")
    tiny.generator(resolution=8).save(folder / "network-snapshot-000010.keras")
    return folder


def test_a_run_becomes_a_model(run, tmp_path, capsys):
    dest = tmp_path / "models" / "stylegan"
    main(["export", str(run), str(dest), "--encoding", "jpeg", "--kit"])
    model, kit = capsys.readouterr().out.splitlines()
    assert model.startswith(f"{dest / '1'}: ")
    assert kit.startswith(f"{dest / 'kit'}: ")
    assert sorted(path.name for path in dest.iterdir()) == ["1", "kit"]
    (data,) = answer(dest / "1", "serving_default", seed=[0], psi=[0.7])["image_bytes"]
    assert tf.io.decode_jpeg(data).shape == (8, 8, 3)


@pytest.mark.slow
def test_a_pickle_of_stylegan2_becomes_a_model(tmp_path):
    path = tmp_path / "n.pkl"
    path.write_bytes(stylegan2_pickles.dumped(stylegan2_pickles.snapshot()))
    main(["export", str(path), str(tmp_path / "m")])
    (data,) = answer(tmp_path / "m" / "1", "serving_default", seed=[0], psi=[0.7])["image_bytes"]
    assert tf.io.decode_png(data).shape == (8, 8, 3)


@pytest.mark.parametrize("suffix", ["safetensors", "pkl"])
def test_weights_under_their_published_names(suffix, run, tmp_path, capsys):
    path = tmp_path / f"n.{suffix}"
    main(["export", str(run), "--pytorch", str(path)])
    assert f"{path}: " in capsys.readouterr().out
    assert b"G_synthesis/8x8/Conv0_up/weight" in path.read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_weights_that_have_no_file_are_refused(run, tmp_path, capsys):
    assert "must end in .safetensors or .pkl" in refused(
        capsys, "export", run, "--pytorch", tmp_path / "n.pt"
    )
    assert "give DEST for a SavedModel, --pytorch FILE for weights, or both" in refused(
        capsys, "export", run
    )
    assert "--kit need DEST" in refused(
        capsys, "export", run, "--pytorch", tmp_path / "n.pkl", "--kit"
    )


def test_a_version_that_is_there_is_refused(run, tmp_path, capsys):
    (tmp_path / "2").mkdir()
    line = refused(capsys, "export", run, tmp_path, "--version", 2)
    assert f"{tmp_path / '2'} exists: choose another version" in line
    assert list((tmp_path / "2").iterdir()) == []


@pytest.mark.parametrize("version", [0, -3])
def test_a_number_that_is_no_version_is_refused(version, run, tmp_path, capsys):
    assert "it must be 1 or more" in refused(
        capsys, "export", run, tmp_path / "m", "--version", version
    )


def test_a_source_that_is_no_network_is_refused(tmp_path, capsys):
    assert "does not exist" in refused(capsys, "export", tmp_path / "no.keras", tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_destination_that_is_a_file_is_refused(run, tmp_path, capsys):
    (tmp_path / "m").write_text("x")
    assert "is a file" in refused(capsys, "export", run, tmp_path / "m")


def test_other_forms_come_with_flags(run, tmp_path, capsys):
    main(["export", str(run), str(tmp_path / "m"), "--tflite"])
    captured = capsys.readouterr()
    model, form = captured.out.splitlines()
    path = tmp_path / "m/1/assets.extra/generator.tflite"
    assert form == f"{path}: {path.stat().st_size / 1e6:.1f} MB"
    assert captured.err == ""


def test_a_form_that_lacks_its_libraries_is_refused(run, tmp_path, capsys, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if "onnx" in name else find(name, *a)
    )
    line = refused(capsys, "export", run, tmp_path / "m", "--onnx")
    assert "needs tf2onnx and onnxruntime, not installed here: pip install" in line
    assert not (tmp_path / "m").exists()
