"""A loss from outside: a file of the user's, by the command line and by Python."""

import importlib
from pathlib import Path

import stylegan_tf as sg

PLUGIN = Path(__file__).with_name("my_loss.py").read_text(encoding="utf-8")


def test_a_loss_trains_by_the_command_line(trained):
    assert "loss      saturating + " in trained.printed
    assert "my_loss" in trained.config["plugins"]
    assert trained.config["loss"]["name"] == "saturating"
    (row,) = trained.rows
    assert row["loss_g"] < 0 < row["loss_d"]  # the usual one of G is above 0


def test_a_loss_trains_by_python(folder, small, monkeypatch):
    (folder / "my_loss_too.py").write_text(PLUGIN.replace('"saturating"', '"saturating_too"'))
    monkeypatch.syspath_prepend(str(folder))
    importlib.import_module("my_loss_too")
    (row,) = sg.training.train(small.replace({"loss.name": "saturating_too"})).stats
    assert row["loss_g"] < 0 < row["loss_d"]
    assert "r1" not in row  # other losses bring no penalty


def test_a_stored_configuration_brings_its_plugins(folder):
    (folder / "my_loss_of_file.py").write_text(PLUGIN.replace('"saturating"', '"of_file"'))
    (folder / "mine.json").write_text(
        '{"loss": {"name": "of_file"}, "plugins": ["my_loss_of_file"]}'
    )
    assert sg.training.Config.from_file("mine.json").loss.name == "of_file"
