"""Keras knows our classes once the package is imported, whatever comes first."""

import subprocess
import sys
import types

import keras
import pytest

from stylegan_tf import keras_registration
from stylegan_tf.models import Discriminator, Generator


@pytest.fixture
def keras_is_not_imported(monkeypatch):
    """As in a fresh process."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delitem(sys.modules, "keras")


def test_our_classes_are_registered():
    assert keras.saving.get_registered_object("stylegan_tf>Generator") is Generator
    assert keras.saving.get_registered_object("stylegan_tf>Discriminator") is Discriminator


def test_one_finder_waits_for_keras_and_finds_nothing_else(keras_is_not_imported):
    before = len(sys.meta_path)
    keras_registration.follow_keras()
    keras_registration.follow_keras()
    assert len(sys.meta_path) == before + 1
    assert sys.meta_path[0].find_spec("numpy", None) is None


def test_registers_after_keras_and_gets_out_of_the_way(keras_is_not_imported, monkeypatch):
    steps = []
    monkeypatch.setattr(keras_registration, "_register", lambda: steps.append("registered"))
    keras_registration.follow_keras()
    finder = sys.meta_path[0]
    spec = finder.find_spec("keras", None)
    finder.find_spec("keras", None)  # somebody asks whether it is installed
    module = types.ModuleType("keras")
    module.__spec__ = spec
    real = spec.loader._loader
    monkeypatch.setattr(type(real), "exec_module", lambda self, module: steps.append("keras"))
    spec.loader.exec_module(module)
    assert steps == ["keras", "registered"]
    assert module.__loader__ is module.__spec__.loader is real
    assert finder not in sys.meta_path


def test_a_backend_that_we_do_not_run_on_is_no_error_of_keras(monkeypatch):
    def fail(name):
        raise ImportError(name)

    monkeypatch.setattr(keras_registration.importlib, "import_module", fail)
    keras_registration._register()


def test_a_file_loads_after_the_imports_alone(tmp_path):
    path = tmp_path / "g.keras"
    size = {"latent_size": 4, "w_size": 4, "mapping_units": 4, "mapping_layers": 1}
    Generator(resolution=4, fmap_base=8, fmap_max=4, **size).save(path)
    code = (
        "import stylegan_tf, sys; assert 'keras' not in sys.modules; import tensorflow, keras; "
        f"print(type(keras.models.load_model({str(path)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "Generator" in done.stdout, done.stderr
