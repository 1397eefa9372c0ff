"""Checkpoints of a run: the newest whole one is found, whatever the path and the damage."""

import pytest
import tensorflow as tf

from stylegan_tf import checkpoints

DATA, INDEX = ".data-00000-of-00001", ".index"


def saved(run, count=3, keep=3):
    """A run with checkpoints of a variable that is 1, 2, …"""
    run.mkdir(exist_ok=True)
    objects = tf.train.Checkpoint(x=tf.Variable(tf.zeros([1000])))
    manager = checkpoints.manager(run, objects, keep)
    for number in range(count):
        objects.x.assign(tf.fill([1000], number + 1.0))
        manager.save()
    return objects


def part(run, number, suffix):
    return run / checkpoints.FOLDER / f"ckpt-{number}{suffix}"


@pytest.mark.parametrize("name", ["run", "faces [32px]", "all*", "who?"])
def test_old_ones_are_deleted_and_the_newest_is_read_whatever_the_path(name, tmp_path):
    run = tmp_path / name
    objects = saved(run, count=4, keep=2)
    kept = sorted(path.name for path in (run / checkpoints.FOLDER).glob("*.index"))
    assert kept == ["ckpt-3.index", "ckpt-4.index"]
    newest = checkpoints.newest(run)
    assert newest == run / checkpoints.FOLDER / "ckpt-4"
    objects.x.assign(tf.zeros([1000]))
    checkpoints.restore({"x": objects.x}, newest)
    assert objects.x[0] == 4
    assert checkpoints.read(newest, "x/.ATTRIBUTES/VARIABLE_VALUE")[0] == 4


def test_without_any_there_is_none(tmp_path):
    assert checkpoints.newest(tmp_path) is None
    (tmp_path / checkpoints.FOLDER).mkdir()
    assert checkpoints.newest(tmp_path) is None


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def change(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["run", "faces [32px]"])
@pytest.mark.parametrize("suffix", [DATA, INDEX])
@pytest.mark.parametrize("damage", [cut, change, lambda path: path.unlink()])
def test_a_damaged_one_is_passed_over_in_one_line(damage, suffix, name, tmp_path):
    run, lines = tmp_path / name, []
    saved(run)
    damage(part(run, 3, suffix))
    assert checkpoints.newest(run, lines.append) == run / checkpoints.FOLDER / "ckpt-2"
    (line,) = lines
    assert line.startswith(f"{run / checkpoints.FOLDER / 'ckpt-3'} is damaged (")
    assert line.endswith("; ckpt-2, the newest whole one, is taken")
    assert "\n" not in line


def test_all_damaged_is_refused(tmp_path):
    saved(tmp_path, count=2)
    for number in (1, 2):
        part(tmp_path, number, DATA).unlink()
    with pytest.raises(ValueError, match=r"ckpt-2 is damaged .* no whole one before it"):
        checkpoints.newest(tmp_path)


def test_the_file_of_what_there_is_is_not_needed(tmp_path):
    saved(tmp_path)
    (tmp_path / checkpoints.FOLDER / "checkpoint").unlink()
    assert checkpoints.newest(tmp_path).name == "ckpt-3"


def test_without_somebody_to_say_it_to_it_is_a_warning(tmp_path):
    saved(tmp_path)
    cut(part(tmp_path, 3, DATA))
    with pytest.warns(UserWarning, match="ckpt-2, the newest whole one, is taken"):
        checkpoints.newest(tmp_path)
