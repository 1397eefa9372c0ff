"""Weights under their published names."""

import json
import pickle

import numpy as np
import pytest

import published
import stylegan2_pickles as made
import stylegan_tf as sg
import tiny
import vectors
from references import ask
from stylegan_tf.exporting import published_arrays, write_weights
from stylegan_tf.importing import assign_generator, layouts, load_nvidia_pickle
from stylegan_tf.importing.stylegan2 import pytorch
from stylegan_tf.unpickling import network_files

FILTER = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


@pytest.fixture(scope="module")
def networks():
    """Those of a pickle of the published PyTorch code."""
    return load_nvidia_pickle(vectors.file("ada-uncond.proto4.pkl"))


def stored(name: str) -> dict:
    """The state dict of a network of that pickle, filters included."""
    path = vectors.file("ada-uncond.proto4.pkl")
    network = network_files.read(path, set(), pytorch.CLASSES)[name]
    return network_files.arrays(network)[0]


def test_arrays_are_the_published_state_dicts(networks):
    arrays = published_arrays(networks.generator_ema, networks.discriminator)
    expected = stored("G_ema") | {f"D.{name}": array for name, array in stored("D").items()}
    assert arrays.keys() == expected.keys()
    for name, array in expected.items():
        assert arrays[name].shape == array.shape
        np.testing.assert_array_equal(arrays[name], array, err_msg=name)


@pytest.mark.parametrize("form", ["orig", "skip", "resnet"])
def test_every_form_comes_back(form, tmp_path):
    g, d = made.generator_arrays(3, form), made.discriminator_arrays(3, form)
    path = tmp_path / "n.pkl"
    networks = [
        made.generator(labels=3, architecture=form),
        made.discriminator(labels=3, architecture=form),
    ]
    path.write_bytes(made.dumped(made.snapshot(networks[0], networks[1], networks[0])))
    again = load_nvidia_pickle(path)
    arrays = published_arrays(again.generator_ema, again.discriminator)
    filters = {name for name in arrays if name.endswith(".resample_filter")}
    assert arrays.keys() - filters == g.keys() | {f"D.{name}" for name in d}
    for name, array in {**g, **{f"D.{name}": array for name, array in d.items()}}.items():
        np.testing.assert_array_equal(arrays[name], array, err_msg=name)
    for name in filters:
        np.testing.assert_array_equal(arrays[name], np.float32(FILTER))
    # Each convolution has one, those to RGB have none, and each block but the last one of D.
    assert ("synthesis.b8.skip.resample_filter" in filters) == (form == "resnet")
    assert ("D.b4.fromrgb.resample_filter" in filters) == (form == "skip")
    assert "synthesis.b4.resample_filter" in filters
    assert "D.b8.resample_filter" in filters
    assert "D.b4.resample_filter" not in filters
    assert not any("torgb" in name for name in filters)


def test_stylegan_has_the_names_of_tensorflow_and_the_layout_of_pytorch():
    generator = published.generator("stylegan32")
    discriminator = published.discriminator("stylegan32")
    arrays = published_arrays(generator, discriminator)
    expected = {
        **published.variables("stylegan32", "G/vars/"),
        **{f"D.{k}": v for k, v in published.variables("stylegan32", "D/vars/").items()},
    }
    levels = {name for name in expected if name.endswith("lod")}  # no weight
    assert arrays.keys() == expected.keys() - levels
    for name, array in arrays.items():
        value = expected[name]
        if value.ndim in (2, 4) and name.endswith("/weight"):
            value = value.T if value.ndim == 2 else np.moveaxis(value, (3, 2), (0, 1))
        np.testing.assert_array_equal(array, value, err_msg=name)


@pytest.mark.parametrize("architecture", list("abcdef"))
def test_every_architecture_of_stylegan_comes_back(architecture):
    first, second = (tiny.generator(resolution=8, architecture=architecture) for _ in range(2))
    arrays = published_arrays(first)
    assert ("4x4/Conv/weight" in arrays) == (architecture == "a")
    assert ("G_synthesis/4x4/Conv/weight" in arrays) == (architecture != "a")
    of_tensorflow = {
        name: np.moveaxis(value, (0, 1), (3, 2))
        if value.ndim == 4 and name.endswith("/weight")
        else value.T
        if value.ndim == 2
        else value
        for name, value in arrays.items()
    }
    assign_generator(second, of_tensorflow)
    for ours, theirs in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


SHAPES = {
    layouts.unchanged: (3, 2),
    layouts.flipped: (3, 3, 2, 5),
    np.transpose: (3, 2),
    layouts.to_nhwc: (1, 2, 4, 4),
    layouts.columns_to_nhwc: (3, 32),
    layouts.rows_to_nhwc: (32, 3),
    layouts.kernel_from_oihw: (5, 2, 3, 3),
    layouts.flipped_from_oihw: (5, 2, 3, 3),
    layouts.constant_from_chw: (5, 4, 4),
    layouts.image_from_hw: (4, 4),
    layouts.rows_from_chw: (3, 32),
}


@pytest.mark.parametrize("layout", layouts.INVERSES)
def test_every_layout_has_its_inverse(layout):
    value = np.random.default_rng(0).standard_normal(SHAPES[layout])
    np.testing.assert_array_equal(layouts.INVERSES[layout](layout(value)), value)


ARRAYS = {
    "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "a.noise_strength": np.array(0.5, np.float32),
    "ü": np.zeros([2, 0], np.float32),
}


def test_a_safetensors_file_is_a_length_a_header_and_numbers(tmp_path):
    path = tmp_path / "deep" / "n.safetensors"
    write_weights(path, ARRAYS, "the terms")
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    assert length % 8 == 0
    header = json.loads(data[8 : 8 + length])
    assert header.pop("__metadata__") == {"format": "pt", "licence": "the terms"}
    assert header.keys() == ARRAYS.keys()
    end = 0
    for name, entry in header.items():
        start, stop = entry["data_offsets"]
        assert (start, entry["dtype"]) == (end, "F32")
        end = stop
        numbers = np.frombuffer(data[8 + length :][start:stop], "<f4").reshape(entry["shape"])
        np.testing.assert_array_equal(numbers, ARRAYS[name])
    assert len(data) == 8 + length + end


def test_a_pickle_is_a_dict_of_arrays(tmp_path):
    write_weights(tmp_path / "n.pkl", ARRAYS)
    again = pickle.loads((tmp_path / "n.pkl").read_bytes())
    assert again.keys() == ARRAYS.keys()
    for name, array in again.items():
        np.testing.assert_array_equal(array, ARRAYS[name])


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"n\.pt must end in \.safetensors or \.pkl"):
        write_weights(tmp_path / "n.pt", ARRAYS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["safetensors", "pkl"])
def test_pytorch_reads_it(suffix, tmp_path):
    """A module with parameters and buffers of these names takes them, strictly."""
    generator = sg.StyleGAN2Generator(resolution=8, latent_size=5, w_size=5, fmap_max=4)
    arrays = published_arrays(generator)
    write_weights(tmp_path / f"n.{suffix}", arrays)
    also = ["safetensors"] if suffix == "safetensors" else []
    result = ask("state_dict", tmp_path, also, suffix=np.array(suffix))
    assert result.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(result[name], array, err_msg=name)
