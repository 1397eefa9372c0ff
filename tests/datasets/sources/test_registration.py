"""Kinds of sources that are registered from outside."""

import io

import numpy as np
import pytest

import stylegan_tf as sg
from image_files import encoded, noise, several, stored, write
from stylegan_tf.datasets import sources
from stylegan_tf.datasets.sources import source as registry
from stylegan_tf.registry import Registry


@pytest.fixture(autouse=True)
def register(monkeypatch):
    """The decorator, of a registry that is gone after the test."""
    copy = Registry("data source")
    for name in registry.SOURCES:
        copy.register(name)(registry.SOURCES.get(name))
    monkeypatch.setattr(sources, "SOURCES", copy)
    return copy.register


class Files(sg.datasets.Source):
    """One image, whose file it has."""

    def __init__(self, path):
        self.path, self.names = path, ["one.png"]

    @classmethod
    def at(cls, path):
        return cls(path) if path.name == "source" else None

    def open(self, name):
        return io.BytesIO(encoded(noise(8, seed=3)))


class Numbers(Files):
    """The same image, as numbers."""

    def open(self, name):
        return sg.datasets.Source.open(self, name)

    def pixels(self, name):
        return np.asarray(noise(8, seed=3))


def test_every_built_in_kind_is_registered():
    assert set(sources.BUILT_IN) <= set(sources.SOURCES)


@pytest.mark.parametrize("kind", [Files, Numbers])
def test_a_new_kind_comes_before_the_built_in_ones(kind, register, tmp_path):
    register("new")(kind)
    source = write(tmp_path / "source", several(2))
    dataset = sg.datasets.create(source, tmp_path / "made")
    assert dataset.num_images == 1
    assert stored(tmp_path / "made") == {"one.png": encoded(noise(8, seed=3))}


def test_what_a_new_kind_does_not_recognise_is_read_as_before(register, tmp_path):
    register("new")(Files)
    assert sources.open_source(write(tmp_path / "other", several(2))).names == ["00.png", "01.png"]


def test_the_first_registered_of_two_comes_first(register, tmp_path):
    register("new")(Files)
    register("newer")(Numbers)
    assert type(sources.open_source(write(tmp_path / "source", several(1)))) is Files


@pytest.mark.parametrize("error", [ValueError("torn"), KeyError("gone"), NotImplementedError()])
def test_an_image_that_it_cannot_give_is_a_bad_one(error, register, tmp_path):
    class Torn(Files):
        def open(self, name):
            raise error

    register("new")(Torn)
    source = write(tmp_path / "source", several(1))
    with pytest.raises(sg.datasets.BadImages, match=r"one\.png cannot be read"):
        sg.datasets.create(source, tmp_path / "made", resolution=8)


@pytest.mark.parametrize(
    ("old", "new"),
    [("BadPictures", sg.datasets.BadImages), ("Share", sg.datasets.InputShard)],
)
def test_old_names_work_with_a_warning(old, new):
    with pytest.warns(DeprecationWarning, match=f"{old} is now .*{new.__name__}"):
        assert getattr(sg.datasets, old) is new
