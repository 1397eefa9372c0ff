"""Folders and zips of images in the place of a generator."""

import io
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

import stylegan_tf as sg
from image_files import encoded, noise, several, write
from known_generators import mean_rgb
from stylegan_tf.metrics import evaluate, frechet_distance, measurement
from stylegan_tf.metrics.image_files import ImageFiles, are_images
from stylegan_tf.metrics.registration import METRICS, register


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """24 noisy images of 16×16."""
    folder = tmp_path_factory.mktemp("reals")
    source = write(folder / "source", several(24, width=16))
    return sg.datasets.create(source, folder / "made")


@pytest.fixture
def folder(tmp_path):
    """12 other images of the same size, one of them in a folder below."""
    files = {f"{n}.png": noise(16, seed=100 + n) for n in range(11)}
    return write(tmp_path / "fakes", {**files, "below/11.png": noise(16, seed=111)})


@pytest.fixture(autouse=True)
def networks(monkeypatch, tmp_path):
    """Networks of mean RGB by any name, and a cache of each test's own."""
    monkeypatch.setattr(measurement, "load_network", lambda name, source=None: mean_rgb(name))
    monkeypatch.setenv("STYLEGAN_TF_CACHE", str(tmp_path / "cache"))


def pixels(folder, count=12):
    """The images of `folder`, by Pillow, in the order of their numbers."""
    files = sorted(folder.rglob("*.png"), key=lambda path: int(path.stem))
    return np.stack([np.asarray(Image.open(file)) for file in files[:count]])


def zipped(folder, path):
    return shutil.make_archive(path.with_suffix(""), "zip", folder)


def distance(reals, fakes):
    a, b = (np.stack([*images]).mean((1, 2)) for images in (reals, fakes))
    covariances = (np.cov(x, rowvar=False) for x in (a, b))
    one, other = covariances
    return frechet_distance(a.mean(0), one, b.mean(0), other)


def test_a_folder_and_its_zip_are_measured_as_arrays_are(dataset, folder, tmp_path):
    expected = distance(dataset.images(12), pixels(folder))
    for path in (folder, str(folder), zipped(folder, tmp_path / "fakes.zip")):
        (result,) = evaluate(path, dataset, ["fd_rgb_12"])
        assert result.value == pytest.approx(expected, rel=1e-5)
        assert (result.images, result.reals, result.features) == (12, 12, "rgb")
    before = {*tmp_path.rglob("*")}
    assert not [path for path in before if "tfrecord" in path.name]


def test_of_more_images_some_are_chosen_at_random_by_the_seed(folder):
    first, again, other = (
        np.concatenate([part for (part,) in ImageFiles(folder, seed=seed).batches(5, 2)])
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    known = {image.tobytes() for image in pixels(folder)}
    assert len({image.tobytes() for image in first} & known) == 5


def test_a_metric_without_a_number_takes_all_there_are(dataset, folder, monkeypatch):
    monkeypatch.setattr(METRICS, "_entries", dict(METRICS._entries))
    seen = []

    @register("contrast", needs="images")
    def contrast(real, fake):
        seen.append((real.shape, fake.shape, fake.dtype))
        return fake.std()

    (result,) = evaluate(folder, dataset, ["contrast"])
    assert result.value == pytest.approx(pixels(folder).std())
    assert seen == [((12, 16, 16, 3), (12, 16, 16, 3), np.uint8)]
    assert (result.images, result.reals) == (12, 12)


@pytest.mark.parametrize("channels", [1, 4])
def test_other_channels_become_those_that_metrics_take(tmp_path, channels):
    """Grey is repeated; what is transparent is on white, in both."""
    mode = {1: "L", 4: "RGBA"}[channels]
    source = write(tmp_path / "source", several(12, width=16, mode=mode))
    data = sg.datasets.create(source, tmp_path / "made", channels=channels)
    (result,) = evaluate(source, data, ["fd_rgb_12"])
    assert result.value == pytest.approx(0, abs=1e-3)
    assert len(result.notes) == (channels == 4)


def test_images_without_real_ones_have_any_size_of_their_own(tmp_path):
    folder = write(tmp_path / "fakes", several(10, width=20))
    files = ImageFiles(folder)
    assert (files.grown_to, files.num_images, files.channels) == ((20, 1.0), 10, 3)


def test_upright_is_as_a_viewer_shows_it(tmp_path):
    image, exif = noise(16), Image.Exif()
    exif[0x0112] = 3  # turned by 180°
    data = io.BytesIO()
    image.save(data, "PNG", exif=exif)
    (batch,) = ImageFiles(write(tmp_path / "fakes", {"a.png": data.getvalue()})).batches(1, 4)
    np.testing.assert_array_equal(batch[0][0], np.asarray(image)[::-1, ::-1])


@pytest.mark.parametrize(
    ("files", "metric", "reason"),
    [
        (several(12, width=32), "fd_rgb_12", "is 32×32, and those of .*made are 16×16; metr"),
        ({"a.png": noise(16, 8)}, "fd_rgb_2", "a.png is 16×8, and those of .*give --data a"),
        (several(3, width=16), "fd_rgb_12", "takes 12 images, and .*fakes holds 3: put a nu"),
        (several(3, width=16), "ppl_wfull", "ppl_wfull needs a generator, and .*fakes holds im"),
        (several(3, width=16), "ls", "ls needs a generator"),
        ({}, "fd_rgb_2", "fakes holds no .*, or a run directory or a network"),
        ({"a.png": b"no image"}, "fd_rgb_2", "fakes: a.png is not a PNG, JPEG or WebP image"),
    ],
)
def test_what_cannot_be_measured_is_refused(dataset, tmp_path, files, metric, reason):
    folder = write(tmp_path / "fakes", files)
    folder.mkdir(exist_ok=True)
    with pytest.raises(ValueError, match=reason):
        evaluate(folder, dataset, [metric])


def test_what_is_no_image_in_a_zip_is_named(dataset, tmp_path):
    path = tmp_path / "fakes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("in/a.png", b"junk")
    with pytest.raises(ValueError, match="fakes.zip: in/a.png is not a PNG, JPEG or WebP image"):
        evaluate(path, dataset, ["fd_rgb_2"])


def test_a_damaged_image_is_named(dataset, folder):
    damaged = folder / "3.png"
    damaged.write_bytes(damaged.read_bytes()[:200])
    with pytest.raises(ValueError, match="3.png is damaged"):
        list(evaluate(folder, dataset, ["fd_rgb_12"]))


def test_a_dataset_is_not_taken_for_images(dataset):
    with pytest.raises(ValueError, match="is a dataset, not a folder of images: stylegan-tf data"):
        evaluate(dataset.path, dataset, ["fd_rgb_12"])


def test_what_is_a_run_or_a_network_is_no_folder_of_images(tmp_path, folder):
    assert are_images(folder)
    (folder / "config.json").touch()
    assert not are_images(folder)
    (folder / "config.json").rename(folder / "network-snapshot-000001.keras")
    assert not are_images(folder)
    for name, expected in (("a.zip", True), ("a", True), ("a.keras", False)):
        with zipfile.ZipFile(tmp_path / name, "w") as file:
            file.writestr("a.png", encoded(noise()))
        assert are_images(tmp_path / name) == expected
    (tmp_path / "a.pkl").touch()
    assert not are_images(tmp_path / "a.pkl")
