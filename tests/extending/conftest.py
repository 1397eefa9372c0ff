"""A place where a stranger's module lies and is found, and a run that takes three of them."""

import contextlib
import io
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import stylegan_tf as sg
from stylegan_tf.cli import main

# Small networks that take four steps on the bundled images.
SETTINGS = {
    "generator.latent_size": 8,
    "generator.w_size": 8,
    "generator.mapping_units": 8,
    "generator.mapping_layers": 2,
    "generator.fmap_max": 8,
    "discriminator.fmap_max": 8,
    "schedule.total_kimg": 0.016,
    "schedule.start_resolution": 4,
    "schedule.batch": {"4": 4},
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
    """Trains by the command line in that directory."""
    return lambda *arguments: run(folder, *arguments)


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A run with a loss, penalties and an augmentation of files in its directory.

    They share it: TensorFlow takes seconds to trace a step.
    """
    folder = tmp_path_factory.mktemp("trained")
    modules = ("my_loss", "my_penalties", "my_flip")
    for name in modules:
        shutil.copy(Path(__file__).with_name(f"{name}.py"), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", list(sys.path))
        return run(
            folder,
            "--resolution=4",
            *(f"--set={key}={json.dumps(value)}" for key, value in SETTINGS.items()),
            *(f"--plugin={name}" for name in modules),
            "--loss=saturating",
            "--penalty=fake_drift=0.5",
            "--penalty=noisy_r1=2",
            "--penalty=r1=1",
            "--set=loss.penalty_options.noisy_r1.deviation=0",
            "--aug=adaptive_flip",
            "--set=augment.options.step=0.5",
        )


def run(folder, *arguments):
    """Trains; gives the run's configuration, its lines of statistics and what was printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            main(["train", *arguments])
        except SystemExit as exit_:
            assert not exit_.code
    path = max((folder / "runs").iterdir())
    rows = (path / "stats.jsonl").read_text().splitlines()
    return SimpleNamespace(
        folder=folder,
        config=json.loads((path / "config.json").read_text()),
        rows=[json.loads(row) for row in rows],
        printed=printed.getvalue(),
    )
