"""A run that has diverged: it ends, and what was healthy stays. Nothing is computed here."""

import math

import pytest
import tensorflow as tf

import runs
import stylegan_tf as sg
import tiny
from random_images import RandomImages
from stylegan_tf.metrics.evaluation import evaluate
from stylegan_tf.models.finite import check_finite, is_finite
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.step import TrainStep
from stylegan_tf.training.trainer import DivergedError, Trainer

UPDATES = 4.0  # of a call: two of each network


@pytest.fixture
def skipped(monkeypatch):
    """How many updates are skipped, by the images shown before; all from then on."""
    names = statistics(runs.config().loss)
    skips = {}

    def step(self, resolution, iterator, shown, *_):
        return {**dict.fromkeys(names, tf.constant(0.0)), "skipped": skips.get(shown, UPDATES)}

    monkeypatch.setattr(TrainStep, "__call__", step)
    return skips


def train(folder, **sections):
    return sg.training.train(
        runs.config(output={"snapshot_ticks": 1}, **sections), RandomImages(8), outdir=folder
    )


def checkpoints(folder):
    return sorted(path.name for path in folder.glob("*/checkpoints/*.index"))


def test_three_ticks_of_nothing_but_skips_end_a_run(tmp_path, skipped):
    skipped.update({0: 0.0, 8: 0.0})
    with pytest.raises(DivergedError, match=r"no update of the last 3 tick.*--allow-change") as end:
        train(tmp_path)
    assert "ckpt-1" in str(end.value)
    assert "\n" not in str(end.value)
    (run,) = tmp_path.iterdir()
    assert len((run / "stats.jsonl").read_text().splitlines()) == 4
    assert checkpoints(tmp_path) == ["ckpt-1.index"]
    assert [path.name for path in run.glob("*.keras")] == ["network-snapshot-000000_016.keras"]


def test_a_run_that_ends_so_is_no_success(tmp_path, skipped):
    skipped.update(dict.fromkeys(range(0, 64, 8), 0.0))
    with pytest.raises(DivergedError, match="last 1 tick"):
        train(tmp_path)
    assert checkpoints(tmp_path) == ["ckpt-3.index", "ckpt-4.index"]


def test_a_run_that_never_learned_has_no_checkpoint(tmp_path, skipped):
    with pytest.raises(DivergedError, match="in a new run"):
        train(tmp_path)


def test_loss_scaling_may_still_find_its_scale(tmp_path, skipped):
    skipped[72] = 0.0
    assert len(train(tmp_path, precision="mixed_float16").stats) == 5


def test_networks_that_are_not_finite_are_not_saved(tmp_path, skipped, monkeypatch):
    skipped.update(dict.fromkeys(range(0, 80, 8), 0.0))
    run_step = Trainer._run_step

    def break_one(trainer, state):
        run_step(trainer, state)
        if trainer.kimg == 0.04:
            weight = trainer.networks.generator_ema.trainable_variables[0]
            weight.assign(weight * math.nan)

    monkeypatch.setattr(Trainer, "_run_step", break_one)
    run = train(tmp_path)
    assert checkpoints(tmp_path) == ["ckpt-1.index", "ckpt-2.index"]
    assert is_finite(sg.load(run.path))
    assert is_finite(sg.Pipeline.from_pretrained(run.path).discriminator)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_network_that_is_not_finite_is_refused(value, tmp_path):
    generator = tiny.generator(resolution=4)
    check_finite(generator, "it")
    generator.w_avg.assign(generator.w_avg + value)
    with pytest.raises(ValueError, match="it has weights that are not finite .*w_avg"):
        check_finite(generator, "it")
    with pytest.raises(ValueError, match="not finite .*take an earlier snapshot"):
        evaluate(generator, None, ["ppl_wend"])
    generator.save(tmp_path / "g.keras")
    with pytest.raises(ValueError, match="g.keras has weights that are not finite"):
        sg.Pipeline.from_pretrained(tmp_path / "g.keras")
    assert not is_finite(sg.load(tmp_path / "g.keras"))
