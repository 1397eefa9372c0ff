"""A place where a stranger's module lies and is found."""

import json
import sys

import pytest

import stylegan_tf as sg
from stylegan_tf.cli import main

# Small networks that take four steps on the bundled images.
SETTINGS = {
    "generator.latent_size": 8,
    "generator.w_size": 8,
    "generator.mapping_units": 8,
    "generator.fmap_max": 8,
    "discriminator.fmap_max": 8,
    "schedule.total_kimg": 0.016,
    "schedule.start_resolution": 8,
    "schedule.batch": {"8": 4},
    "schedule.tick_kimg_base": 0.016,
    "schedule.minibatch_repeats": 4,
    "output.grid_columns": 1,
    "output.grid_rows": 1,
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current directory, empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


@pytest.fixture
def small() -> sg.training.Config:
    """A run of one step at 4×4 for `sg.training.train`."""
    step = {"data.resolution": 4, "schedule.start_resolution": 4, "schedule.batch": {4: 4}}
    step |= {"schedule.total_kimg": 0.004, "schedule.minibatch_repeats": 1}
    return sg.training.Config().replace({**SETTINGS, **step})


@pytest.fixture
def train(folder):
    """Trains by the command line; returns the run's configuration and its lines of statistics."""

    def run(*arguments):
        settings = [f"--set={key}={json.dumps(value)}" for key, value in SETTINGS.items()]
        if not arguments[0].startswith("--resume"):
            arguments = ("--resolution=8", *settings, *arguments)
        try:
            main(["train", *arguments])
        except SystemExit as exit_:
            assert not exit_.code
        run = max((folder / "runs").iterdir())
        rows = (run / "stats.jsonl").read_text().splitlines()
        return json.loads((run / "config.json").read_text()), [json.loads(row) for row in rows]

    return run
