"""`sg.load`: a `.keras` file or a run directory in, a generator out."""

import pytest

import stylegan_tf as sg
import tiny
from compare import assert_close


@pytest.fixture(scope="module")
def generator():
    return tiny.generator(resolution=4)


def images(generator):
    return generator(tiny.latents(), noise="constant")


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["str", "Path"])
def test_a_file(generator, kind, tmp_path):
    generator.save(tmp_path / "g.keras")
    loaded = sg.load(kind(tmp_path / "g.keras"))
    assert type(loaded) is sg.Generator
    assert_close(images(loaded), images(generator), 1e-6)


def test_the_newest_snapshot_of_a_run(generator, tmp_path):
    for kimg in ("000000", "000200", "001000"):
        network = generator if kimg == "001000" else sg.Generator(resolution=4, fmap_max=2)
        network.save(tmp_path / f"network-snapshot-{kimg}.keras")
    (tmp_path / "fakes001200.png").touch()
    assert_close(images(sg.load(tmp_path)), images(generator), 1e-6)


@pytest.mark.parametrize("folder", ["run", "faces [32px]"])
def test_a_snapshot_cut_short_is_passed_over(generator, folder, tmp_path):
    run = tmp_path / folder
    run.mkdir()
    generator.save(run / "network-snapshot-000001.keras")
    generator.save(run / "network-snapshot-000001_250.keras")
    newest = run / "network-snapshot-000001_250.keras"
    newest.write_bytes(newest.read_bytes()[:-1000])
    with pytest.warns(UserWarning, match=r"000001_250.keras is damaged; .*000001.keras, the new"):
        assert_close(images(sg.load(run)), images(generator), 1e-6)


def test_a_run_without_snapshots(tmp_path):
    with pytest.raises(ValueError, match="holds no network-snapshot-….keras"):
        sg.load(tmp_path)


def test_nothing_there(tmp_path):
    with pytest.raises(ValueError, match="g.keras does not exist; give a run directory"):
        sg.load(tmp_path / "g.keras")


def test_a_file_of_another_kind(tmp_path):
    (tmp_path / "g.h5").touch()
    with pytest.raises(ValueError, match="g.h5 is not a run directory and not a .keras or .pkl"):
        sg.load(tmp_path / "g.h5")


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04 broken"])
def test_a_damaged_file(content, tmp_path):
    path = tmp_path / "g.keras"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="g.keras cannot be read as a Keras model: .") as error:
        sg.load(path)
    assert "\n" not in str(error.value)


def test_a_file_cut_short(generator, tmp_path):
    path = tmp_path / "g.keras"
    generator.save(path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ValueError, match="g.keras cannot be read as a Keras model"):
        sg.load(path)


def test_another_network(tmp_path):
    tiny.discriminator(resolution=4).save(tmp_path / "d.keras")
    with pytest.raises(ValueError, match="d.keras holds a Discriminator, not a generator"):
        sg.load(tmp_path / "d.keras")
