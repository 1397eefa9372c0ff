"""`stylegan-tf doctor`: its report on a machine that is fine, and on what is not."""

import shutil
import sys
from collections import namedtuple

import pytest
import tensorflow as tf

from stylegan_tf import backend_compat, machine, requirements
from stylegan_tf.cli import doctor, main
from stylegan_tf.messages import counted
from stylegan_tf.ops import build, build_cuda, library

GIB = 1 << 30


@pytest.fixture(autouse=True)
def fine(tmp_path, monkeypatch):
    """A machine with all that there can be, but for GPUs; a test takes away what it is about."""
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "1")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(machine, "memory", lambda: (16 * GIB, 8 * GIB))
    monkeypatch.setattr(machine, "vector_extensions", lambda: ["AVX2", "FMA"])
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(build_cuda, "find_nvcc", lambda: "/opt/nvcc")
    monkeypatch.setattr(requirements, "problems", lambda extra="": [])
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    use_library(monkeypatch, library.Library(object(), "compiled: x.so for the CPU"))
    use_disk(monkeypatch, 100 * GIB)


def use_library(monkeypatch, loaded):
    monkeypatch.setattr(library, "load", lambda: loaded)


def use_disk(monkeypatch, free):
    usage = namedtuple("usage", "total used free")(free, 0, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)


def report(capsys, code=0) -> dict[str, str]:
    """The marks of all lines by their text; the command must end with a code."""
    ended = 0
    try:
        main(["doctor"])
    except SystemExit as exit_:
        ended = exit_.code
    out, err = capsys.readouterr()
    assert (ended, err) == (code, ""), out
    return {text: mark for mark, text in (line.split(maxsplit=1) for line in out.splitlines())}


def only(lines: dict[str, str], mark: str) -> list[str]:
    return [text for text, its in lines.items() if its == mark]


def test_all_is_fine_but_for_the_missing_gpu(capsys):
    lines = report(capsys)
    assert [text.partition(":")[0] for text in only(lines, "note")] == ["GPU"]
    assert only(lines, "bad") == []
    version = ".".join(map(str, sys.version_info[:3]))
    keras = backend_compat.keras.__version__
    good = only(lines, "ok")
    for text in [
        f"Python {version}",
        f"TensorFlow {tf.__version__} with Keras {keras}, a tested version",
        f"CPU: {counted(machine.cores(), 'core')} of {machine.cpu_model()}, AVX2, FMA",
        "memory: 8.6 of 17.2 GB free",
        "disk: 107.4 GB free in the current directory",
        "required packages: all there",
        "oneDNN: on",
        "ops: compiled: x.so for the CPU",
        "C++ compiler: /usr/bin/c++",
        "CUDA compiler: /opt/nvcc",
    ]:
        assert text in good


def test_little_memory_and_disk_and_an_old_cpu_are_noted(monkeypatch, capsys):
    monkeypatch.setattr(machine, "memory", lambda: (16 * GIB, GIB))
    monkeypatch.setattr(machine, "vector_extensions", list)
    use_disk(monkeypatch, GIB)
    notes = only(report(capsys), "note")
    assert any(text.startswith("memory: 1.1 of") and "--batch" in text for text in notes)
    assert any(text.startswith("disk: 1.1 GB") and "--outdir" in text for text in notes)
    assert any(text.startswith("CPU") and "without AVX2" in text for text in notes)


def test_memory_that_is_not_known_hides_nothing_else(monkeypatch, capsys):
    monkeypatch.setattr(machine, "memory", lambda: None)
    lines = report(capsys)
    assert any(text.startswith("memory: could not be checked") for text in only(lines, "note"))
    assert "oneDNN: on" in lines


def test_a_missing_package_is_bad_and_the_rest_is_reported(monkeypatch, capsys):
    missing = {"": ["click is missing"]}
    monkeypatch.setattr(requirements, "problems", lambda extra="": missing.get(extra, []))
    lines = report(capsys, code=1)
    assert only(lines, "bad") == ["click is missing: pip install stylegan-tf"]
    assert "oneDNN: on" in lines


def test_extras_that_are_not_there_are_notes(monkeypatch, capsys):
    missing = {"test": ["a is missing"], "cuda": ["b is missing", "c is 1", "d is 2"]}
    monkeypatch.setattr(requirements, "problems", lambda extra="": missing.get(extra, []))
    notes = only(report(capsys), "note")
    advice = 'if wanted, pip install "stylegan-tf[{}]"'.format
    assert f"extra test, not installed: a is missing: {advice('test')}" in notes
    line = "extra cuda, not installed: b is missing, c is 1 and 1 more"
    elsewhere = advice("cuda").replace("pip", "in an environment of its own, pip")
    assert f"{line}: {elsewhere}" in notes  # c and d would be replaced


def test_tensorflow_that_is_refused_is_bad_and_the_last_line(monkeypatch, capsys):
    def refuse():
        raise ImportError("KERAS_BACKEND is 'jax', but\nnot here")

    monkeypatch.setattr(doctor, "TENSORFLOW_CHECKS", ())
    monkeypatch.setattr("stylegan_tf.cli.process.load_tensorflow", refuse)
    lines = report(capsys, code=1)
    assert only(lines, "bad") == ["TensorFlow: KERAS_BACKEND is 'jax', but not here"]
    assert list(lines)[-1].startswith("TensorFlow")


@pytest.mark.parametrize("version", ["2.18.0", "2.99.0"])
def test_an_untested_tensorflow_is_noted(version, monkeypatch, capsys):
    monkeypatch.setattr(tf, "__version__", version)
    (line,) = [text for text in only(report(capsys), "note") if text.startswith("TensorFlow")]
    assert line.startswith(f"TensorFlow {version} with Keras")
    assert "tested are TensorFlow 2.15 and 2.21" in line


@pytest.mark.parametrize(
    ("cuda", "hidden", "driver", "why"),
    [
        (False, None, True, "made for CPUs only"),
        (True, "-1", True, "CUDA_VISIBLE_DEVICES hides all"),
        (True, None, False, "no NVIDIA driver here"),
        (True, None, True, 'pip install "tensorflow[and-cuda]"'),
    ],
)
def test_a_missing_gpu_is_explained(cuda, hidden, driver, why, monkeypatch, capsys):
    monkeypatch.setattr(tf.test, "is_built_with_cuda", lambda: cuda)
    monkeypatch.setattr(machine, "has_nvidia_driver", lambda: driver)
    if hidden:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    (line,) = [text for text in only(report(capsys), "note") if text.startswith("GPU")]
    assert why in line


@pytest.mark.parametrize("cuda", [False, True])
def test_gpus_are_named_and_so_is_what_their_ops_run_as(cuda, monkeypatch, capsys):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a", "b"])
    details = {"a": {"device_name": "NVIDIA H100"}, "b": {}}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", details.get)
    use_library(monkeypatch, library.Library(object(), "compiled: x", "", cuda, "the reason"))
    lines = report(capsys)
    assert lines["GPU 0: NVIDIA H100"] == "ok"
    assert lines["GPU 1: no name"] == "ok"
    assert lines["ops on GPUs: the reason"] == ("ok" if cuda else "note")


def test_what_slows_it_down_is_noted(monkeypatch, capsys):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    use_library(monkeypatch, library.Library(None, "reference: never built"))
    notes = only(report(capsys), "note")
    assert any(text.startswith("oneDNN: off: unset TF_ENABLE_ONEDNN_OPTS") for text in notes)
    assert "ops: reference: never built" in notes


def test_missing_compilers_are_noted(monkeypatch, capsys):
    def no_nvcc():
        raise build.BuildError("no CUDA compiler was found")

    monkeypatch.setattr(build_cuda, "find_nvcc", no_nvcc)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    notes = only(report(capsys), "note")
    assert any(text.startswith("no C++ compiler was found") for text in notes)
    assert any(text.startswith("no CUDA compiler was found") for text in notes)
