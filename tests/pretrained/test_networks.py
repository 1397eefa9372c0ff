"""Files of networks: the weights come back rounded to float16, and nothing else is read."""

import json
import zipfile

import numpy as np
import pytest

import tiny_preset
from stylegan_tf.pretrained import facts, networks

SIZES = {"resolution": 8, "channels": 3}
LOADERS = (networks.load_generator, networks.load_discriminator)


@pytest.fixture
def path(tmp_path):
    """Of a file of 8×8 networks."""
    (tmp_path / "n.npz").write_bytes(tiny_preset.data())
    return tmp_path / "n.npz"


def changed(path, **members):
    """Writes a file anew with other members; dots of their names are slashes, None leaves out."""
    with np.load(path) as file:
        arrays = dict(file)
    arrays |= {name.replace("__", "/"): value for name, value in members.items()}
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})


def changed_facts(path, **values):
    """Writes a file anew that says something else of itself."""
    with np.load(path) as file:
        known = json.loads(str(file["facts"]))
    changed(path, facts=np.array(json.dumps(known | values)))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"architecture": "a"},
        {
            "label_size": 2,
            "label_names": ["cat", "dog"],
            "class_counts": [3, 1],
            "grown": 2.5,
            "channels": 1,
        },
    ],
)
def test_networks_come_back_rounded_to_float16(arguments, tmp_path):
    before = tiny_preset.write(tmp_path / "n.npz", **arguments)
    for network, load in zip(before, LOADERS, strict=True):
        again = load(tmp_path / "n.npz")
        known = {key: value for key, value in network.get_config().items() if key != "name"}
        assert known.items() <= again.get_config().items()
        for ours, theirs in zip(again.get_weights(), network.get_weights(), strict=True):
            assert ours.dtype == np.float32
            rounded = theirs.astype(np.float16).astype(np.float32)
            is_w_avg = np.array_equal(theirs, getattr(network, "w_avg", None))
            np.testing.assert_array_equal(ours, theirs if is_w_avg else rounded)


def test_the_mean_of_w_is_not_rounded(path):
    generator, _ = tiny_preset.pair()
    np.testing.assert_array_equal(networks.load_generator(path).w_avg, generator.w_avg)


def test_weights_take_two_bytes_each(path):
    with np.load(path) as file:
        kinds = {name: array.dtype for name, array in file.items()}
    assert kinds.pop("generator/dlatent_avg") == np.float32
    assert kinds.pop("facts").kind == "U"
    assert set(kinds.values()) == {np.dtype(np.float16)}


def test_a_file_says_what_it_is(path):
    known = facts.read(path)
    assert (known.about, known.kimg) == (tiny_preset.ABOUT, tiny_preset.KIMG)
    assert known.generator["resolution"] == known.discriminator["resolution"] == 8
    assert networks.load_generator(path).licence == tiny_preset.LICENCE


@pytest.mark.parametrize(
    ("value", "problem"),
    [(np.nan, "not finite"), (1e5, "4x4/Dense1/bias has 100000, which float16 has not")],
)
def test_weights_that_float16_lacks_are_refused(value, problem, tmp_path):
    generator, discriminator = tiny_preset.pair(resolution=4)
    discriminator.dense1.bias.assign([value])
    with pytest.raises(ValueError, match=problem):
        networks.save(tmp_path / "n.npz", generator, discriminator, "", 1.0)
    assert list(tmp_path.iterdir()) == []


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ValueError, match="n.keras must end in .npz"):
        networks.save(tmp_path / "n.keras", *tiny_preset.pair(resolution=4), "", 1.0)


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"generator__noise1": None}, "1 missing: noise1"),
        ({"generator__noise1": np.zeros([1, 4, 4, 2], "e")}, "noise1 .its shape is .1, 4, 4, 2."),
        ({"generator__more": np.zeros(3, "e")}, "1 left over: more"),
        ({"generator__noise1": np.array(["x"])}, "could not convert"),
        ({"facts": np.array("{}")}, "its format is not 'stylegan-tf networks'"),
        ({"facts": np.array("[")}, "is no file of networks"),
        ({"facts": None}, "facts"),
        ({"facts": np.array({"a": 1}, dtype=object)}, "allow_pickle=False"),
        ({"generator__noise1": np.array([{}], dtype=object)}, "allow_pickle=False"),
    ],
)
def test_what_is_no_such_file_is_refused_by_its_name(members, problem, path):
    changed(path, **members)
    with pytest.raises(ValueError, match=problem) as caught:
        networks.load_generator(path)
    assert f"{path} is no file of networks" in str(caught.value)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"version": 2}, "of version 2, and this stylegan-tf reads 1"),
        ({"kimg": "x"}, "kimg is 'x'"),
        ({"more": 1}, "it says about, .*, more, not about, kimg"),
        ({"generator": {**SIZES, "fmap_max": 4096, "fmap_base": 2**20}}, "larger network"),
        ({"generator": {**SIZES, "mapping_layers": 10**9}}, "fewer variables than layers"),
        ({"generator": {**SIZES, "resolution": 17}}, "make no network"),
        ({"generator": {**SIZES, "resolution": "8"}}, "make no network"),
        ({"generator": {**SIZES, "more": 1}}, "make no network"),
    ],
)
def test_what_cannot_be_is_refused(values, problem, path):
    changed_facts(path, **values)
    with pytest.raises(ValueError, match=problem):
        networks.load_generator(path)


def test_a_file_that_was_cut_short_is_refused(path):
    path.write_bytes(path.read_bytes()[:-100])
    for load in LOADERS:
        with pytest.raises(ValueError, match="n.npz is no file of networks"):
            load(path)


def test_what_would_unpack_to_much_is_not_unpacked(path):
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("generator/more.npy", bytes(2_000_000))
    with pytest.raises(ValueError, match="unpack to far more than weights do"):
        networks.load_generator(path)
