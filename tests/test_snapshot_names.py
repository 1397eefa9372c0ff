"""Names of snapshots: whole thousands as ever, and to the image where ticks are shorter."""

import random

import pytest

from stylegan_tf.snapshot_names import PREFIX, SUFFIX, is_exact, kimg_of, moment, newest_first


@pytest.mark.parametrize(
    ("kimg", "rounded", "exact"),
    [
        (0, "000000", "000000"),
        (1, "000001", "000001"),
        (0.256, "000000", "000000_256"),
        (2.8, "000003", "000002_800"),
        (25.008, "000025", "000025_008"),
        (1000000.5, "1000000", "1000000_500"),
    ],
)
def test_a_moment_stands_in_names(kimg, rounded, exact):
    assert moment(kimg, is_exact=False) == rounded
    assert moment(kimg, is_exact=True) == exact
    assert kimg_of(f"{PREFIX}{exact}{SUFFIX}") == kimg
    assert is_exact(f"{PREFIX}{exact}{SUFFIX}") == (kimg % 1 != 0)


def test_names_are_unique_and_in_the_order_of_time(tmp_path):
    names = [f"{PREFIX}{moment(images / 1000, True)}{SUFFIX}" for images in range(0, 4000, 8)]
    assert sorted(set(names)) == names
    chosen = random.Random(0).sample(names, 20)
    for name in chosen:
        (tmp_path / name).touch()
    (tmp_path / "network-snapshot-best.keras").touch()  # somebody's copy
    assert [path.name for path in newest_first(tmp_path)] == sorted(chosen, reverse=True)


def test_other_names_have_no_moment():
    assert kimg_of("network-best.keras") is None
