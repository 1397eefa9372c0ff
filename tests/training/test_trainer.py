"""The training loop: what a run leaves behind, and resuming it."""

import gc
import os
import signal
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import runs
import stylegan_tf as sg
from devices import same_order_every_time
from stylegan_tf.cli.process import SIGNALS, signals_call
from stylegan_tf.training.config import Config
from stylegan_tf.training.run_dir import RunDir

MEASURED = {"sec_per_kimg", "images_per_sec", "seconds", "peak_memory_mb"}  # never twice the same


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run from beginning to end."""
    session = runs.session(tmp_path_factory.mktemp("whole"))
    assert session.train()
    return session


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of which all is there but the learning."""
    return runs.finished(tmp_path_factory.mktemp("finished"))


@pytest.fixture(scope="module")
def resumed(tmp_path_factory):
    """The same run, but with a SIGTERM in the middle of the fade and of a tick."""
    before = handlers()
    session = runs.session(tmp_path_factory.mktemp("resumed"))
    with pytest.MonkeyPatch.context() as patch, signals_call(session.stop):
        runs.stop_at(patch, 0.04, lambda trainer: os.kill(os.getpid(), signal.SIGTERM))
        assert not session.train()
    kimg, rows = session.trainer.kimg, session.run.stats
    stopped = SimpleNamespace(kimg=kimg, state=session.trainer.schedule.at(kimg), rows=rows)
    session = runs.resumed(session.output.run_dir)
    session.train()
    return SimpleNamespace(session=session, stopped=stopped, handlers=(before, handlers()))


def handlers() -> dict[int, object]:
    """What signals do."""
    return {number: signal.getsignal(number) for number in SIGNALS}


def numbers(rows: list[dict]) -> list[dict]:
    """What a run must repeat."""
    return [{key: row[key] for key in row.keys() - MEASURED} for row in rows]


def test_a_signal_stops_a_run_after_the_step(resumed):
    assert resumed.stopped.kimg == 0.04
    assert resumed.stopped.state.resolution == 8
    assert resumed.stopped.state.fade == 0.5
    assert [row["kimg"] for row in resumed.stopped.rows] == [0.016, 0.032]


def test_two_runs_with_one_seed_give_the_same_numbers(whole, resumed):
    assert numbers(whole.run.stats)[:2] == numbers(resumed.stopped.rows)


@same_order_every_time
def test_a_resumed_run_gives_the_numbers_of_the_unbroken_one(whole, resumed):
    assert numbers(resumed.session.run.stats) == numbers(whole.run.stats)


@same_order_every_time
@pytest.mark.parametrize("name", ["generator", "discriminator", "generator_ema"])
def test_a_resumed_run_ends_with_the_weights_of_the_unbroken_one(whole, resumed, name):
    sessions = (whole, resumed.session)
    networks = (getattr(one.trainer.networks, name).get_weights() for one in sessions)
    for expected, result in zip(*networks, strict=True):
        np.testing.assert_array_equal(result, expected)


def test_signals_do_what_they_did_after_a_run(resumed):
    before, after = resumed.handlers
    assert before == after


def test_a_resolution_is_traced_once(whole):
    counts = {
        size: compiled.experimental_get_tracing_count()
        for size, compiled in whole.trainer.step.compiled.items()
    }
    assert counts == {4: 1, 8: 1}


def test_growing_follows_the_schedule(finished):
    rows = finished.run.stats
    result = [(row["tick"], row["kimg"], row["resolution"], row["fade"]) for row in rows]
    assert result == [  # of the last call in each tick
        (0, 0.016, 4, 1.0),
        (1, 0.032, 4, 1.0),  # at its beginning, 24 images, the fade had not begun
        (2, 0.048, 8, 0.5),
        (3, 0.064, 8, 1.0),
        (4, 0.08, 8, 1.0),
    ]


def test_statistics_have_the_promised_keys_and_are_numbers(whole):
    promised = """tick kimg resolution fade batch sec_per_kimg images_per_sec loss_g loss_d
        real_logit fake_logit r1 peak_memory_mb skipped_updates learning_rate seconds"""
    for row in whole.run.stats:
        assert row.keys() == set(promised.split())
        assert all(np.isfinite(value) for value in row.values())


def test_a_run_directory_holds_what_is_promised(finished):
    folder = finished.run.path
    names = {path.name for path in folder.iterdir()}
    fixed = {"config.json", "log.txt", "stats.jsonl", "reals.png", "checkpoints"}
    assert fixed <= names
    assert {"fakes000000.png", "fakes000000_032.png", "network-snapshot-000000_032.keras"} <= names
    assert any(name.startswith("events.out.tfevents") for name in names)
    assert not any(name.startswith(".") for name in names)


def test_only_the_newest_checkpoints_are_kept(finished):
    kept = sorted(path.name for path in finished.output.run_dir.checkpoints.glob("*.index"))
    assert kept == ["ckpt-2.index", "ckpt-3.index"]


def test_grids_have_the_configured_shape(finished):
    for name in ("reals.png", "fakes000000.png"):
        with Image.open(finished.run.path / name) as image:
            assert (image.size, image.mode) == ((3 * 64, 2 * 64), "RGB")


def test_the_configuration_of_a_run_repeats_it(finished):
    stored = Config.from_file(finished.run.path / "config.json")
    assert stored == runs.config()


def test_the_log_has_a_line_for_each_tick(finished):
    lines = finished.output.run_dir.log.read_text().splitlines()
    ticks = [line for line in lines if line.startswith("tick")]
    assert len(ticks) == len(finished.run.stats)


def test_a_snapshot_is_the_averaged_generator(finished):
    loaded = sg.load(finished.run.path)
    z = tf.random.stateless_normal([3, 8], [1, 2])
    expected = finished.trainer.networks.generator_ema(z, truncation_psi=0.5, noise="constant")
    result = loaded(z, truncation_psi=0.5, noise="constant")
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-6)


def test_resuming_writes_the_lines_of_an_unfinished_tick_once(resumed):
    ticks = [row["tick"] for row in resumed.session.run.stats]
    assert ticks == [0, 1, 2, 3, 4]


def test_a_run_without_a_checkpoint_cannot_be_resumed(tmp_path):
    session = runs.session(tmp_path)
    with pytest.raises(ValueError, match="holds no checkpoint yet"):
        runs.resumed(session.output.run_dir)


def test_a_checkpoint_of_other_networks_is_refused(finished, tmp_path, caplog):
    other = runs.session(tmp_path, generator={"fmap_max": 4}).output.run_dir
    for path in finished.output.run_dir.checkpoints.iterdir():
        other.checkpoints.mkdir(exist_ok=True)
        (other.checkpoints / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ValueError, match="does not fit this configuration") as caught:
        runs.resumed(other)
    assert "\n" not in str(caught.value)
    gc.collect()  # TensorFlow warns of a half-read checkpoint where it is deleted
    assert "checkpoint" not in caplog.text


def test_a_finished_run_has_nothing_to_resume(finished):
    session = runs.resumed(RunDir(finished.run.path))
    assert session.train()
    assert session.trainer.kimg == 0.08
    assert not session.trainer.step.compiled
