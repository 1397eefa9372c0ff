"""A loss from outside: a file of the user's, by the command line and by Python."""

import importlib

import stylegan_tf as sg

PLUGIN = '''
"""The saturating loss of Goodfellow et al. 2014."""

import tensorflow as tf

import stylegan_tf as sg


@sg.losses.register("saturating")
class Saturating:
    def generator(self, real_logits, fake_logits):
        return -tf.nn.softplus(fake_logits)

    def discriminator(self, real_logits, fake_logits):
        return tf.nn.softplus(fake_logits) + tf.nn.softplus(-real_logits)
'''


def test_a_loss_trains_by_the_command_line(folder, train, capsys):
    (folder / "my_loss.py").write_text(PLUGIN)
    config, (row,) = train("--plugin=my_loss", "--loss=saturating", "--penalty=r1=1")
    assert "loss      saturating + 1 × r1" in capsys.readouterr().out
    assert config["plugins"] == ["my_loss"]
    assert config["loss"]["name"] == "saturating"
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
