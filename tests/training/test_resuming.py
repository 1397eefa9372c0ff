"""Resuming a run that was moved, damaged, or is to go on otherwise. Nothing is computed here."""

import pytest
import tensorflow as tf

import runs
import stylegan_tf as sg
from random_images import RandomImages
from stylegan_tf.training import changes, start, trainer
from stylegan_tf.training.config import Config
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.settings import keys
from stylegan_tf.training.step import TrainStep


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    """A step that computes nothing."""
    zeros = dict.fromkeys(statistics(runs.config().loss), tf.constant(0.0))
    monkeypatch.setattr(TrainStep, "__call__", lambda *_: zeros)


def images(path="images", fingerprint="a") -> RandomImages:
    """Images in memory that say which ones they are."""
    dataset = RandomImages(8, path=path)
    dataset.fingerprint = fingerprint
    return dataset


def train(folder, config=None, **arguments) -> sg.training.Run:
    return sg.training.train(config, images(), outdir=folder, **arguments)


def log(run) -> list[str]:
    return (run.path / "log.txt").read_text().splitlines()


@pytest.fixture
def begun(tmp_path):
    """The directory of a run that has begun; jobs of the next tests are described, not done."""
    config = runs.config(data={"fingerprint": "a", "path": str(tmp_path / "images")})
    return RunDir.create(tmp_path, "x", config)


def resume(run, data=None, allow_change=False, **settings) -> start.Job:
    """The job of resuming it with other settings, or with images that are open already."""
    config = run.config().replace(settings)
    return start.resumed_from(run.path, run.path.parent, config, data or images(), allow_change)


def test_the_same_images_may_be_elsewhere(begun):
    job = resume(begun, images("elsewhere"))
    assert job.plan.config.data.path.endswith("elsewhere")
    assert [change.key for change in job.changes] == ["data.path"]


def test_other_images_need_leave(begun):
    with pytest.raises(ValueError, match=r"was started with other images .*--allow-change"):
        resume(begun, images(fingerprint="b"))
    job = resume(begun, images(fingerprint="b"), allow_change=True)
    assert job.plan.config.data.fingerprint == "b"


def test_a_run_of_before_there_were_fingerprints_is_resumed(begun):
    begun.write_config(begun.config().replace({"data.fingerprint": None}))
    assert resume(begun, images("elsewhere")).plan.config.data.fingerprint == "a"


def test_images_that_are_gone_are_said_to_be(begun):
    with pytest.raises(ValueError, match=r"images, the images of the run, is gone; give --data"):
        start.resumed(str(begun.path), begun.path.parent, None, {})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schedule.total_kimg", 9.0),
        ("schedule.tick_kimg_base", 0.008),
        ("output.snapshot_ticks", 1),
        ("output.grid_columns", 2),
        ("output.keep_checkpoints", 1),
        ("metrics.names", ["fid50k"]),
        ("strategy", "mirrored"),
    ],
)
def test_what_does_not_change_the_mathematics_is_accepted(key, value, begun):
    changed = [
        change for change in resume(begun, **{key: value}).changes if "path" not in change.key
    ]
    assert [(change.key, change.after) for change in changed] == [(key, value)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", 1),
        ("data.mirror", True),
        ("loss.name", "hinge"),
        ("augment.options", {"x": 1}),
        ("generator.fmap_max", 4),
        ("optimizer.beta_1", 0.5),
        ("schedule.batch_base", 8),
        ("schedule.batch", {4: 8}),
        ("precision", "mixed_float16"),
    ],
)
def test_what_changes_the_mathematics_needs_leave(key, value, begun):
    with pytest.raises(ValueError, match=rf"{key} is .*, but .* was started with .*--allow-change"):
        resume(begun, **{key: value})
    if key != "augment.options":  # that augmentation has none
        job = resume(begun, allow_change=True, **{key: value})
        assert (key, value) in [(change.key, change.after) for change in job.changes]


def test_the_table_of_changes_has_every_key():
    assert list(changes.CHANGES_MATHEMATICS) == keys(Config())
    assert changes.PARTS.keys() <= changes.CHANGES_MATHEMATICS.keys()
    assert [key for key, _ in Config().leaves()] == keys(Config())


def test_changes_are_recorded_and_what_does_not_fit_starts_anew(tmp_path):
    half = runs.config(schedule={"total_kimg": 0.032})
    run = train(tmp_path, half)
    others = {
        "optimizer.generator": "RMSprop",
        "loss.penalties": {"r2": 1.0},
        "precision": "mixed_float16",
        "output.keep_checkpoints": 1,
    }
    config = runs.config().replace(others)
    zeros = dict.fromkeys(statistics(config.loss), tf.constant(0.0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainStep, "__call__", lambda *_: zeros)
        resumed = train(tmp_path, config, resume=run.path, allow_change=True)
    assert [row["tick"] for row in resumed.stats] == [0, 1, 2, 3, 4]
    assert "changed   optimizer.generator: Adam → RMSprop" in log(run)
    assert "changed   output.keep_checkpoints: 2 → 1" in log(run)
    stored = Config.from_file(run.path / "config.json")
    assert stored.replace({"data.path": None, "data.fingerprint": None}) == config
    assert len(list((run.path / "checkpoints").glob("*.index"))) == 1


def test_a_damaged_checkpoint_is_passed_over_whatever_the_path(tmp_path):
    folder = tmp_path / "faces [32px]"
    run = train(folder, runs.config(output={"snapshot_ticks": 1}))
    newest = run.path / "checkpoints/ckpt-5.data-00000-of-00001"
    newest.write_bytes(newest.read_bytes()[:-100])
    train(folder, resume="latest")
    damaged, resumed_at = (line for line in log(run) if "ckpt-4" in line)
    assert damaged.endswith("; ckpt-4, the newest whole one, is taken")
    assert resumed_at == f"resumed at 0.064 kimg from {run.path}/checkpoints/ckpt-4"
    kept = sorted(path.name for path in (run.path / "checkpoints").glob("*.index"))
    assert kept == ["ckpt-4.index", "ckpt-5.index"]


def test_a_tick_that_is_resumed_is_timed_from_there_on(tmp_path, monkeypatch):
    """Stopped after the first of two calls of tick 1, of 8 images each."""
    with monkeypatch.context() as patch:
        runs.stop_at(patch, 0.024)
        train(tmp_path, runs.config())
    timed, tick_stats = [], trainer.tick_stats

    def note(networks, state, step_images, *seconds):
        timed.append(step_images)
        return tick_stats(networks, state, step_images, *seconds)

    monkeypatch.setattr(trainer, "tick_stats", note)
    train(tmp_path, resume="latest")
    assert timed == [8, 16, 16, 16]
