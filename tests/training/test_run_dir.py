"""Run directories: numbered, found again, added to."""

import pytest

from stylegan_tf import json_lines
from stylegan_tf.training.config import Config
from stylegan_tf.training.run_dir import RunDir


def create(outdir, description="cats") -> RunDir:
    """A new run directory."""
    return RunDir.create(outdir, description, Config(seed=5))


def test_runs_are_numbered(tmp_path):
    outdir = tmp_path / "new" / "runs"
    names = [create(outdir).path.name, create(outdir, "dogs").path.name]
    assert names == ["00000-cats", "00001-dogs"]


def test_a_number_is_never_used_again(tmp_path):
    (tmp_path / "00007-old").mkdir()
    (tmp_path / "notes").mkdir()
    assert create(tmp_path).path.name == "00008-cats"


def test_a_run_knows_its_configuration(tmp_path):
    assert RunDir.find(str(create(tmp_path).path), tmp_path).config() == Config(seed=5)


def test_latest_is_the_highest_number(tmp_path):
    for description in ("z", "b", "a"):
        create(tmp_path, description)
    assert RunDir.find("latest", tmp_path).path.name == "00002-a"


@pytest.mark.parametrize("name", ["latest", "nowhere"])
def test_a_run_that_is_not_there_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=f"--resume {name}"):
        RunDir.find(name, tmp_path)


def test_a_folder_without_a_configuration_is_no_run(tmp_path):
    (tmp_path / "00000-x").mkdir()
    with pytest.raises(ValueError, match=r"no run directory \(no config.json\)"):
        RunDir.find(str(tmp_path / "00000-x"), tmp_path)


def test_lines_come_back_as_written_and_are_dropped_from_a_tick_on(tmp_path):
    run = create(tmp_path)
    assert run.rows() == []
    rows = [{"tick": tick, "kimg": tick / 10} for tick in range(4)]
    for row in rows:
        json_lines.append(run.stats, row)
    assert run.rows() == rows
    run.rewind(2)
    assert run.rows() == rows[:2]


def test_a_line_that_was_cut_off_does_not_keep_a_run_from_going_on(tmp_path):
    run = create(tmp_path)
    json_lines.append(run.stats, {"tick": 0})
    with run.stats.open("a") as file:
        file.write('{"tick": 1, "ki')
    run.rewind(1)
    json_lines.append(run.stats, {"tick": 1})
    assert run.rows() == [{"tick": 0}, {"tick": 1}]


def test_numbers_are_added_to_the_line_of_a_tick(tmp_path):
    run = create(tmp_path)
    for tick in range(3):
        json_lines.append(run.stats, {"tick": tick, "kimg": 5.0})
    run.add_to_tick(1, {"fid50k": 7.5})
    assert run.rows()[1] == {"tick": 1, "kimg": 5.0, "fid50k": 7.5}
    assert [len(row) for row in run.rows()] == [2, 3, 2]


def test_paths_hold_the_images_shown_in_thousands(tmp_path):
    run = create(tmp_path)
    assert run.snapshot(1234.4).name == "network-snapshot-001234.keras"
    assert run.fakes(25000).name == "fakes025000.png"


def short(outdir, **tables) -> RunDir:
    """A run whose ticks are shorter than a thousand images."""
    return RunDir.create(outdir, "cats", Config().replace(tables))


@pytest.mark.parametrize(
    "tables", [{"schedule.tick_kimg_base": 0.2}, {"schedule.tick_kimg": {8: 0.5}}]
)
def test_paths_hold_the_images_where_ticks_are_short(tables, tmp_path):
    run = short(tmp_path, **tables)
    names = [run.snapshot(kimg).name for kimg in (0.256, 0.512, 1, 1.5)]
    assert names == [
        f"network-snapshot-{moment}.keras"
        for moment in ("000000_256", "000000_512", "000001", "000001_500")
    ]
    assert run.fakes(0).name == "fakes000000.png"
    assert run.fakes(0.256).name == "fakes000000_256.png"


def test_a_run_that_was_made_longer_by_less_keeps_the_snapshot_before(tmp_path):
    run = create(tmp_path)
    json_lines.append(run.stats, {"tick": 0, "kimg": 0.256})
    assert run.snapshot(0.256).name == "network-snapshot-000000.keras"
    assert run.snapshot(0.448).name == "network-snapshot-000000_448.keras"
