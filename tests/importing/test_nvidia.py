"""Network pickles of every age: the same networks come out, or one line that says why not."""

import numpy as np
import pytest

import nvidia_pickles as made
import published
import stylegan_tf as sg
from published import assert_matches
from stylegan_tf.importing import ImportRefused, load_nvidia_pickle


@pytest.fixture
def path(tmp_path):
    return tmp_path / "n.pkl"


def test_the_three_networks_by_name(path):
    path.write_bytes(made.dumped(made.triple()))
    networks = load_nvidia_pickle(path)
    assert networks._fields == ("generator", "discriminator", "generator_ema")
    kinds = [type(network) for network in networks]
    assert kinds == [sg.Generator, sg.Discriminator, sg.Generator]


@pytest.mark.parametrize("numpy_module", ["numpy.core", "numpy._core"])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_and_numpy(protocol, numpy_module, path):
    path.write_bytes(made.dumped(made.triple(), protocol, numpy_module))
    assert_is_the_generator(load_nvidia_pickle(path).generator_ema)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    "name", ["dnnlib.tflib.network.Network", "tfutil.Network", "network.Network"]
)
def test_every_class_name_and_version(name, version, path):
    path.write_bytes(made.dumped(made.triple(name, version)))
    assert_is_the_generator(load_nvidia_pickle(path).generator)


def test_load_takes_the_average(path):
    path.write_bytes(made.dumped(made.triple()))
    assert_is_the_generator(sg.load(path))


def assert_is_the_generator(network):
    """Every weight is the one that the vectors hold."""
    expected = published.generator("stylegan8", resolution=8).weights
    for ours, weight in zip(network.weights, expected, strict=True):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(weight))


def test_the_terms_go_along(path):
    path.write_bytes(made.dumped(made.triple()))
    sg.load(path).save(path.with_suffix(".keras"))
    assert "CC BY-NC 4.0" in sg.load(path.with_suffix(".keras")).licence


def test_how_far_training_had_come(path):
    path.write_bytes(made.dumped(made.triple(lod=0.75)))
    assert load_nvidia_pickle(path).generator.grown == 2.25


@pytest.mark.parametrize(
    ("file", "vectors", "fused", "config"),
    [
        ("stylegan32-nosrc.pkl", "stylegan32", 0, "f"),
        ("progan32-nosrc.proto4.pkl", "progan32", 1, "a"),
    ],
)
def test_the_published_samples_draw_the_published_pictures(file, vectors, fused, config):
    networks = load_nvidia_pickle(published.reference(file))
    stored = published.arrays(vectors)
    assert networks.generator.arguments["config"] == config
    images = published.nchw(networks.generator(stored["in/z"], noise="constant"))
    assert_matches(images, stored[f"out/img/lod0/recursive/fused{fused}/off"])
    scores = networks.discriminator(stored["in/images8"].transpose(0, 2, 3, 1))
    assert_matches(scores, stored[f"out/scores/lod0/recursive/fused{fused}/images8"])
    average = published.generator(vectors, "Gs/vars/", fused, config=config)
    for ours, weight in zip(networks.generator_ema.weights, average.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(weight))


def refusal(path, value) -> str:
    path.write_bytes(made.dumped(value))
    with pytest.raises(ImportRefused) as caught:
        load_nvidia_pickle(path)
    assert str(caught.value).startswith(f"{path} is refused: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("value", [{}, 3, made.triple()[:2], ("G", "D", "Gs")])
def test_something_else_than_three_networks(value, path):
    assert "does not hold three networks" in refusal(path, value)


def test_another_version(path):
    assert "version 4, not 2 or 3" in refusal(path, made.triple(version=4))


CONST = "G_synthesis/4x4/Const/const"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({CONST: None}, f"1 missing: {CONST}"),
        ({CONST: np.zeros([1, 64, 4, 5], np.float32)}, "1 misshapen: "),
        ({CONST: np.float32(1)}, "1 misshapen: "),
        ({"G_synthesis/4x4/Other/weight": np.zeros(3)}, "1 left over: G_synthesis/4x4/Other"),
    ],
)
def test_variables_that_do_not_fit(changes, words, path):
    assert words in refusal(path, made.triple(**changes))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"use_wscale": False}, "use_wscale is False"),
        ({"surprise": 7}, "argument surprise=7"),
        ({"use_instance_norm": False}, "no configuration A to F"),
        ({"blur_filter": [1, 3, 3, 1]}, "blur_filter is [1, 3, 3, 1]"),
    ],
)
def test_arguments_that_mean_something_else(arguments, words, path):
    arguments = {**made.GENERATOR, **arguments}
    assert words in refusal(path, made.triple(arguments=arguments))


def test_an_impossible_level_of_detail(path):
    assert "level of detail is 3" in refusal(path, made.triple(lod=3.0))
