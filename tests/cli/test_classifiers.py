"""`stylegan-tf classifiers`."""

import pytest

from command_line import refused
from image_files import noise, several, write
from stylegan_tf.cli import main
from stylegan_tf.datasets import create
from stylegan_tf.metrics.classifiers import load


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """40 images of 8×8 in two folders."""
    folder = tmp_path_factory.mktemp("data")
    files = {f"{'ab'[n % 2]}/{n}.png": noise(8, seed=n) for n in range(40)}
    return create(write(folder / "source", files), folder / "made", labels="folders").path


def test_it_trains_tells_how_good_they_are_and_writes_a_file(data, tmp_path, capsys):
    out = tmp_path / "c.keras"
    main(["classifiers", str(data), "--out", str(out), "--kimg", "0.3"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "right about 4 images that were held out:"
    assert [line.split()[0] for line in lines[1:3]] == ["a", "b"]
    assert "(without looking " in lines[1]
    assert lines[3] == f"{out}: 2 attributes"
    result = load(out)
    assert result.names == ["a", "b"]
    assert result.network.width == 2
    assert [*tmp_path.iterdir()] == [out]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--out", "c.h5"], "--out c.h5 must end in .keras"),
        (["--out", "no/c.keras"], "--out no/c.keras: there is no folder no"),
        (["--out", "c.keras", "--resolution", "12"], "resolution 12 is not a power of two"),
        (["--out", "c.keras", "--kimg", "-1"], "kimg is -1.0; it must be more than 0"),
        ([], "Missing option '--out'"),
    ],
)
def test_what_cannot_be_done_is_refused(data, tmp_path, monkeypatch, capsys, options, reason):
    monkeypatch.chdir(tmp_path)
    assert reason in refused(capsys, "classifiers", data, *options)
    assert not [*tmp_path.iterdir()]


def test_a_dataset_without_labels_is_refused(tmp_path, capsys):
    create(write(tmp_path / "source", several(12)), tmp_path / "plain")
    line = refused(capsys, "classifiers", tmp_path / "plain", "--out", tmp_path / "c.keras")
    assert "plain has no labels to learn" in line
    assert not (tmp_path / "c.keras").exists()
