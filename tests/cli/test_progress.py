"""Progress counts the time of this run, and what this run has done."""

import sys
import time

from stylegan_tf.cli.progress import progress_of


def shown(capsys, monkeypatch, calls) -> list[str]:
    """The lines for calls of (time in seconds, done, total)."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with progress_of("working") as update:
        for seconds, done, total in calls:
            now[0] = seconds
            update(done, total)
    return capsys.readouterr().err.splitlines()


def test_a_line_every_few_seconds_says_how_fast_and_how_long(capsys, monkeypatch):
    lines = shown(capsys, monkeypatch, [(1, 1, 100), (4, 9, 100), (10, 20, 100), (11, 21, 100)])
    assert lines == ["working: 20 of 100, 2 images/s, 40 s left"]


def test_what_an_earlier_run_has_done_is_not_counted_as_speed(capsys, monkeypatch):
    lines = shown(capsys, monkeypatch, [(1, 901, 1000), (10, 920, 1000)])
    assert lines == ["working: 920 of 1000, 2 images/s, 40 s left"]


def test_the_bar_of_a_terminal_starts_where_an_earlier_run_ended(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress_of("working") as update:
        update(901, 1000)
        update(902, 1000)
