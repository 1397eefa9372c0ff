"""CelebA's table of attributes as labels. The tables here are in the published form."""

import numpy as np
import pytest

import stylegan_tf as sg
from image_files import examples, manifest, noise, write
from stylegan_tf.datasets.attributes import is_attributes

ATTRIBUTES = ["5_o_Clock_Shadow", "Male", "Young"]
ROWS = {"000001.jpg": [-1, 1, 1], "000002.jpg": [1, -1, -1], "000003.jpg": [-1, -1, -1]}


def table(rows=ROWS, attributes=ATTRIBUTES) -> str:
    lines = [f"{name} {' '.join(f'{cell:2d}' for cell in cells)}" for name, cells in rows.items()]
    return "\n".join([str(len(rows)), " ".join(attributes) + " ", *lines]) + "\n"


def created(folder, text: str, inside="", names=ROWS):
    """Makes a dataset of images with those names."""
    files = {f"{inside}{name}": noise(seed=seed) for seed, name in enumerate(names)}
    source = write(folder / "source", files)  # PNG under these names, which does not matter
    (folder / "list_attr_celeba.txt").write_text(text)
    labels = folder / "list_attr_celeba.txt"
    return sg.datasets.create(source, folder / "made", labels=labels)


@pytest.mark.parametrize("inside", ["", "img_align_celeba/"])
def test_each_attribute_is_a_number_with_a_name(inside, tmp_path):
    """Its file has a folder in the published zip, which the table does not name."""
    dataset = created(tmp_path, table(), inside)
    assert dataset.label_size == 3
    assert dataset.label_names == manifest(tmp_path / "made")["label_names"] == ATTRIBUTES
    result = {name: label for name, _, label in examples(tmp_path / "made")}
    assert result == {
        f"{inside}{name}": [float(cell == 1) for cell in cells] for name, cells in ROWS.items()
    }


def test_training_sees_several_ones(tmp_path):
    dataset = created(tmp_path, table())
    _, labels = next(iter(dataset.batches(batch_size=3)))
    np.testing.assert_array_equal(np.sort(np.sum(labels, axis=1)), [0, 1, 2])


def test_images_that_are_not_there_do_not_matter(tmp_path):
    assert created(tmp_path, table(), names=["000002.jpg"]).num_images == 1


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_the_ending_of_lines_does_not_matter(ending, tmp_path):
    assert created(tmp_path, table().replace("\n", ending)).label_names == ATTRIBUTES


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (table({"000001.jpg": [1, 1, 1]}), r"no label for 000002\.jpg; 000003\.jpg"),
        (
            table({**ROWS, "000002.jpg": [1, 0, 1]}),
            r"line 4: 000002\.jpg and 1 or -1 for each of 3",
        ),
        (table({**ROWS, "000002.jpg": [1, 1]}), "line 4"),
        (table({**ROWS, "000002.jpg": [1, 1, 1, 1]}), "line 4"),
        (table(attributes=["Male", "Young", "Male"]), "same name"),
        ("3\nMale\n", "no label for"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(text, match, tmp_path):
    with pytest.raises(
        sg.datasets.DatasetError, match=rf"list_attr_celeba\.txt.*{match}"
    ) as caught:
        created(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "data", [b"", b"3", b"3\n", b'{"a": 1}', b"[1]\nMale\n", b"3\n4\n", b"3\n\nMale"]
)
def test_other_files_are_not_taken_for_one(data):
    assert not is_attributes(data)
