"""A stopped `create` resumes, and makes what an unbroken one makes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import stylegan_tf as sg
from command_line import COMMAND
from image_files import contents, noise, several, stored, write
from stylegan_tf.datasets import conversion, resumable

pytestmark = pytest.mark.any_stack

FORMATS = pytest.mark.parametrize("format", ["shards", "nvidia"])
OPTIONS = {"shard_bytes": 1000, "labels": "folders", "skip_bad": True}


@pytest.fixture
def source(tmp_path):
    """Makes a folder of images of about 250 bytes, two of them bad."""
    files = {f"{int(name[:2]) % 3}/{name}": image for name, image in several(20).items()}
    return write(tmp_path / "source", {**files, "1/bad.png": b"text", "2/worse.png": b""})


def stopping_at(count, error=KeyboardInterrupt):
    def progress(done, total):
        if done == count:
            raise error

    return progress


def start(source, dest, stop, error=KeyboardInterrupt, **options):
    """Starts a run that is stopped after so many images."""
    with pytest.raises(error):
        sg.datasets.create(
            source, dest, progress=stopping_at(stop, error), **{**OPTIONS, **options}
        )
    assert not dest.exists()


def resume(source, dest, **options) -> tuple[list[str], list[int]]:
    """Resumes a run. Returns its messages, and the numbers that it counts."""
    messages, counted = [], []
    options = {**OPTIONS, **options}
    progress = lambda done, total: counted.append(done)  # noqa: E731
    sg.datasets.create(source, dest, progress=progress, say=messages.append, **options)
    return messages, counted


@FORMATS
@pytest.mark.parametrize("stops", [[1], [2], [9], [22], [3, 4, 15], [7, 7, 7]])
def test_it_makes_the_very_same_files(stops, format, source, tmp_path):
    sg.datasets.create(source, tmp_path / "a" / "made", format=format, **OPTIONS)
    for stop in dict.fromkeys(stops):
        start(source, tmp_path / "b" / "made", stop, format=format)
    messages, counted = resume(source, tmp_path / "b" / "made", format=format)
    assert contents(tmp_path / "b" / "made") == contents(tmp_path / "a" / "made")
    (line,) = messages
    assert f"going on where it was stopped, after {stops[-1]} images" in line
    assert counted == list(range(stops[-1] + 1, 23))
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["made"]


@FORMATS
def test_a_killed_run_resumes_from_what_it_last_saved(format, source, tmp_path, monkeypatch):
    """The files hold more than the state says, as no code ran at the end."""
    sg.datasets.create(source, tmp_path / "a" / "made", format=format, **OPTIONS)
    monkeypatch.setattr(conversion, "SAVE_SECONDS", 0)
    saved = resumable.ResumableDirectory.save

    def save_until_10(self, done, bad, files):
        if done <= 10:
            saved(self, done, bad, files)

    monkeypatch.setattr(resumable.ResumableDirectory, "save", save_until_10)
    start(source, tmp_path / "b" / "made", 15, format=format)
    monkeypatch.setattr(resumable.ResumableDirectory, "save", saved)
    _, counted = resume(source, tmp_path / "b" / "made", format=format)
    assert counted[0] == 11
    assert contents(tmp_path / "b" / "made") == contents(tmp_path / "a" / "made")


def changed_image(source):
    write(source, {"0/00.png": noise(seed=77)})


CHANGES = {
    "image": (changed_image, {}, "the source or its labels changed"),
    "new image": (lambda s: write(s, {"0/new.png": noise()}), {}, "the source or its labels"),
    "missing image": (lambda s: (s / "0/03.png").unlink(), {}, "the source or its labels"),
    "labels": (lambda s: None, {"labels": "none"}, "the source or its labels changed"),
    "resolution": (lambda s: None, {"resolution": 4}, "resolution changed"),
    "two": (lambda s: None, {"channels": 1, "seed": 2}, "channels and seed changed"),
    "format": (lambda s: None, {"format": "nvidia"}, "format changed"),
}


@pytest.mark.parametrize(("change", "options", "words"), CHANGES.values(), ids=CHANGES)
def test_another_job_starts_afresh_and_says_why(change, options, words, source, tmp_path):
    dest = tmp_path / "made"
    start(source, dest, 9, resolution=8)
    change(source)
    messages, counted = resume(source, dest, **{"resolution": 8, **options})
    (line,) = messages
    assert line.startswith(f"{dest}: starting afresh")
    assert words in line
    assert counted[0] == 1
    sg.datasets.create(source, tmp_path / "b" / "made", **{"resolution": 8, **OPTIONS, **options})
    assert contents(dest) == contents(tmp_path / "b" / "made")


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"job": {}}', "cut"])
def test_damaged_leftovers_start_afresh(damage, source, tmp_path):
    start(source, tmp_path / "made", 9)
    left = tmp_path / ".made.unfinished"
    if damage == "cut":
        (left / "00000.tmp").write_bytes(b"")
    else:
        (left / "state.json").write_text(damage)
    (line,), counted = resume(source, tmp_path / "made")
    assert "starting afresh" in line
    assert counted[0] == 1
    assert len(stored(tmp_path / "made")) == 20


def test_nothing_is_left_of_a_run_that_met_an_error(source, tmp_path):
    start(source, tmp_path / "deep" / "made", 9)
    start(source, tmp_path / "deep" / "made", 15, ZeroDivisionError)
    assert list((tmp_path / "deep").iterdir()) == []


def test_nothing_is_left_of_a_run_that_was_stopped_at_once(source, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(conversion, "ordered_map", stop)
    with pytest.raises(KeyboardInterrupt):
        sg.datasets.create(source, tmp_path / "deep" / "made", **OPTIONS)
    assert not (tmp_path / "deep").exists()


def test_bad_images_are_all_named_by_the_run_that_ends_it(source, tmp_path):
    start(source, tmp_path / "made", 21, skip_bad=False)
    with pytest.raises(sg.datasets.BadImages) as caught:
        sg.datasets.create(source, tmp_path / "made", **{**OPTIONS, "skip_bad": False})
    bad, worse = caught.value.lines
    assert "1/bad.png" in bad
    assert "2/worse.png" in worse
    assert list(tmp_path.iterdir()) == [source]


def test_two_at_a_time_are_refused(source, tmp_path):
    def second(done, total):
        if done == 1:
            with pytest.raises(sg.datasets.DatasetError, match="being made by another"):
                sg.datasets.create(source, tmp_path / "made", **OPTIONS)

    dataset = sg.datasets.create(source, tmp_path / "made", progress=second, **OPTIONS)
    assert dataset.num_images == 20


@pytest.mark.parametrize("count", [60, 200])
def test_what_is_in_flight_does_not_grow_with_the_source(count, tmp_path, monkeypatch):
    source = write(tmp_path / "source", several(count))
    lock, taken, written, most = threading.Lock(), [0], [0], [0]
    prepare = conversion.prepare

    def counting(data, target):
        with lock:
            taken[0] += 1
            most[0] = max(most[0], taken[0] - written[0])
        return prepare(data, target)

    def progress(done, total):
        written[0] = done

    monkeypatch.setattr(conversion, "prepare", counting)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2})
    sg.datasets.create(source, tmp_path / "made", progress=progress)
    assert taken[0] == count
    assert 3 <= most[0] <= 3 * 4 + 1  # four a core, and the one being written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_command_and_the_same_command_resumes(number, tmp_path):
    source = write(tmp_path / "source", several(300))
    names = [str(source), str(tmp_path / "made")]
    slow = (
        "import time; from stylegan_tf.datasets import conversion; prepare = conversion.prepare\n"
        "def slowly(*a):\n    time.sleep(0.05)\n    return prepare(*a)\n"
        "conversion.prepare = slowly; conversion.SAVE_SECONDS = 0\n"
    )
    arguments = [sys.executable, "-c", slow + COMMAND, "dataset", "create", *names]
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
    state = tmp_path / ".made.unfinished" / "state.json"
    for _ in range(1200):
        if state.exists() or process.poll() is not None:
            break
        time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 75, err
    assert err.splitlines()[-1] == "stopped: the same command resumes from here"
    done = json.loads(state.read_text())["done"]
    assert 0 < done < 300
    messages, counted = [], []
    progress = lambda done, total: counted.append(done)  # noqa: E731
    sg.datasets.create(*names, channels=3, say=messages.append, progress=progress)
    assert counted[0] == done + 1, messages
    sg.datasets.create(source, tmp_path / "b" / "made")
    assert contents(tmp_path / "made") == contents(tmp_path / "b" / "made")
