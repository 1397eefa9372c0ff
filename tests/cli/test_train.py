"""`stylegan-tf train`: what it prints, what it refuses, what it makes. Nothing is computed here."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import machines
from stylegan_tf import datasets
from stylegan_tf.cli.train import KEYS, command
from stylegan_tf.datasets.dataset import open as open_dataset
from stylegan_tf.metrics import weights
from stylegan_tf.metrics.records import Result
from stylegan_tf.training.callbacks import snapshot_evaluation
from stylegan_tf.training.config import Config
from train_command import TINY, refused, train

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("place")


def test_a_dry_run_prints_the_stages_and_makes_nothing(place, capsys):
    assert train("--dry-run", *TINY) == 0
    out = capsys.readouterr().out.splitlines()
    stages = [line.split("  ")[0] for line in out if line.startswith(("train", "fade"))]
    assert stages == ["train 4×4", "fade in 8×8", "train 8×8"]
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize(
    ("gpus", "extensions", "warned"),
    [(0, ["AVX2"], True), (0, ["AVX-512", "AVX-512 FP16"], False), (1, ["AVX2"], False)],
)
def test_a_dry_run_says_where_halves_do_not_pay(
    capsys, monkeypatch, precision, gpus, extensions, warned
):
    machines.pretend(monkeypatch, gpus, extensions)
    assert train("--dry-run", "--precision", precision, *TINY) == 0
    assert (f"{precision} is slower than float32" in capsys.readouterr().out) == warned


def test_ticks_show_the_loss_scales_of_float16(place, capsys):
    assert train("--precision", "mixed_float16", *TINY) == 0
    ticks = [line for line in capsys.readouterr().out.splitlines() if line.startswith("tick")]
    assert all(line.endswith("  loss scale G 2^15 D 2^15") for line in ticks)


def test_an_old_name_of_a_setting_is_named(place, capsys):
    assert train("--dry-run", "--set", "loss.r2_gamma=3", *TINY) == 0
    shown = capsys.readouterr()
    assert "loss      non_saturating + 1 × r1 + 3 × r2" in shown.out
    assert shown.err.splitlines()[0] == (
        "--set loss.r2_gamma is now loss.penalties.r2; the old name goes with the next release"
    )


def test_a_dry_run_prints_the_metrics(capsys):
    assert train("--dry-run", "--metrics", "fid50k,is50k", *TINY) == 0
    assert "metrics   fid50k, is50k every 2 ticks" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "non_saturating + 1 × r1"),
        (["--gamma", 3], "non_saturating + 3 × r1"),
        (["--gamma", 0], "non_saturating"),
        (["--loss", "hinge"], "hinge"),
        (["--loss", "hinge", "--gamma", 3], "hinge + 3 × r1"),
        (["--loss", "wgan_gp"], "wasserstein + 10 × gradient_penalty + 0.001 × drift"),
        (["--loss", "relativistic", "--penalty", "r1=5"], "relativistic + 5 × r1"),
        (["--penalty", "r1=10", "--penalty", "r2=20"], "non_saturating + 10 × r1 + 20 × r2"),
    ],
)
def test_the_plan_has_the_loss_and_the_penalties_in_effect(capsys, arguments, expected):
    assert train("--dry-run", *arguments, *TINY) == 0
    assert f"loss      {expected}" in capsys.readouterr().out.splitlines()


def test_train_py_is_the_command(place):
    command = [sys.executable, REPOSITORY / "train.py", "--dry-run", "--resolution", "16"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "train 16×16" in done.stdout
    assert list(place.iterdir()) == []


def test_train_py_says_what_to_do_where_nothing_is_installed(place):
    command = [sys.executable, "-S", "-I", REPOSITORY / "train.py", "--dry-run"]  # no site-packages
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "train.py: stylegan_tf is not installed here: pip install -e .\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--resolution", 16], "--resolution is 16"),
        (["--resolution", 12], "power of two"),
        (["--cond"], "--cond needs labels"),
        (["--config", "g"], "--config g is neither a letter from a to f, nor one of "),
        (["--batch", 6], "nearest that fit are 4 and 8"),
        (["--loss", "hing"], "there is no loss 'hing'; did you mean 'hinge'"),
        (["--penalty", "r1"], "--penalty r1: write it as NAME=WEIGHT"),
        (["--penalty", "r1=x"], "--penalty r1=x: write it as NAME=WEIGHT"),
        (["--penalty", "r1=1", "--penalty", "r1=2"], "--penalty r1 is given twice; give it once"),
        (["--penalty", "r3=1"], "there is no penalty 'r3'; did you mean"),
        (["--penalty", "r1=-1"], "--penalty r1 is -1.0; it must be at least 0"),
        (["--aug", "nonee"], "there is no augmentation 'nonee'; did you mean 'none'"),
        (["--set", "augment.options.p=1"], "augment.options.p: the augmentation 'none' does not"),
        (["--aug-p", "0.5"], "--aug-p: the augmentation 'none' does not take it"),
        (["--aug", "fixed", "--aug-p", "2"], "--aug-p is 2.0; it must be from 0 to 1"),
        (["--aug", "ada", "--set", "augment.options.target=x"], "augment.options.target is 'x'"),
        (
            ["--aug", "ada", "--set", "augment.options.transforms=bgd"],
            "augment.options.transforms: there is none called 'bgd'; did you mean",
        ),
        (["--set", "loss.penalty_options.r1.x=1"], "loss.penalty_options.r1: "),
        (
            ["--set", "loss.penalty_options.r2.x=1"],
            "but the penalties in effect are r1",
        ),
        (["--plugin", "no_such"], "--plugin: plugin 'no_such': there is no such module"),
        (["--precision", "float64"], "float64"),
        (["--strategy", "parameter_server"], "parameter_server"),
        (["--kimg", "0"], "--kimg is 0"),
        (["--kimg", "long"], "long"),
        (["--set", "loss.name=hing"], "loss.name: there is no loss 'hing'"),
        (["--set", "precision=float64"], "precision"),
        (["--set", "strategy=tpu"], "strategy"),
        (["--set", "generator.config=z"], "generator.config is 'z'"),
        (["--set", "generator.fmap_mx=8"], "did you mean 'generator.fmap_max'"),
        (["--set", "generator.fmap_max"], "key=value"),
        (["--set", "output.snapshot_ticks=0"], "output.snapshot_ticks"),
        (["--set", "output.keep_checkpoints=0"], "output.keep_checkpoints"),
        (["--set", "output.grid_columns=0"], "output.grid_columns"),
        (["--set", "optimizer.generator=Adamm"], "no optimizer 'Adamm'"),
        (["--set", "generator.latent_size=0"], "latent_size"),
        (["--set", "generator.mapping_layers=-1"], "mapping_layers"),
        (["--set", "generator.mixing_probability=2"], "mixing_probability"),
        (["--metrics", "fid50k,pr"], "'pr' is no metric; did you mean 'pr50k'"),
        (["--metrics", "fd_x_9"], "'x' is none of the networks inception"),
        (["--metrics", "fid50k"], "(--set metrics.features.NAME=FILE)"),
        (["--metrics", "fd_x_9", "--set", "metrics.features.x=no.keras"], "no.keras"),
        (["--set", "metrics.names=fid50k"], "metrics.names is 'fid50k'; it must be list"),
        (["--set", "metrics.every_ticks=0"], "metrics.every_ticks"),
        (["--resume", "latest"], "holds no runs"),
        (["--resume", "nowhere"], "no run directory"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing_behind(arguments, reason, capsys, monkeypatch):
    monkeypatch.setenv(weights.CACHE, "nowhere")
    assert reason in refused(capsys, *arguments)


# A value of each option that no run can have.
REFUSED = {
    "data": "nowhere",
    "resolution": 12,
    "mirror": None,
    "cond": True,
    "kimg": 0,
    "batch": 0,
    "loss": "nonsat",
    "penalties": {"r1": -1},
    "gamma": -1,
    "augment": "adda",
    "aug_p": 2,
    "plugins": ["no_such"],
    "precision": "float64",
    "xla": "maybe",
    "snap": 0,
    "metrics": ["fdx"],
    "seed": None,
    "strategy": "tpu",
    "init_from": "nowhere",
    "freeze_d": -1,
}
# Of options that a resumed run cannot change, another value than its own.
CHANGED = {
    "resolution": 4,
    "mirror": True,
    "batch": 4,
    "loss": "hinge",
    "penalties": {"r2": 1},
    "gamma": 1,
    "seed": 1,
}
OPTIONS = {option.name: option.opts[0] for option in command.params}


def typed(option: str, value) -> list:
    """What somebody types for an option."""
    if value is True:
        return [OPTIONS[option]]
    if isinstance(value, dict):
        value = "=".join(str(part) for pair in value.items() for part in pair)
    return [OPTIONS[option], value[0] if isinstance(value, list) else value]


def test_every_option_has_a_value_that_is_refused():
    assert REFUSED.keys() == KEYS.keys()


@pytest.mark.parametrize("option", [one for one, value in REFUSED.items() if value is not None])
def test_a_refused_value_is_called_as_it_was_given(option, monkeypatch, capsys):
    monkeypatch.setattr(datasets, "open", open_dataset if option == "data" else datasets.open)
    line = refused(capsys, "--dry-run", *typed(option, REFUSED[option]))
    assert OPTIONS[option] in line
    assert KEYS[option] not in line or KEYS[option] in OPTIONS[option]
    line = refused(capsys, "--dry-run", f"--set={KEYS[option]}={json.dumps(REFUSED[option])}")
    assert KEYS[option] in line
    assert f"{OPTIONS[option]} " not in line


@pytest.mark.parametrize("option", CHANGED)
def test_what_a_resumed_run_cannot_change_is_called_as_it_was_given(option, place, capsys):
    config = Config().replace({"data.resolution": 8, "schedule.batch": {8: 8}})
    (place / "run").mkdir()
    (place / "run" / "config.json").write_text(config.to_json())
    line = refused(capsys, "--resume", "run", *typed(option, CHANGED[option]))
    assert OPTIONS[option] in line
    assert "but run was started with" in line


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["--loss", "nonsat"], "non_saturating"),
        (["--penalty", "r3=1"], "r1"),
        (["--aug", "non"], "none"),
        (["--metrics", "fidd50k"], "fid50k"),
        (["--config", "f2"], "f"),
        (["--config", "mien.json"], "mine.json"),
        (["--set", "sed=1"], "seed"),
        (["--set", "optimizer.generator=addam"], "Adam"),
    ],
)
def test_an_unknown_name_is_asked_about(arguments, meant, place, capsys):
    (place / "mine.json").write_text("{}")
    line = refused(capsys, *arguments)
    assert re.search(rf"did you mean .*'{re.escape(meant)}'.*\?", line)


def test_a_bad_configuration_file_is_named(place, capsys):
    (place / "config.json").write_text('{"seed": "x"}')
    line = refused(capsys, "--config", "config.json")
    assert "config.json: seed is 'x'; it must be int" in line


def test_a_run_ends_with_0_and_says_where_everything_is(place, capsys):
    assert train(*TINY) == 0
    out = capsys.readouterr().out
    (run,) = (place / "runs").iterdir()
    assert run.name == "00000-images-f-8"
    for path in (run, run / "fakes000000_080.png", run / "network-snapshot-000000_080.keras"):
        assert path.exists()
        assert str(path.relative_to(place)) in out
    assert out.splitlines()[-4:] == [
        "next:",
        "stylegan-tf generate runs/00000-images-f-8 --seeds 0-15 --grid",
        "stylegan-tf explore runs/00000-images-f-8",
        "stylegan-tf export runs/00000-images-f-8 models/00000-images-f-8",
    ]


def test_the_file_of_a_run_repeats_its_configuration(place):
    assert train(*TINY, "--seed", 3, "--gamma", 2, "--mirror") == 0
    (first,) = (place / "runs").iterdir()
    assert train("--config", first / "config.json") == 0
    texts = {(run / "config.json").read_text() for run in (place / "runs").iterdir()}
    assert len(list((place / "runs").iterdir())) == 2
    assert len(texts) == 1
    stored = json.loads(texts.pop())
    assert (stored["seed"], stored["data"]["mirror"]) == (3, True)
    assert stored["loss"]["penalties"] == {"r1": 2.0}


def test_files_of_metrics_are_found_from_everywhere(place, monkeypatch):
    monkeypatch.setattr(snapshot_evaluation, "evaluate", lambda *_, **__: iter(()))
    files = ("metrics.features.a=a.keras", "metrics.features.b=https://b.c/d", "data.path=x")
    settings = [f"--set={one}" for one in (*files, "metrics.classifiers=c.keras")]
    assert train(*TINY, "--metrics", "fd_a_9", *settings) == 0
    (run,) = (place / "runs").iterdir()
    stored = json.loads((run / "config.json").read_text())
    assert stored["metrics"] == {
        "names": ["fd_a_9"],
        "every_ticks": None,
        "features": {"a": str(place / "a.keras"), "b": "https://b.c/d"},
        "classifiers": str(place / "c.keras"),
    }
    assert stored["data"]["path"] == str(place / "x")


def test_the_best_network_is_named_at_the_end(place, monkeypatch, capsys):
    results = iter([[], *([Result("fd_a_9", value)] for value in (3.0, 1.0, 2.0))])
    monkeypatch.setattr(snapshot_evaluation, "evaluate", lambda *_, **__: next(results))
    assert train(*TINY, "--metrics", "fd_a_9") == 0
    assert "best      runs/00000-images-f-8/network-best.keras" in capsys.readouterr().out
