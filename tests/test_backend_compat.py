"""The two stacks, what is refused, and what importing costs."""

import os
import subprocess
import sys
import warnings
from importlib import metadata, util
from pathlib import Path

import pytest
import tensorflow as tf

from stylegan_tf import backend_compat

REPOSITORY = Path(__file__).resolve().parents[1]


def python(code, cwd, **environment):
    """Runs code in a fresh interpreter, away from the checkout."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "code",
    [
        "import stylegan_tf.backend_compat",
        "import stylegan_tf; stylegan_tf.Generator",
        "import stylegan_tf.layers",
        "from stylegan_tf.models import Discriminator",
        "import stylegan_tf.importing",
    ],
)
def test_another_backend_is_refused_in_one_line(code, tmp_path):
    """Even where that backend is not installed, whose absence Keras would report first."""
    done = python(code, tmp_path, KERAS_BACKEND="jax")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ImportError: KERAS_BACKEND is 'jax', but stylegan_tf runs on TensorFlow alone; "
        "unset it or set KERAS_BACKEND=tensorflow"
    )


def test_the_backend_can_be_named(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    backend_compat.check()


@pytest.mark.skipif(not backend_compat.KERAS_3, reason="Keras 2 has one backend")
def test_another_backend_in_keras_json_is_refused(monkeypatch):
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(ImportError, match="configured for 'torch'.*set KERAS_BACKEND=tensorflow"):
        backend_compat.check()


@pytest.mark.parametrize("version", ["2.14.1", "2.9.0", "1.15.5"])
def test_old_tensorflow_is_refused(version, monkeypatch):
    monkeypatch.setattr(tf, "__version__", version)
    with pytest.raises(ImportError, match=f"TensorFlow {version} is too old.*needs 2.15"):
        backend_compat.check()


@pytest.mark.parametrize("version", ["2.22.0", "2.100.0-rc1", "3.0.0"])
def test_new_tensorflow_is_met_with_a_warning(version, monkeypatch):
    monkeypatch.setattr(tf, "__version__", version)
    with pytest.warns(UserWarning, match=f"TensorFlow {version} is newer than 2.21"):
        backend_compat.check()


@pytest.mark.parametrize("version", ["2.15.1", "2.16.2", "2.21.0"])
def test_tested_tensorflow_passes_in_silence(version, monkeypatch):
    monkeypatch.setattr(tf, "__version__", version)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        backend_compat.check()


def test_importing_the_package_starts_nothing(tmp_path):
    """`stylegan-tf --help` must answer in under half a second."""
    code = (
        "import sys, stylegan_tf\n"
        "dir(stylegan_tf), stylegan_tf.__version__\n"
        "print(sorted({'tensorflow', 'keras', 'numpy'} & set(sys.modules)))"
    )
    assert python(code, tmp_path).stdout.strip() == "[]"


def test_names_load_on_first_use(tmp_path):
    code = "import stylegan_tf as sg; print(sg.Generator.__name__, sg.ops.blur2d.__name__)"
    assert python(code, tmp_path).stdout.strip() == "Generator blur2d"


def test_unknown_names_are_attribute_errors():
    import stylegan_tf

    with pytest.raises(AttributeError, match="Genarator"):
        _ = stylegan_tf.Genarator


def test_nothing_is_installed_at_the_top_level_but_the_package():
    """`datasets` is Hugging Face's name."""
    top = metadata.distribution("stylegan-tf").read_text("top_level.txt")
    assert top.split() == ["stylegan_tf"]


@pytest.mark.parametrize("name", ["ops", "datasets"])
def test_folders_of_the_tree_import_under_the_package_alone(name, tmp_path):
    code = (
        "from importlib.util import find_spec\n"
        f"found = find_spec({name!r})\n"
        f"print(found and found.origin, find_spec('stylegan_tf.{name}').origin)"
    )
    alone, inside = python(code, tmp_path).stdout.split()
    assert not alone.startswith(str(REPOSITORY))
    assert Path(inside) == REPOSITORY / name / "__init__.py"


def test_weights_are_float32_whatever_the_policy(mixed_bfloat16):
    import keras

    layer = keras.layers.Layer()
    weight = backend_compat.add_weight(layer, "weight", (2,), "ones")
    assert tf.as_dtype(weight.dtype) == tf.float32
    assert isinstance(backend_compat.tf_variable(weight), tf.Variable)


def test_addons_are_there_only_with_keras_2():
    assert backend_compat.KERAS_3 or util.find_spec("tensorflow_addons")
