"""`stylegan-tf evaluate`: metrics of networks, kept as lines and drawn as curves."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from PIL import Image

import small_features
import stylegan_tf as sg
import tiny
from command_line import refused
from image_files import several, write
from stylegan_tf import json_lines
from stylegan_tf.cli import main
from stylegan_tf.metrics import evaluation, plot, records, weights
from stylegan_tf.metrics.records import Result
from stylegan_tf.training.config import Config, DataConfig
from stylegan_tf.training.run_dir import RunDir


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A dataset of 24 images of 16×16."""
    folder = tmp_path_factory.mktemp("data")
    write(folder / "source", several(24, width=16))
    sg.datasets.create(folder / "source", folder / "noise")
    return folder / "noise"


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """The file of a user's network."""
    return small_features.save(tmp_path_factory.mktemp("features") / "small.keras")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A working directory and a cache of each test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(weights.CACHE, str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def calls(monkeypatch):
    """Makes metrics up: each is the number of its name. Gives the calls of `evaluate`."""
    calls = []

    def evaluate(generator, dataset, metrics, **how):
        calls.append((generator, dataset, metrics, how))
        return (Result(name, float(name[-1]), images=int(name[-1])) for name in metrics)

    monkeypatch.setattr(evaluation, "evaluate", evaluate)
    return calls


@pytest.fixture
def run(tmp_path, data, network):
    """A run directory with the snapshots of 10 and 20 kimg."""
    made = RunDir.create(tmp_path / "runs", "x", Config(data=DataConfig(str(data), mirror=True)))
    for kimg in (10, 20):
        shutil.copyfile(network, made.snapshot(kimg))
    return made


def evaluate(*arguments):
    main(["evaluate", *map(str, arguments)])


def test_help_needs_neither_tensorflow_nor_matplotlib():
    code = (
        "import sys; from stylegan_tf.cli import main; main(['evaluate', '--help']); "
        "sys.exit(bool({'tensorflow', 'keras', 'matplotlib'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_metrics_of_a_network_of_features_of_ones_own(place, network, data, features, capsys):
    named = f"small={features}"
    metrics = "fd_small_30,kd_small_30,pr_small_30"
    evaluate(network, "--data", data, "--metrics", metrics, "--features", named, "--mirror")
    rows = records.read(place / "metrics.jsonl")
    assert [row["metric"] for row in rows] == metrics.split(",")
    for row in rows:
        assert (row["images"], row["features"], row["snapshot"]) == (30, "small", "g.keras")
        assert (row["kimg"], row["resolution"], row["mirror"]) == (None, 16, True)
        assert len(row["weights_sha256"]) == 64
    assert rows[2]["reals"] == 30  # of 48, mirrored ones counted
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for row, line in zip(rows, lines, strict=True):
        assert line.startswith(f"{row['metric']}  ")
        assert f"{row['value']:.4g}" in line
    evaluate(network, "--data", data, "--metrics", metrics, "--features", named, "--mirror")
    again = records.read(place / "metrics.jsonl")[3:]
    assert [row["value"] for row in again] == [row["value"] for row in rows]


def test_a_run_brings_its_data_and_keeps_the_lines(run, data, calls, capsys):
    evaluate(run.path, "--metrics", "ppl_wend_3")
    ((generator, dataset, metrics, how),) = calls
    assert generator.resolution == 16
    assert (str(dataset.path), metrics) == (str(data), ["ppl_wend_3"])
    assert (how["mirror"], how["seed"], how["batch"]) == (True, 0, None)
    (row,) = records.read(run.metrics)
    assert (row["snapshot"], row["kimg"]) == ("network-snapshot-000020.keras", 20.0)
    assert (row["metric"], row["value"], row["data"]) == ("ppl_wend_3", 3.0, str(data))
    assert capsys.readouterr().out == "ppl_wend_3  3  (3 images, 0 s)\n"


def test_options_arrive(run, calls, place, data):
    options = ["--no-mirror", "--seed", 7, "--batch", 5, "--classifiers", "c.keras"]
    named = ["--features", "a=b.keras", "--features", "c=https://x/y=z"]
    evaluate(run.path, "--metrics", "is_c_9", *options, *named, "--out", "m.jsonl")
    ((_, _, _, how),) = calls
    assert (how["mirror"], how["seed"], how["batch"]) == (False, 7, 5)
    assert how["classifiers"] == "c.keras"
    assert how["sources"] == {"a": "b.keras", "c": "https://x/y=z"}
    (row,) = records.read(place / "m.jsonl")
    assert (row["mirror"], row["seed"]) == (False, 7)
    assert not run.metrics.exists()


def test_several_networks_are_all_checked_before_the_first_image(run, calls, capsys):
    snapshots = [run.snapshot(kimg) for kimg in (10, 20)]
    evaluate(*snapshots, "--metrics", "fd_x_4,kd_x_2")
    assert len(calls) == 4
    result = [(row["kimg"], row["metric"]) for row in records.read(run.metrics)]
    assert result == [(10.0, "fd_x_4"), (10.0, "kd_x_2"), (20.0, "fd_x_4"), (20.0, "kd_x_2")]
    assert capsys.readouterr().out.splitlines()[::3] == [f"{path}:" for path in snapshots]
    snapshots[1].write_bytes(b"PK")
    before = run.metrics.read_bytes()
    line = refused(capsys, "evaluate", *snapshots, "--metrics", "fd_x_4")
    assert "000020.keras cannot be read as a Keras model" in line
    assert run.metrics.read_bytes() == before


def test_what_is_done_stays(run, monkeypatch, capsys):
    def stopped(*_, **__):
        yield Result("fd_x_9", 1.5)
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluation, "evaluate", stopped)
    with pytest.raises(SystemExit) as caught:
        evaluate(run.path, "--metrics", "fd_x_9,kd_x_9")
    assert caught.value.code == 130
    assert [row["metric"] for row in records.read(run.metrics)] == ["fd_x_9"]


def test_notes_are_told_and_kept(run, monkeypatch, capsys):
    noted = [Result("fd_x_9", float("nan"), notes=("grey images were repeated to three channels",))]
    monkeypatch.setattr(evaluation, "evaluate", lambda *_, **__: iter(noted))
    evaluate(run.path, "--metrics", "fd_x_9")
    assert capsys.readouterr().out.splitlines()[1].strip() == noted[0].notes[0]
    row = json.loads(run.metrics.read_text(), parse_constant=pytest.fail)
    assert (row["value"], row["notes"]) == (None, [*noted[0].notes])


def test_curves_of_what_was_measured_before(run, capsys, place):
    pytest.importorskip("matplotlib")
    for kimg, value in ((10.0, 3.0), (20.0, 2.0)):
        row = {"metric": "fid50k", "value": value, "kimg": kimg, "resolution": 16}
        json_lines.append(run.metrics, row)
    evaluate(run.path, "--plot")
    assert capsys.readouterr().out == f"curves in {run.path}/metrics.png\n"
    with Image.open(run.path / "metrics.png") as image:
        assert image.format == "PNG"
    shutil.copytree(run.path, place / "runs/00001-y")
    evaluate(run.path, place / "runs/00001-y", "--plot", "both.svg")
    text = (place / "both.svg").read_text()
    assert text.startswith("<?xml")


def test_curves_are_named_as_the_runs(run, monkeypatch, place):
    drawn = []
    monkeypatch.setattr(plot, "check", lambda path: None)
    monkeypatch.setattr(plot, "draw", lambda runs, path: drawn.append((list(runs), path.name)))
    other, same = place / "runs/00001-y", place / "old/00000-x"
    for folder in (other, same):
        shutil.copytree(run.path, folder)
    evaluate(run.path, other, "--plot")
    evaluate(run.path, same, "--plot", "c.png")
    assert drawn[0] == (["00000-x", "00001-y"], "metrics.png")
    assert drawn[1] == ([f"{run.path}/metrics.jsonl", f"{same}/metrics.jsonl"], "c.png")


def test_measuring_and_drawing_at_once(run, calls, place):
    pytest.importorskip("matplotlib")
    snapshots = [run.snapshot(kimg) for kimg in (10, 20)]
    evaluate(*snapshots, "--metrics", "fd_x_4", "--plot", "c.png")
    assert (place / "c.png").exists()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "nothing to do; give --metrics, such as fid50k, or --plot"),
        (["--metrics", "fidd50k"], "'fidd50k' is no metric; did you mean 'fid50k"),
        (["--metrics", "fd_x_9,"], "'' is no metric"),
        (["--metrics", "fd_x_9", "--features", "x"], "--features x: write it as NAME=FILE"),
        (["--metrics", "fd_x_9", "--features", "x=no.keras"], "no.keras"),
        (["--metrics", "fd_x_9", "--batch", 0], "--batch"),
        (["--metrics", "fd_x_9", "--data", "nowhere"], "nowhere"),
        (["--metrics", "ppl_wend_9"], "ppl_wend_9 needs images of 32×32 or more"),
        (["--metrics", "ls_9"], "ls_9 needs classifiers"),
        (["--metrics", "fid50k"], "(--features NAME=FILE)"),
        (["--metrics", "fd_x_9", "--plot", "c.gif"], "c.gif: the name must end in one of .png"),
        (["--plot", "c.png"], "no metric of a network whose kimg is known"),
        (["--metrics", "fd_x_9", "--out", "nowhere/m.jsonl"], "cannot be written"),
        (["--metrics", "fd_x_9", "--out", "other.txt"], "other.txt, line 1, is no JSON object"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(options, reason, run, place, capsys):
    (place / "other.txt").write_text("hello\n")
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*")}
    assert reason in refused(capsys, "evaluate", run.path, *options)
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*")} == before


def test_a_source_that_is_not_there_is_named(capsys):
    assert "'nowhere' does not exist" in refused(capsys, "evaluate", "nowhere", "--plot")


def test_without_a_run_the_data_must_be_given(network, capsys):
    line = refused(capsys, "evaluate", network, "--metrics", "fd_x_9")
    assert "real images are needed; give --data" in line


def test_data_of_a_run_that_is_gone_is_named(place, network, capsys):
    made = RunDir.create(place / "runs", "x", Config(data=DataConfig("/gone")))
    shutil.copyfile(network, made.snapshot(1))
    line = refused(capsys, "evaluate", made.path, "--metrics", "fd_x_9")
    assert "(/gone, that of its run, is gone); give --data" in line


def test_data_that_no_metric_needs_may_be_gone(place, network, calls):
    made = RunDir.create(place / "runs", "x", Config(data=DataConfig("/gone")))
    shutil.copyfile(network, made.snapshot(1))
    evaluate(made.path, "--metrics", "is_x_9")
    assert calls[0][1] is None


def test_a_folder_of_images_stands_in_for_a_network(place, data, features, capsys):
    folder = write(place / "fakes", several(12, width=16))
    named = f"small={features}"
    command = ["--data", data, "--features", named, "--metrics", "fd_small_12"]
    evaluate(folder, *command)
    (row,) = records.read(place / "metrics.jsonl")
    assert (row["snapshot"], row["kimg"], row["resolution"]) == ("fakes", None, 16)
    assert (row["images"], row["reals"]) == (12, 12)
    assert [path.name for path in folder.iterdir() if path.suffix != ".png"] == []
    assert "(12 images, 12 real ones," in capsys.readouterr().out
    assert "holds 12" in refused(
        capsys, "evaluate", folder, *command[:4], "--metrics", "fd_small_13"
    )
    assert "give --data" in refused(capsys, "evaluate", folder, *command[2:])


def test_labels_need_data(place, capsys):
    tiny.generator(label_size=2).save(place / "g.keras")
    line = refused(capsys, "evaluate", place / "g.keras", "--metrics", "is_x_9")
    assert "give --data" in line


def test_where_labels_come_from_is_said(place, data, calls, capsys):
    tiny.generator(label_size=2).save(place / "g.keras")
    evaluate(place / "g.keras", "--data", data, "--metrics", "is_x_9")
    assert f"labels of generated images: as frequent as in {data}\n" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_told_before(run, calls, monkeypatch, capsys):
    monkeypatch.setattr(os, "access", lambda path, mode: path != run.path)
    line = refused(capsys, "evaluate", run.path, "--metrics", "fd_x_9")
    assert f"{run.metrics} cannot be written; give another --out" in line
    assert calls == []
