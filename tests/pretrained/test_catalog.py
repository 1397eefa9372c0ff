"""The presets that there are."""

import importlib
import inspect

import pytest

import stylegan_tf as sg
import tiny_preset
from package_modules import MODULES
from stylegan_tf.pretrained import catalog


def test_a_file_in_the_folder_is_a_preset(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "FOLDER", tmp_path)
    assert sg.presets() == {}
    tiny_preset.install(monkeypatch, tmp_path)
    assert sg.presets() == {tiny_preset.NAME: tiny_preset.ABOUT}
    (preset,) = catalog.all_presets()
    assert (preset.images, preset.licence) == ("8×8×3", tiny_preset.LICENCE)
    assert preset.card == tmp_path / "tiny-8.md"


def test_no_module_takes_the_name_of_the_function():
    assert "stylegan_tf.presets" not in MODULES
    importlib.import_module("stylegan_tf.cli.presets")
    assert inspect.isfunction(sg.presets)


@pytest.mark.parametrize("name", catalog.paths())
def test_those_that_come_along_are_small_and_have_a_card(name):
    (preset,) = (one for one in catalog.all_presets() if one.name == name)
    assert preset.path.stat().st_size <= 6_000_000
    assert preset.card.read_text(encoding="utf-8").startswith(f"# {name}")
    assert preset.facts.about
    assert preset.licence != "none named"


@pytest.mark.slow
@pytest.mark.parametrize("name", catalog.paths())
def test_those_that_come_along_work(name):
    pipe = sg.Pipeline.from_pretrained(name)
    images = pipe(seeds=range(4), output_type="tf")
    assert images.shape[1] == pipe.resolution
    assert float(images.numpy().std(axis=0).mean()) > 0.05  # seeds differ
    assert pipe.discriminator.grown_to == pipe.generator.grown_to
