"""Lines of metrics.jsonl."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from stylegan_tf import json_lines
from stylegan_tf.metrics import records
from stylegan_tf.metrics.records import Result, Subject

SUBJECT = Subject("network-snapshot-000100.keras", 100.0, 32, 0.5, "data/cats", True, 3)
KERNEL = Result("kd_vgg16_5k", 0.25, 0.125, {}, 5000, 4000, "vgg16", "ab12", 61.5, ("grey",))
PRECISION = Result("pr50k", 0.75, numbers={"precision": 0.75, "recall": 0.5}, images=50_000)
SEPARABILITY = Result(
    "ls", 9.0, numbers={"score_w": 9.0, "score_z": 90.0, "entropy_w/hat": 0.5}, images=200_000
)


def lines(**values) -> list[dict]:
    """A line for each of the values of a metric, at 1, 2, 3, … kimg."""
    ((metric, numbers),) = values.items()
    subjects = (replace(SUBJECT, kimg=float(kimg)) for kimg in range(1, len(numbers) + 1))
    return [
        records.row_of(Result(metric, number), subject)
        for number, subject in zip(numbers, subjects, strict=True)
    ]


def test_a_line_says_what_was_measured_and_how(tmp_path):
    path = tmp_path / "metrics.jsonl"
    json_lines.append(path, records.row_of(KERNEL, SUBJECT))
    assert json.loads(path.read_text()) == {
        "metric": "kd_vgg16_5k",
        "value": 0.25,
        "deviation": 0.125,
        "images": 5000,
        "reals": 4000,
        "features": "vgg16",
        "weights_sha256": "ab12",
        "seconds": 61.5,
        "notes": ["grey"],
        "snapshot": "network-snapshot-000100.keras",
        "kimg": 100.0,
        "resolution": 32,
        "fade": 0.5,
        "data": "data/cats",
        "mirror": True,
        "seed": 3,
    }
    assert records.read(path) == [json.loads(path.read_text())]


def test_a_line_has_the_numbers_of_metrics_of_several():
    row = records.row_of(PRECISION, SUBJECT)
    assert (row["value"], row["precision"], row["recall"]) == (0.75, 0.75, 0.5)


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        (KERNEL, {"": 0.25}),
        (PRECISION, {"precision": 0.75, "recall": 0.5}),
        (SEPARABILITY, {"score_w": 9.0, "score_z": 90.0}),
    ],
)
def test_what_is_shown_of_a_line(result, shown):
    assert records.parts(records.row_of(result, SUBJECT)) == shown


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (
            KERNEL,
            "kd_vgg16_5k  0.25 ± 0.12  (5,000 images, 4,000 real ones, features of vgg16, 62 s)",
        ),
        (PRECISION, "pr50k  precision 0.75  recall 0.5  (50,000 images, 0 s)"),
        (SEPARABILITY, "ls  score_w 9  score_z 90  (200,000 images, 0 s)"),
        (
            records.Result("mine_9", 2.5, 0.5, {"more": 7.0}, images=9),
            "mine_9  2.5 ± 0.5  more 7  (9 images, 0 s)",
        ),
    ],
)
def test_a_result_is_told_in_a_line(result, text):
    assert records.describe(result) == text


def test_every_number_of_a_result_gets_a_curve():
    assert records.scalars(KERNEL) == {"kd_vgg16_5k": 0.25}
    assert records.scalars(PRECISION) == {
        "pr50k": 0.75,
        "pr50k/precision": 0.75,
        "pr50k/recall": 0.5,
    }


@pytest.mark.parametrize("metric", ["fid50k", "fd_vgg16_5k_full", "kd_x_9", "ppl_wend", "ls_10k"])
def test_of_distances_the_lowest_is_best(metric):
    assert records.best(lines(**{metric: [3.0, 1.0, 2.0]}), metric)["kimg"] == 2.0


@pytest.mark.parametrize("metric", ["is50k", "pr50k", "dc_vgg16_5k"])
def test_of_scores_the_highest_is_best(metric):
    assert records.best(lines(**{metric: [3.0, 1.0, 4.0]}), metric)["kimg"] == 3.0


def test_the_first_of_equals_is_best_and_null_never():
    rows = lines(fid50k=[None, 2.0, 2.0]) + lines(kid50k=[0.5])
    assert records.best(rows, "fid50k")["kimg"] == 2.0
    assert records.best(lines(fid50k=[None]), "fid50k") is None


def test_lines_are_chosen_by_what_they_have_in_common():
    rows = lines(fid50k=[3.0, 1.0]) + lines(kid50k=[2.0])
    assert records.alike(rows, metric="fid50k", kimg=2.0) == [rows[1]]
    assert records.alike(rows, data="data/dogs") == []


def test_statistics_of_training_are_not_taken_for_metrics(tmp_path):
    path = tmp_path / "stats.jsonl"
    path.write_text('{"tick": 0, "kimg": 1.0}\n')
    with pytest.raises(ValueError, match=r"stats\.jsonl, line 1, is no record of a metric"):
        records.read(path)


def test_the_run_of_a_source(tmp_path):
    run = tmp_path / "00000-x"
    run.mkdir()
    snapshot = run / "network-snapshot-000001.keras"
    assert records.run_of(run) == run
    assert records.run_of(snapshot) is None
    (run / "config.json").touch()
    assert records.run_of(snapshot) == run


def test_the_length_of_training_comes_from_the_ticks_or_the_name(tmp_path):
    snapshot = tmp_path / "network-snapshot-000160.keras"
    assert records.kimg_of(snapshot) == 160
    for kimg in (159.4, 160.256, 200.0):
        json_lines.append(tmp_path / "stats.jsonl", {"tick": 0, "kimg": kimg})
    assert records.kimg_of(snapshot) == 160.256
    json_lines.append(tmp_path / "stats.jsonl", {"tick": 0, "kimg": 159.9})  # which of them?
    assert records.kimg_of(snapshot) == 160
    assert records.kimg_of(tmp_path / "karras2018.pkl") is None
    assert records.kimg_of(tmp_path / "network-best.keras") is None


def test_lines_are_read_without_tensorflow():
    code = (
        "import sys; from stylegan_tf.metrics import plot, records; "
        "sys.exit(bool({'tensorflow', 'keras', 'matplotlib'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_kimg_of_a_snapshot_of_a_short_tick_is_in_its_name(tmp_path):
    assert records.kimg_of(tmp_path / "network-snapshot-000001_256.keras") == 1.256
