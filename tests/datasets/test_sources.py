"""Where images are found: folders, zips, names."""

import zipfile

import pytest

import stylegan_tf as sg
from image_files import contents, encoded, noise, several, stored, write

FILES = {f"{folder}/{name}": data for folder in ("x", "y/z") for name, data in several(3).items()}


def zipped(path, files):
    """Makes a zip as archivers do, with entries for the folders."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("folder.png")
        for name, image in files.items():
            archive.writestr(name, encoded(image))
    return path


@pytest.mark.parametrize("labels", ["none", "folders"])
def test_a_zip_gives_the_dataset_of_its_folder(labels, tmp_path):
    folder = write(tmp_path / "source", FILES)
    archive = zipped(tmp_path / "source.zip", FILES)
    sg.datasets.create(folder, tmp_path / "a", labels=labels)
    sg.datasets.create(archive, tmp_path / "b", labels=labels)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_images_are_named_by_their_path_below_the_source(tmp_path):
    sg.datasets.create(write(tmp_path / "source", FILES), tmp_path / "made")
    assert sorted(stored(tmp_path / "made")) == sorted(FILES)


@pytest.mark.parametrize("name", ["a.PNG", "a.JPG", "a.Jpeg", "a.WebP", "d.e/ä ö.png"])
def test_a_name_is_an_images_in_any_case(name, tmp_path):
    suffix = name.rsplit(".")[-1].upper().replace("JPG", "JPEG")
    source = write(tmp_path / "source", {name: encoded(noise(), suffix)})
    sg.datasets.create(source, tmp_path / "made")
    assert list(stored(tmp_path / "made")) == [name]


@pytest.mark.parametrize(
    "name",
    [".hidden.png", ".hidden/a.png", "__MACOSX/._a.png", "x/__MACOSX/a.png", "a.txt", "png"],
)
@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_other_files_are_passed_over(kind, name, tmp_path):
    files = {"good.png": noise(), name: noise(16)}
    if kind == "zip":
        source = zipped(tmp_path / "source.zip", files)
    else:
        source = write(tmp_path / "source", files)
    sg.datasets.create(source, tmp_path / "made")
    assert list(stored(tmp_path / "made")) == ["good.png"]


def test_a_dataset_can_be_made_inside_its_source(tmp_path):
    source = write(tmp_path / "source", several(2))
    assert sg.datasets.create(source, source / "new" / "made").num_images == 2


def test_a_dataset_is_no_source_of_another(tmp_path):
    sg.datasets.create(write(tmp_path / "source", several(3)), tmp_path / "made")
    with pytest.raises(sg.datasets.DatasetError, match=r"made is a dataset already.*extract"):
        sg.datasets.create(tmp_path / "made", tmp_path / "again")
