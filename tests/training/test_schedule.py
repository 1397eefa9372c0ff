"""When the networks grow, and by what batches and learning rates."""

import json
import math

import pytest

import published
from stylegan_tf.training.config import Config, ScheduleConfig
from stylegan_tf.training.schedule import Schedule, ScheduleState, Stage

FFHQ = Config.published(8).schedule
# Two resolutions above the first, 2 kimg stable and 4 kimg fading each.
SHORT = ScheduleConfig(total_kimg=20, start_resolution=8, stable_kimg=2, fade_kimg=4)


def lod(state: ScheduleState, full: int = 1024) -> float:
    """The published level of detail: 0 at the full resolution, 1 at half of it."""
    return math.log2(full / state.resolution) + 1 - state.fade


@pytest.mark.parametrize("gpus", [1, 2, 4, 8])
def test_schedule_is_the_published_one(gpus):
    rows = json.loads(published.reference("schedule.json").read_text())
    schedule = Schedule(Config.published(gpus).schedule, 1024)
    for row in rows[f"stylegan_ffhq1024_{gpus}gpu"]:
        state = schedule.at(row["nimg"] / 1000)
        assert lod(state) == pytest.approx(row["lod"], abs=1e-9)
        assert row["G_lrate"] == row["D_lrate"]
        result = (state.resolution, state.batch, state.learning_rate, state.tick_kimg)
        assert result == (row["resolution"], row["minibatch"], row["G_lrate"], row["tick_kimg"])


@pytest.mark.parametrize(
    ("kimg", "expected"),
    [
        # Paper, appendix C: 8×8 first, then 600 kimg at a resolution, 600 fading in the next.
        (0, ScheduleState(8, 1.0, 256, 0.001, 140)),
        (600, ScheduleState(8, 1.0, 256, 0.001, 140)),
        (750, ScheduleState(16, 0.25, 128, 0.001, 120)),
        (1200, ScheduleState(16, 1.0, 128, 0.001, 120)),
        (2100, ScheduleState(32, 0.5, 64, 0.001, 100)),
        (4500, ScheduleState(128, 0.5, 32, 0.0015, 60)),
        (25000, ScheduleState(1024, 1.0, 32, 0.003, 20)),
    ],
)
def test_rows_of_the_paper(kimg, expected):
    assert Schedule(FFHQ, 1024).at(kimg) == expected


def test_stages_follow_each_other_to_the_end():
    assert Schedule(SHORT, 32).stages() == [
        Stage(8, False, 0, 2),
        Stage(16, True, 2, 6),
        Stage(16, False, 6, 8),
        Stage(32, True, 8, 12),
        Stage(32, False, 12, 20),
    ]


def test_a_short_run_stops_in_the_middle_of_a_stage():
    config = ScheduleConfig(total_kimg=5, start_resolution=8, stable_kimg=2, fade_kimg=4)
    assert Schedule(config, 32).stages() == [Stage(8, False, 0, 2), Stage(16, True, 2, 5)]


@pytest.mark.parametrize(
    ("kimg", "resolution", "fade", "start"),
    [
        (2, 8, 1, 0),
        (2.001, 16, 0.00025, 2),
        (5.999, 16, 0.99975, 2),
        (6, 16, 1, 2),
        (6.001, 16, 1, 6),
        (8, 16, 1, 6),
        (99, 32, 1, 12),
    ],
)
def test_a_border_belongs_to_the_stage_before(kimg, resolution, fade, start):
    schedule = Schedule(SHORT, 32)
    state = schedule.at(kimg)
    assert (state.resolution, state.fade) == (resolution, pytest.approx(fade))
    stage = schedule.stage(kimg)
    assert (stage.resolution, stage.start_kimg) == (resolution, start)


def test_fade_is_never_zero():
    schedule = Schedule(SHORT, 32)
    fades = [schedule.at(n / 100).fade for n in range(2000)]
    assert 0 < min(fades) < max(fades) == 1


def test_without_fading_resolutions_jump():
    config = ScheduleConfig(total_kimg=9, start_resolution=4, stable_kimg=2, fade_kimg=0)
    schedule = Schedule(config, 16)
    assert [schedule.at(kimg).resolution for kimg in (0, 1.9, 2, 4)] == [4, 4, 8, 16]
    assert [(one.resolution, one.fading) for one in schedule.stages()] == [
        (4, False),
        (8, False),
        (16, False),
    ]


def test_start_at_the_full_resolution_is_one_stage():
    schedule = Schedule(ScheduleConfig(start_resolution=64, total_kimg=7), 64)
    assert schedule.stages() == [Stage(64, False, 0, 7)]
    assert {schedule.at(kimg).resolution for kimg in (0, 3, 600, 5000)} == {64}


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("total_kimg", 0, "schedule.total_kimg"),
        ("batch_base", -4, "schedule.batch_base"),
        ("learning_rate_base", 0, "schedule.learning_rate_base"),
        ("tick_kimg_base", 0, "schedule.tick_kimg_base"),
        ("minibatch_repeats", 0, "schedule.minibatch_repeats"),
        ("stable_kimg", -1, "schedule.stable_kimg"),
        ("fade_kimg", -1, "schedule.fade_kimg"),
        ("ema_kimg", 0, "schedule.ema_kimg"),
        ("ema_kimg", -1, "schedule.ema_kimg"),
        ("w_avg_beta", 1.5, "schedule.w_avg_beta"),
        ("start_resolution", 64, "schedule.start_resolution"),
        ("start_resolution", 12, "schedule.start_resolution"),
        ("batch", {8: 0}, "schedule.batch.8"),
        ("batch", {9: 4}, "schedule.batch"),
        ("learning_rate", {16: -0.1}, "schedule.learning_rate.16"),
        ("tick_kimg", {16: 0}, "schedule.tick_kimg.16"),
    ],
)
def test_a_bad_value_is_refused_by_its_key(key, value, named):
    with pytest.raises(ValueError, match=named):
        Schedule(ScheduleConfig(**{key: value}), 32)


def test_no_time_for_growing_is_refused():
    with pytest.raises(ValueError, match="stable_kimg and schedule.fade_kimg"):
        Schedule(ScheduleConfig(stable_kimg=0, fade_kimg=0), 32)


@pytest.mark.parametrize("gpus", [3, 5, 6, 7, 16])
def test_other_numbers_of_gpus_share_every_batch_evenly(gpus):
    schedule = Config.published(gpus).schedule
    batches = [*schedule.batch.values(), schedule.batch_base]
    assert all(batch % (4 * gpus) == 0 for batch in batches)
