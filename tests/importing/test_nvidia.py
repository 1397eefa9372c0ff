"""Network pickles of every age: the same networks come out, or one line that says why not."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nvidia_pickles as made
import published
import rows
import stylegan_tf as sg
from published import assert_matches
from stylegan_tf.importing import UnsupportedCheckpointError, load_nvidia_pickle
from stylegan_tf.importing.arguments import ELSEWHERE, FIXED, GENERATOR, SWITCHES


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
def test_published_samples_generate_the_published_images(file, vectors, fused, config):
    networks = load_nvidia_pickle(published.reference(file))
    stored = published.arrays(vectors)
    assert networks.generator.architecture == config
    images = published.nchw(networks.generator(stored["in/z"], noise="constant"))
    assert_matches(images, stored[f"out/img/lod0/recursive/fused{fused}/off"])
    scores = networks.discriminator(stored["in/images8"].transpose(0, 2, 3, 1))
    assert_matches(scores, stored[f"out/scores/lod0/recursive/fused{fused}/images8"])
    average = published.generator(vectors, "Gs/vars/", fused, config=config)
    for ours, weight in zip(networks.generator_ema.weights, average.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(weight))


def refusal(path, value) -> str:
    path.write_bytes(made.dumped(value))
    with pytest.raises(UnsupportedCheckpointError) as caught:
        load_nvidia_pickle(path)
    assert str(caught.value).startswith(f"{path} is refused: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("value", [{}, 3, made.triple()[:2], ("G", "D", "Gs")])
def test_something_else_than_three_networks(value, path):
    assert "does not hold three networks" in refusal(path, value)


def test_another_version(path):
    assert "version [6, 6, 6], not 2 to 5" in refusal(path, made.triple(version=6))


def test_a_stylegan_of_stylegan2s_time(path):
    """The code of StyleGAN2 can build the networks of StyleGAN, in other variables."""
    assert "left over: " in refusal(path, made.triple(version=4, arguments=made.GENERATOR))


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
        ({"surprise": 7}, "argument surprise=7"),
        ({"use_wscale": "no"}, "use_wscale is 'no'"),
        ({"use_styles": []}, "use_styles is []"),
        ({"mapping_nonlinearity": "relu"}, "mapping_nonlinearity is 'relu'"),
        ({"use_instance_norm": False}, "no configuration A to F"),
        ({"blur_filter": [1, 3, 3, 1]}, "blur_filter is [1, 3, 3, 1]"),
        ({"blur_filter": 1}, "blur_filter is 1"),
        ({"resolution": 12}, "resolution is 12"),
        ({"fmap_base": "many"}, "fmap_base is 'many', which is no size"),
        ({"latent_size": 10**30}, "which is no size"),
        ({"fmap_decay": -1e5}, "make no network"),
        ({"mapping_layers": -1}, "which is no size"),
    ],
)
def test_arguments_that_mean_something_else(arguments, words, path):
    arguments = {**made.GENERATOR, **arguments}
    assert words in refusal(path, made.triple(arguments=arguments))


@pytest.mark.parametrize(
    "sizes",
    [
        {"fmap_max": 2**20, "fmap_base": 2**20},  # 72 TB of weights
        {"mapping_fmaps": 2**20},
        {"dlatent_size": 2**20},
        {"label_size": 2**20},
    ],
)
def test_networks_larger_than_what_is_stored_are_not_made(sizes, path):
    """A bomb of memory: a number in the file is all that it takes to ask for it."""
    arguments = {**made.GENERATOR, **sizes}
    words = refusal(path, made.triple(arguments=arguments))
    assert "its sizes are those of a larger network" in words


def test_layers_of_hardly_any_numbers_are_not_made_either(path):
    arguments = {**made.GENERATOR, "mapping_layers": 2**20, "mapping_fmaps": 1}
    assert "fewer variables than layers" in refusal(path, made.triple(arguments=arguments))


def test_one_array_for_many_variables_counts_once(path):
    """By being shared it would count as often as it has names."""
    array = np.zeros(10**6, np.uint8)
    many = {f"x{index}": array for index in range(1000)}
    arguments = {**made.GENERATOR, "mapping_fmaps": 10**4}
    words = refusal(path, made.triple(arguments=arguments, **many))
    assert "its sizes are those of a larger network" in words


def test_a_part_with_another_name(path):
    value = made.triple()
    value[0].components["other"] = value[0].components["mapping"]
    assert "it has a part 'other'" in refusal(path, value)


@pytest.mark.parametrize("name", ["version", "build_func_name", "static_kwargs", "variables"])
def test_a_value_that_means_far_more_than_it_has_bytes(name, path):
    """Each list holds the one before ten times: written out, a message of 10^30 characters."""
    value, bomb = made.triple(), "x"
    for _ in range(30):
        bomb = [bomb] * 10
    content = {"static_kwargs": {"surprise": bomb}, "variables": [(bomb, 1)]}.get(name, bomb)
    setattr(value[0], name, content)
    assert len(refusal(path, value)) < 500


def test_sizes_may_be_numbers_of_numpy(path):
    arguments = {**made.GENERATOR, "resolution": np.int64(8), "fmap_decay": np.float64(1)}
    path.write_bytes(made.dumped(made.triple(arguments=arguments)))
    assert_is_the_generator(load_nvidia_pickle(path).generator)


@pytest.mark.parametrize("lod", [0, 1.3])
@pytest.mark.parametrize("fused", [0, 1])
def test_a_network_without_equalized_learning_rate_generates_the_same(fused, lod, path):
    """`use_wscale=False`: its weights are stored as they are used."""
    stored = published.arrays("stylegan32_table1")
    arguments = {**json.loads(str(stored["nowscale/kwargs"])), "fused_scale": bool(fused)}
    variables, numbers = rows.without_equalized_learning_rate()
    path.write_bytes(made.dumped(made.triple(arguments=arguments, own=variables)))
    generator = load_nvidia_pickle(path).generator
    growing = published.resolution_and_fade(lod)
    images = published.nchw(generator(stored["in/z"], noise="constant", **growing))
    assert_matches(images, numbers.image(lod, fused))


def test_a_discriminator_without_equalized_learning_rate_scores_the_same(path):
    """The published one, but its weights stored as they are used: He's deviation times them."""
    gain = {"FromRGB": 2**0.5, "Conv": 2**0.5, "Dense0": 2**0.5, "Dense1": 1.0}
    kind = made.make_class("dnnlib.tflib.network.Network")
    equalized = made.discriminator(kind)
    plain = made.discriminator(kind, arguments={**made.SIZES, "use_wscale": False})
    for index, (name, value) in enumerate(plain.variables):
        if name.endswith("weight"):
            (factor,) = (number for part, number in gain.items() if part in name)
            fan_in = np.prod(value.shape[:-1])
            plain.variables[index] = (name, value * np.float32(factor / fan_in**0.5))
    images = np.random.default_rng(0).standard_normal((4, 8, 8, 3)).astype(np.float32)
    scores = []
    for network in (equalized, plain):
        path.write_bytes(made.dumped((made.generator(kind), network, made.generator(kind))))
        scores.append(load_nvidia_pickle(path).discriminator(images))
    assert_matches(scores[1], np.asarray(scores[0]))


names = sorted({*GENERATOR, *FIXED, *SWITCHES, *ELSEWHERE, "use_wscale", "blur_filter"})
values = st.one_of(
    st.none() | st.booleans() | st.integers(-3, 70) | st.integers() | st.floats(),
    st.text(max_size=5) | st.lists(st.integers(0, 3), max_size=3),
)


@given(arguments=st.dictionaries(st.sampled_from(names), values, max_size=3))
@settings(max_examples=30, deadline=None)
def test_any_arguments_are_a_network_or_refused_by_name(arguments, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "n.pkl"
    path.write_bytes(made.dumped(made.triple(arguments={**made.GENERATOR, **arguments})))
    try:
        load_nvidia_pickle(path)
    except UnsupportedCheckpointError as error:
        assert str(error).startswith(f"{path} is refused: ")


def test_progressive_gan_with_labels(path):
    kind = made.make_class("dnnlib.tflib.network.Network")
    arguments = {"num_channels": 3, "resolution": 8, "label_size": 10, "fmap_max": 64}
    g = made.network(kind, "G_paper", arguments, {"lod": np.float32(0)})
    assert "Progressive GAN with labels" in refusal(path, (g, made.discriminator(kind), g))


@pytest.mark.parametrize(
    ("lod", "words"),
    [
        (3.0, "level of detail is 3, which"),
        (np.nan, "level of detail is nan"),
        ([1.0, 2.0], "an array of shape [2]"),
    ],
)
def test_an_impossible_level_of_detail(lod, words, path):
    assert words in refusal(path, made.triple(lod=lod))
