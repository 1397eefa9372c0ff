"""`extract` gives back the images that `create` took."""

import io
import json

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import stylegan_tf as sg
from image_files import encoded, examples, noise, pixels, rewrite, several, shards, stored, write

MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def there_and_back(files, folder, **arguments):
    """Returns the files of a folder after they went into a dataset and out again, by name."""
    sg.datasets.create(write(folder / "source", files), folder / "made", **arguments)
    sg.datasets.extract(folder / "made", folder / "out")
    return files_in(folder / "out")


def files_in(folder) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


@given(
    channels=st.sampled_from([1, 3, 4]),
    side=st.sampled_from([4, 8, 16]),
    count=st.integers(1, 9),
    seed=st.integers(0, 1000),
)
def test_lossless_images_come_back_with_the_same_pixels(
    channels, side, count, seed, tmp_path_factory
):
    mode = MODES[channels]
    files = {f"{n % 3}/{n}.png": noise(side, mode=mode, seed=seed + n) for n in range(count)}
    out = there_and_back(files, tmp_path_factory.mktemp("extract"), channels=channels)
    assert sorted(out) == sorted(files)
    for name, image in files.items():
        back = Image.open(io.BytesIO(out[name]))
        assert (back.format, back.mode) == ("PNG", mode)
        np.testing.assert_array_equal(np.asarray(back), np.asarray(image))


@given(
    longer=st.sampled_from([4, 8, 16]),
    shorter=st.integers(2, 16),
    upright=st.booleans(),
    channels=st.sampled_from([1, 3, 4]),
)
def test_letterboxed_images_come_back_without_their_margins(
    longer, shorter, upright, channels, tmp_path_factory
):
    sides = (longer, min(longer, shorter))
    image = noise(*(sides[::-1] if upright else sides), mode=MODES[channels])
    out = there_and_back(
        {"a.png": image},
        tmp_path_factory.mktemp("extract"),
        crop="letterbox",
        resolution=longer,
        channels=channels,
    )
    back = np.asarray(Image.open(io.BytesIO(out["a.png"])))
    np.testing.assert_array_equal(back, np.asarray(image))


def test_a_letterboxed_image_that_was_resized_has_its_shape(tmp_path):
    out = there_and_back({"a.png": noise(32, 20)}, tmp_path, crop="letterbox", resolution=16)
    assert Image.open(io.BytesIO(out["a.png"])).size == (16, 10)


def test_a_png_comes_back_as_the_very_file(tmp_path):
    files = {"a.png": encoded(noise(), optimize=True), "b.png": encoded(noise(seed=1))}
    assert there_and_back(files, tmp_path) == files


def test_a_jpeg_comes_back_as_png_with_the_pixels_that_training_sees(tmp_path):
    out = there_and_back({"a.jpg": encoded(noise(16), "JPEG")}, tmp_path)
    (image,) = sg.datasets.open(tmp_path / "made").images()
    assert list(out) == ["a.png"]
    np.testing.assert_array_equal(pixels(out["a.png"]), image)


def test_no_image_takes_the_place_of_another(tmp_path):
    names = ["a.jpg", "a.jpeg", "a.webp", "b.png", "b.jpg"]
    files = {}
    for index, name in enumerate(names):
        kind = {"jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP", "png": "PNG"}[name.split(".")[1]]
        options = {"lossless": True} if kind == "WEBP" else {}
        files[name] = encoded(noise(8, seed=index), kind, **options)
    out = there_and_back(files, tmp_path)
    assert len(out) == 5
    assert {"a.png", "b.png"} <= set(out)
    expected = {pixels(data).tobytes() for data in files.values()}
    assert {pixels(data).tobytes() for data in out.values()} == expected


def test_classes_are_written_as_ada_reads_them(tmp_path):
    files = {f"{'cat' if n % 2 else 'ant'}/{n}.jpg": encoded(noise(8), "JPEG") for n in range(4)}
    out = there_and_back(files, tmp_path, labels="folders")
    expected = [["ant/0.png", 0], ["ant/2.png", 0], ["cat/1.png", 1], ["cat/3.png", 1]]
    assert json.loads(out["dataset.json"]) == {"labels": expected}


def test_numbers_are_written_as_lists(tmp_path):
    vectors = {"00.png": [0.5, -2.0, 0.0], "01.png": [0.0, 0.0, 1.0], "02.png": [1.0, 1.0, 0.0]}
    (tmp_path / "labels.json").write_text(json.dumps(vectors))
    out = there_and_back(several(3), tmp_path, labels=tmp_path / "labels.json")
    assert json.loads(out["dataset.json"]) == {"labels": [*map(list, vectors.items())]}


def test_labels_go_in_again(tmp_path):
    files = {f"{n % 3}/{n}.png": noise(seed=n) for n in range(9)}
    there_and_back(files, tmp_path, labels="folders")
    sg.datasets.create(tmp_path / "out", tmp_path / "again")
    expected = {name: label for name, _, label in examples(tmp_path / "made")}
    assert {name: label for name, _, label in examples(tmp_path / "again")} == expected
    assert stored(tmp_path / "again") == stored(tmp_path / "made")


def test_an_empty_folder_may_be_there(tmp_path):
    (tmp_path / "out").mkdir()
    assert sorted(there_and_back(several(2), tmp_path)) == ["00.png", "01.png"]


@pytest.fixture
def made(tmp_path):
    sg.datasets.create(write(tmp_path / "source", several(4)), tmp_path / "made")
    return tmp_path / "made"


def refused(made, match, kind=sg.datasets.DatasetError, **arguments):
    """Checks that an error of one line leaves nothing behind."""
    before = sorted(made.parent.rglob("*"))
    with pytest.raises(kind, match=match) as caught:
        sg.datasets.extract(made, made.parent / "out", **arguments)
    assert "\n" not in str(caught.value)
    assert sorted(made.parent.rglob("*")) == before


def test_a_folder_with_something_in_it_is_refused(made):
    write(made.parent / "out", {"mine.txt": b"mine"})
    refused(made, "out exists")


def test_a_file_in_the_way_is_refused(made):
    (made.parent / "out").write_bytes(b"mine")
    refused(made, "out exists")


@pytest.mark.parametrize("place", [0, 3, 100, -1, -100])
def test_a_damaged_dataset_is_refused(place, made):
    data = bytearray(shards(made)[1].read_bytes())
    data[place] ^= 1
    shards(made)[1].write_bytes(data)
    refused(made, r"made.*shard-00001-of-00002\.tfrecord.*dataset verify")


def test_ctrl_c_leaves_nothing(made):
    def stop(done, total):
        raise KeyboardInterrupt

    refused(made, None, KeyboardInterrupt, progress=stop)


def test_progress_counts_to_the_end(made):
    calls = []
    progress = lambda done, total: calls.append((done, total))  # noqa: E731
    sg.datasets.extract(made, made.parent / "out", progress=progress)
    assert calls == [(done, 4) for done in range(1, 5)]


def example(name: bytes, image: bytes, margins=()) -> bytes:
    feature = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[image])),
        "name": tf.train.Feature(bytes_list=tf.train.BytesList(value=[name])),
        "margins": tf.train.Feature(int64_list=tf.train.Int64List(value=margins)),
    }
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        (b"../../out.png", "out.png"),
        (b"/etc/passwd", "etc/passwd.png"),
        (b"..", "00000000.png"),
        (b"", "00000000.png"),
        (b"dataset.json", "dataset.json.png"),
        (b"1.5 apples", "1.5 apples.png"),
        ("ä/ö.JPEG".encode(), "ä/ö.png"),
    ],
)
def test_names_never_lead_out_of_the_folder(name, file, made):
    image = encoded(noise())
    first = shards(made)[0].name
    rewrite(made, first, [example(name, image), example(b"x.png", image)])
    sg.datasets.extract(made, made.parent / "out")
    assert files_in(made.parent / "out")[file] == image


@pytest.mark.parametrize("margins", [(4, 0, 4, 0), (0, -1, 0, 0), (1, 1), (0, 99, 0, 0)])
def test_margins_that_leave_nothing_are_refused(margins, made):
    records = [example(b"x.png", encoded(noise()), margins)] * 2
    rewrite(made, shards(made)[0].name, records)
    refused(made, "x.png has margins.*dataset verify")


@pytest.mark.parametrize("data", [b"", b"text", encoded(noise(16))[:-40]])
def test_what_is_no_image_is_refused(data, made):
    rewrite(made, shards(made)[0].name, [example(b"x.png", data)] * 2)
    refused(made, "x.png is .*dataset verify")
