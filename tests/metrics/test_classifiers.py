"""Classifiers of attributes that are easy to see."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

import stylegan_tf as sg
from image_files import several, write
from stylegan_tf.metrics.classifiers import (
    choose_held_out,
    classifier,
    in_batches,
    labelled,
    save,
    train,
)
from stylegan_tf.metrics.reals import all_labels


def made(folder, files, labels, **options):
    """A dataset of files with labels by their names."""
    (folder / "labels.json").write_text(json.dumps(labels))
    source = write(folder / "source", files)
    return sg.datasets.create(
        source, folder / "made", labels=str(folder / "labels.json"), **options
    )


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """200 images of 8×8; the labels: bright on the left, bright below, nothing."""
    rng = np.random.default_rng(0)
    files, labels = {}, {}
    for number in range(200):
        left, below, nothing = rng.integers(0, 2, 3).tolist()
        pixels = rng.integers(0, 60, (8, 8, 3))
        pixels[:, :4] += 90 * left
        pixels[4:] += 90 * below
        files[f"{number}.png"] = Image.fromarray(pixels.astype(np.uint8))
        labels[f"{number}.png"] = [left, below, nothing]
    return made(tmp_path_factory.mktemp("attributes"), files, labels)


@pytest.fixture(scope="module")
def trained(dataset):
    return train(dataset, kimg=4)


def test_what_can_be_seen_is_learned_and_what_cannot_is_not(trained):
    assert trained.held_out == 20
    assert trained.accuracy[:2].tolist() == [1, 1]
    assert trained.accuracy[2] < 0.9
    assert trained.names == ["0", "1", "2"]


def test_accuracy_is_of_images_that_were_held_out(dataset, trained):
    """By the model itself, on images that NumPy chose."""
    held_out = np.random.default_rng(0).permutation(200)[:20]
    images = np.stack([*dataset.images()])[held_out]
    labels = all_labels(dataset)[held_out]
    logits = trained.model(images.astype(np.float32) / 127.5 - 1, training=False).numpy()
    np.testing.assert_allclose(trained.accuracy, ((logits > 0) == (labels > 0)).mean(0))
    np.testing.assert_allclose(trained.shares, labels.mean(0))


def test_the_same_seed_gives_the_same_classifiers(dataset, trained):
    again, other = train(dataset, kimg=0.5), train(dataset, kimg=0.5, seed=1)
    repeated = train(dataset, kimg=0.5)
    for one, two in zip(again.model.get_weights(), repeated.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(again.model.get_weights()[0], other.model.get_weights()[0])


def test_the_file_loads_without_this_package(trained, tmp_path):
    save(trained.model, trained.names, tmp_path / "c.keras")
    x = np.random.default_rng(0).uniform(-1, 1, (3, 8, 8, 3)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    program = (
        "import sys, keras, numpy as np; model = keras.models.load_model('c.keras');"
        "np.save('y.npy', model(np.load('x.npy'))); assert 'stylegan_tf' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr[-1000:]
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), trained.model(x), atol=1e-5)


@pytest.mark.parametrize("resolution", [8, 64, 256])
def test_any_resolution_comes_down_to_4(resolution):
    model = classifier(resolution, 3)
    assert model.output_shape == (None, 3)
    pooled = [x for x in model.layers if isinstance(x, keras.layers.MaxPooling2D)]
    assert pooled[-1].output.shape[1:3] == (4, 4)
    assert model.count_params() < 3e6


def test_each_image_is_shown_or_held_out(dataset):
    held_out = choose_held_out(200, 0)
    parts = [[*labelled(dataset, 8, which).as_numpy_iterator()] for which in (held_out, ~held_out)]
    assert [len(part) for part in parts] == [20, 180]
    everything = np.stack([*dataset.images()])
    for part, which in zip(parts, (held_out, ~held_out), strict=True):
        np.testing.assert_array_equal(np.stack([x for x, _ in part]), everything[which])
        np.testing.assert_array_equal([y for _, y in part], all_labels(dataset)[which])


def test_half_of_the_images_are_mirrored_on_demand(dataset):
    data = labelled(dataset, 8, np.ones(200, bool))
    plain, mirrored = (next(iter(in_batches(data, mirror, 0)))[0] for mirror in (False, True))
    same = np.all(plain == mirrored, axis=(1, 2, 3))
    turned = np.all(plain[:, :, ::-1] == mirrored, axis=(1, 2, 3))
    assert np.all(same ^ turned)
    assert 0.2 < turned.mean() < 0.8


@pytest.mark.parametrize("channels", [1, 4])
def test_other_channels_become_three(tmp_path, channels):
    files = several(12, width=8)
    labels = {name: [number % 2] for number, name in enumerate(files)}
    result = train(made(tmp_path, files, labels, channels=channels), kimg=0.1)
    assert result.model.input_shape == (None, 8, 8, 3)


def test_what_cannot_be_learned_is_refused(dataset, tmp_path):
    files = several(12, width=8)
    numbers = made(tmp_path, files, {name: [0.5] for name in files})
    with pytest.raises(ValueError, match="made are not all 0 or 1: they are no attributes"):
        train(numbers)
    plain = sg.datasets.create(tmp_path / "source", tmp_path / "plain")
    with pytest.raises(ValueError, match="plain has no labels to learn: stylegan-tf dataset"):
        train(plain)
    with pytest.raises(ValueError, match="classifiers need images of 8×8 or more"):
        train(dataset, resolution=4)
    with pytest.raises(ValueError, match="resolution 16 is not a power of two from 4 to 8"):
        train(dataset, resolution=16)
    with pytest.raises(ValueError, match="kimg is 0; it must be more than 0"):
        train(dataset, kimg=0)


def test_too_few_images_are_refused(tmp_path):
    few = several(9, width=8)
    dataset = made(tmp_path, few, {name: [1] for name in few})
    with pytest.raises(ValueError, match="has 9 images; classifiers need 10 or more"):
        train(dataset)
