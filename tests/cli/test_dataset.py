"""`stylegan-tf dataset`: what it prints, and how it ends."""

import errno

import pytest

import stylegan_tf as sg
from image_files import encoded, noise, several, shards, write
from stylegan_tf.cli import main
from stylegan_tf.datasets.records import GrowingFile


@pytest.fixture
def source(tmp_path):
    return write(tmp_path / "source", {f"{n[1]}/{n}": p for n, p in several(4).items()})


def run(*arguments, capsys, code=0) -> tuple[list[str], list[str]]:
    """The lines on stdout and stderr of a command that must end with a code."""
    try:
        main(["dataset", *map(str, arguments)])
        ended = 0
    except SystemExit as exit_:
        ended = exit_.code or 0
    out, err = capsys.readouterr()
    assert ended == code, out + err
    return out.splitlines(), err.splitlines()


def test_create_says_what_it_made(source, tmp_path, capsys):
    out, err = run("create", source, tmp_path / "made", capsys=capsys)
    assert out[0] == f"{tmp_path}/made: 4 images, 8×8 RGB"
    assert "--labels folders" in out[1]
    assert err == []


def test_create_passes_its_options_on(source, tmp_path, capsys):
    made = tmp_path / "made"
    options = ["--resolution", 4, "--crop", "none", "--channels", 1, "--labels", "folders"]
    run("create", source, made, *options, "--seed", 3, capsys=capsys)
    out, _ = run("info", made, capsys=capsys)
    assert out[0] == f"{made}: 4 images, 4×4 grey"
    assert "labels: 4 (0, 1, 2, 3)" in out


def test_skip_bad_lists_what_it_left_out(source, tmp_path, capsys):
    write(source, {"0/bad.png": b"text", "1/deep.gif": encoded(noise(), "GIF")})
    out, err = run("create", source, tmp_path / "made", "--skip-bad", capsys=capsys)
    bad, deep = err
    assert "0/bad.png" in bad
    assert "1/deep.gif" in deep
    assert "GIF" in deep
    assert "4 images" in out[0]
    out, _ = run("info", tmp_path / "made", capsys=capsys)
    assert "skipped: 2 images when it was made" in out


def test_info_describes_a_dataset(source, tmp_path, capsys):
    run("create", source, tmp_path / "made", "--labels", "folders", capsys=capsys)
    out, err = run("info", tmp_path / "made", capsys=capsys)
    facts = dict(line.split(": ", 1) for line in out)
    assert facts.pop(str(tmp_path / "made")) == "4 images, 8×8 RGB"
    assert facts.pop("shards").startswith("2, 0.0 MB")
    assert facts.pop("labels") == "4 (0, 1, 2, 3)"
    assert facts.pop("fingerprint") == sg.datasets.open(tmp_path / "made").fingerprint
    assert (facts, err) == ({}, [])


def test_verify_of_a_good_dataset(source, tmp_path, capsys):
    run("create", source, tmp_path / "made", capsys=capsys)
    out, err = run("verify", tmp_path / "made", capsys=capsys)
    assert out == [f"{tmp_path}/made: 4 images, 8×8 RGB, no problems"]
    assert err == []


def test_verify_of_a_damaged_dataset_ends_with_1(source, tmp_path, capsys):
    run("create", source, tmp_path / "made", capsys=capsys)
    shards(tmp_path / "made")[0].unlink()
    out, _ = run("verify", tmp_path / "made", capsys=capsys, code=1)
    assert out == [f"{tmp_path}/made: shard-00000-of-00002.tfrecord is missing"]


def refused(*arguments, capsys, names):
    """Bad input: one line on stderr that names what it is about, nothing else, code 2."""
    out, err = run(*arguments, capsys=capsys, code=2)
    assert out == []
    (line,) = err
    assert line.startswith("stylegan-tf")
    assert names in line


BAD = {
    "text": ("bad.png", b"not an image"),
    "truncated": ("bad.jpg", encoded(noise(32), "JPEG")[:-200]),
    "GIF": ("bad.gif", encoded(noise(), "GIF")),
    "other size": ("bad.png", encoded(noise(16))),
}


@pytest.mark.parametrize(("name", "data"), BAD.values(), ids=BAD)
def test_a_bad_image_is_one_line(name, data, source, tmp_path, capsys):
    write(source, {name: data})
    refused("create", source, tmp_path / "made", capsys=capsys, names=name)
    assert list(tmp_path.iterdir()) == [source]


def test_many_bad_images_are_all_listed_with_the_reason(source, tmp_path, capsys):
    write(source, {f"0/bad{index}.png": b"text" for index in range(9)})
    out, err = run("create", source, tmp_path / "made", capsys=capsys, code=2)
    assert out == []
    reason = "is not a PNG, JPEG or WebP image"
    assert err[:9] == [f"bad: 0/bad{index}.png {reason}" for index in range(9)]
    assert len(err) == 10
    assert "9 of 13 images cannot be used" in err[9]
    assert list(tmp_path.iterdir()) == [source]


def test_the_format_of_nvidia_in_the_order_of_the_source(source, tmp_path, capsys):
    options = ["--format", "nvidia", "--no-shuffle", "--labels", "folders"]
    out, err = run("create", source, tmp_path / "made", *options, capsys=capsys)
    assert out == [f"{tmp_path}/made: 4 images, 8×8 RGB"]
    assert err == []
    names = {"made-r02.tfrecords", "made-r03.tfrecords", "made-rxx.labels"}
    assert {file.name for file in (tmp_path / "made").iterdir()} == names


def test_extract_says_what_it_made(source, tmp_path, capsys):
    run("create", source, tmp_path / "made", capsys=capsys)
    out, err = run("extract", tmp_path / "made", tmp_path / "files", capsys=capsys)
    assert out == [f"{tmp_path}/files: 4 images, 8×8 RGB"]
    assert err == []
    assert len(list((tmp_path / "files").rglob("*.png"))) == 4


def test_extract_into_a_folder_with_something_in_it_is_one_line(source, tmp_path, capsys):
    run("create", source, tmp_path / "made", capsys=capsys)
    refused("extract", tmp_path / "made", source, capsys=capsys, names=f"{source} exists")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--format", "lmdb"], "--format"),
        (["--format", "nvidia", "--channels", "4"], "alpha"),
        (["--resolution", "9"], "8"),
        (["--resolution", "big"], "--resolution"),
        (["--crop", "top"], "--crop"),
        (["--channels", "2"], "--channels"),
        (["--labels", "nowhere.json"], "nowhere.json"),
        (["--resolutoin", "8"], "--resolution"),
    ],
)
def test_a_bad_option_is_one_line(options, names, source, tmp_path, capsys):
    refused("create", source, tmp_path / "made", *options, capsys=capsys, names=names)


@pytest.mark.parametrize("command", ["create", "info", "verify", "extract"])
def test_a_missing_source_is_one_line(command, tmp_path, capsys):
    dest = [tmp_path / "made"] if command in ("create", "extract") else []
    refused(command, tmp_path / "nowhere", *dest, capsys=capsys, names="nowhere")


def test_an_existing_destination_is_one_line(source, tmp_path, capsys):
    refused("create", source, tmp_path, capsys=capsys, names=f"{tmp_path} exists")


def test_a_full_disk_is_one_line(source, tmp_path, capsys, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(GrowingFile, "write", full)
    dest = tmp_path / "made"
    refused("create", source, dest, capsys=capsys, names="made: No space left on device")
    assert list(tmp_path.iterdir()) == [source]
