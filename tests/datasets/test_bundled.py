"""The bundled images: all there, as described, undamaged."""

import numpy as np
import pytest

import stylegan_tf as sg
from image_files import examples, manifest, pixels

GROUPS = [
    "Activities",
    "Animals & Nature",
    "Flags",
    "Food & Drink",
    "Objects",
    "People & Body",
    "Smileys & Emotion",
    "Symbols",
    "Travel & Places",
]


@pytest.fixture(scope="module")
def bundled():
    return sg.datasets.open(sg.datasets.bundled())


@pytest.fixture(scope="module")
def all_images(bundled):
    """Returns all images, [3867, 64, 64, 3], with their names and labels."""
    names, data, labels = zip(*examples(bundled.path), strict=True)
    return names, np.stack([pixels(one) for one in data]), np.array(labels)


def test_it_is_as_described(bundled):
    assert bundled.num_images == 3867
    assert (bundled.resolution, bundled.channels, bundled.label_size) == (64, 3, 9)
    assert list(bundled.label_names) == GROUPS


def test_it_verifies(bundled):
    assert sg.datasets.verify(bundled.path) == []


def test_it_is_small_enough_to_be_bundled(bundled):
    assert sum(file.stat().st_size for file in bundled.path.iterdir()) < 10e6


def test_images_stand_on_white(all_images):
    _, images, _ = all_images
    corners = images[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 255).all(axis=-1).mean() > 0.9


def test_no_image_is_blank_and_none_is_there_twice(all_images):
    names, images, _ = all_images
    assert (images != images[:, :1, :1]).any(axis=(1, 2, 3)).all()
    assert len({image.tobytes() for image in images}) == len(set(names)) == 3867


def test_every_class_has_images_and_every_image_one(all_images):
    names, _, labels = all_images
    assert (labels.sum(axis=1) == 1).all()
    assert labels.sum(axis=0).min() > 50
    assert [name.split("/")[0] for name in names] == [GROUPS[i] for i in labels.argmax(axis=1)]


@pytest.mark.parametrize(
    ("name", "group"),
    [("1f600", "Smileys & Emotion"), ("1f436", "Animals & Nature"), ("1f34e", "Food & Drink")],
)
def test_well_known_emoji_are_in_their_group(name, group, all_images):
    assert f"{group}/{name}.png" in all_images[0]


def test_the_stream_shows_images_and_labels(bundled):
    images, labels = next(iter(bundled.batches(8, 4)))
    assert images.shape == (4, 8, 8, 3)
    assert labels.shape == (4, 9)


def test_where_it_comes_from_and_both_licences_are_there(bundled):
    notice = (bundled.path / "NOTICE.md").read_text(encoding="utf-8")
    for words in ("Apache License", "SIL Open Font License", "Noto Emoji"):
        assert words.lower() in notice.lower()
    notes = manifest(bundled.path)["notes"]
    assert "Apache-2.0" in notes["licence"]
    assert "fonts-noto-color-emoji" in notes["source"]
