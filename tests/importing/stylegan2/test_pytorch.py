"""Network pickles of StyleGAN2-ADA for PyTorch and of StyleGAN3's repository."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import published2
import stylegan2_pickles as made
import stylegan_tf as sg
import vectors
from published2 import assert_matches, nchw, nhwc
from stylegan2_weights import assert_has
from stylegan_tf.importing import UnsupportedCheckpointError, load_nvidia_pickle
from stylegan_tf.importing.stylegan2 import pytorch
from stylegan_tf.unpickling.network_files import NetworkReader


@pytest.fixture
def path(tmp_path):
    return tmp_path / "n.pkl"


def loaded(path, value, protocol=4):
    path.write_bytes(made.dumped(value, protocol))
    return load_nvidia_pickle(path)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_the_three_networks(protocol, path):
    networks = loaded(path, made.snapshot(), protocol)
    kinds = [type(network) for network in networks]
    assert kinds == [sg.StyleGAN2Generator, sg.StyleGAN2Discriminator, sg.StyleGAN2Generator]
    assert_has(networks.generator, made.generator_arrays())
    assert_has(networks.discriminator, made.discriminator_arrays())
    assert_has(networks.generator_ema, made.generator_arrays(seed=2))


@pytest.mark.parametrize("labels", [0, 3])
@pytest.mark.parametrize("form", ["orig", "skip", "resnet"])
def test_every_form(form, labels, path):
    g = made.generator(labels=labels, architecture=form)
    d = made.discriminator(labels=labels, architecture=form)
    networks = loaded(path, made.snapshot(g, d, g))
    assert_has(networks.generator, made.generator_arrays(labels, form))
    assert_has(networks.discriminator, made.discriminator_arrays(labels, form))
    architectures = [network.architecture for network in networks]
    usual = {"skip": "stylegan2"}.get(form, f"stylegan2-{form}")
    usual_of_d = {"resnet": "stylegan2"}.get(form, f"stylegan2-{form}")
    assert architectures == [usual, usual_of_d, usual]


def published(name, class_name):
    """A network of the bundled vectors, as PyTorch would store it."""
    stored = published2.arrays(name)
    arrays = {key.removeprefix("w/"): stored[key] for key in stored if key.startswith("w/")}
    return made.nested(
        class_name, arrays, _init_args=(), _init_kwargs=json.loads(str(stored["kwargs"]))
    )


def test_published_images_and_logits(path):
    g, d = published("g_resnet16", "Generator"), published("d_orig16", "Discriminator")
    networks = loaded(path, made.snapshot(g, d, g))
    stored = published2.arrays("g_resnet16")
    generator = networks.generator_ema
    assert_matches(nchw(generator(stored["in/z"], noise="constant")), stored["out/img_const"])
    images = generator(stored["in/z"], noise="none", truncation_psi=0.5)
    assert_matches(nchw(images), stored["out/img_psi0.5_none"])
    stored = published2.arrays("d_orig16")
    assert_matches(networks.discriminator(nhwc(stored["in/img"])), stored["out/logits_b4"])


def test_published_images_of_labels(path):
    g = published("g_skip8", "Generator")
    generator = loaded(path, made.snapshot(g, ema=g)).generator_ema
    stored = published2.arrays("g_skip8")
    assert_matches(generator.mapping(stored["in/z"], stored["in/c"]), stored["out/w"])
    images = generator(stored["in/z"][:2], stored["in/c"][:2], noise="constant")
    assert_matches(nchw(images), stored["out/rgb/8"])


FILES = {
    "ada-uncond.proto4.pkl": "ada-uncond",
    "ada-uncond.proto3.pkl": "ada-uncond",
    "ada-converted-from-tf.proto4.pkl": "ada-uncond",
    "ada-cond-augpipe.proto4.pkl": "ada-cond-augpipe",
    "sg3repo-uncond.proto4.pkl": "ada-uncond",
    "tf-stylegan2-uncond.proto4.pkl": "tf-stylegan2-uncond",
    "tf-stylegan2-resnetG-origD.proto4.pkl": "tf-stylegan2-resnetG-origD",
    "tf-ada-cond.proto3.pkl": "tf-ada-cond",
}
BUNDLED = "ada-uncond.proto4.pkl"


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, marks=[] if file == BUNDLED else [pytest.mark.whole_vectors])
        for file in FILES
    ],
)
def test_files_of_the_published_code(file):
    networks = load_nvidia_pickle(vectors.file(file))
    stored, name = vectors.read("pickles"), FILES[file]
    labels, d_labels = stored["in/c3"], stored["in/c4"]
    if not networks.generator.label_size:
        labels = d_labels = None
    for key, generator in (("G", networks.generator), ("G_ema", networks.generator_ema)):
        for options, image in (
            ({"noise": "constant"}, "img_const"),
            ({"noise": "none", "truncation_psi": 0.5}, "img_psi0.5_none"),
        ):
            images = generator(stored["in/z"], labels, **options)
            assert_matches(nchw(images), stored[f"{name}/out/{key}/{image}"])
    size = networks.discriminator.resolution
    logits = networks.discriminator(nhwc(stored["in/img"])[:, :size, :size], d_labels)
    assert_matches(logits, stored[f"{name}/out/D/logits"])


def test_arguments_of_stylegan3s_repository(path):
    """It passes those of the synthesis network flat."""
    flat = {key: made.GENERATOR[key] for key in made.GENERATOR if key != "synthesis_kwargs"}
    flat |= {**made.SYNTHESIS, "fused_modconv_default": "inference_only", "conv_clamp": 256}
    generator = loaded(path, made.snapshot(ema=made.generator(flat))).generator_ema
    assert_has(generator, made.generator_arrays())
    assert generator.arguments["clamp"] == 256


def test_what_a_file_says_is_what_ours_has(path):
    mapping = {"num_layers": 2, "lr_multiplier": 0.1, "w_avg_beta": 0.9}
    g = made.generator({**made.GENERATOR, "mapping_kwargs": mapping})
    d = made.discriminator(
        {
            **made.DISCRIMINATOR,
            "conv_clamp": 256.0,
            "epilogue_kwargs": {"mbstd_group_size": None, "mbstd_num_channels": 1},
            "block_kwargs": {"freeze_layers": 2},
        }
    )
    networks = loaded(path, made.snapshot(g, d))
    assert networks.generator.arguments["mapping_lr_multiplier"] == 0.1
    assert networks.discriminator.arguments["clamp"] == 256
    images = np.random.default_rng(0).standard_normal([6, 8, 8, 3]).astype(np.float32)
    whole = np.asarray(networks.discriminator(images))
    again = loaded(path, made.snapshot(g, made.discriminator(made.DISCRIMINATOR))).discriminator
    assert not np.allclose(whole, again(images))  # groups of 2, not of the whole batch


def test_numbers_may_be_of_numpy(path):
    arguments = {**made.GENERATOR, "img_resolution": np.int64(8), "z_dim": np.int32(made.LATENT)}
    networks = loaded(path, made.snapshot(ema=made.generator(arguments)))
    assert_has(networks.generator_ema, made.generator_arrays())


def test_frozen_layers_are_buffers(path):
    """Training that freezes layers of D stores their weights as constants."""
    arrays = made.discriminator_arrays()
    d = made.discriminator()
    block = d.reduced[1][0]["state"]["_modules"]["b8"].reduced[1][0]["state"]
    layer = block["_modules"]["conv0"].reduced[1][0]["state"]
    layer["_buffers"] = {key: made.tensor(arrays[f"b8.conv0.{key}"]) for key in ("weight", "bias")}
    layer["_parameters"] = {}
    assert_has(loaded(path, made.snapshot(d=d)).discriminator, arrays)


def test_filters_are_looked_at(path):
    blur = np.outer([1, 3, 3, 1], [1, 3, 3, 1]).astype(np.float32) / 64
    known = made.generator(**{"synthesis.b8.conv0.resample_filter": blur})
    assert_has(loaded(path, made.snapshot(ema=known)).generator_ema, made.generator_arrays())
    other = made.generator(**{"synthesis.b8.conv0.resample_filter": blur[::-1] * 2})
    words = "synthesis.b8.conv0.resample_filter is another filter than [1, 3, 3, 1]"
    assert words in refusal(path, made.snapshot(ema=other))


def test_without_an_augmentation(path):
    """As in files of old, and as their own order may be."""
    whole = made.snapshot()
    small = {key: whole[key] for key in ("G_ema", "D", "G")}
    assert_has(loaded(path, small).generator, made.generator_arrays())


def test_load_and_the_pipeline_take_the_average(path):
    path.write_bytes(made.dumped(made.snapshot()))
    assert_has(sg.load(path), made.generator_arrays(seed=2))
    pipe = sg.Pipeline.from_pretrained(path)
    assert_has(pipe.generator, made.generator_arrays(seed=2))
    assert_has(pipe.discriminator, made.discriminator_arrays())
    assert (pipe.resolution, pipe.num_ws) == (8, 4)
    assert pipe(seeds=range(3), output_type="np").shape == (3, 8, 8, 3)


def refusal(path, value) -> str:
    path.write_bytes(made.dumped(value))
    with pytest.raises(UnsupportedCheckpointError) as caught:
        load_nvidia_pickle(path)
    assert str(caught.value).startswith(f"{path} is refused: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700
    return str(caught.value)


@pytest.mark.parametrize("missing", ["G", "D", "G_ema"])
def test_a_network_is_missing(missing, path):
    value = made.snapshot()
    del value[missing]
    assert f"three networks (G, D, G_ema): {missing} is missing" in refusal(path, value)


def test_networks_in_each_others_place(path):
    assert "a Discriminator where a Generator belongs" in refusal(
        path, made.snapshot(g=made.discriminator())
    )


CONST = "synthesis.b4.const"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({CONST: None}, f"1 missing: {CONST}"),
        ({CONST: np.zeros([4, 4, 5], np.float32)}, f"1 misshapen: {CONST} (its shape is [4, 4, 5]"),
        ({"synthesis.b4.other": np.zeros(3, np.float32)}, "1 left over: synthesis.b4.other"),
        ({f"synthesis.{'x' * 50}": np.zeros(3, np.float32)}, "1 left over: synthesis.xxx"),
        ({CONST: "text"}, "no tensor"),
    ],
)
def test_weights_that_do_not_fit(changes, words, path):
    assert words in refusal(path, made.snapshot(g=made.generator(**changes)))


def test_the_mean_of_w_may_be_missing(path):
    generator = loaded(path, made.snapshot(ema=made.generator(**{"mapping.w_avg": None})))
    np.testing.assert_array_equal(generator.generator_ema.w_avg, np.zeros(made.W))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"surprise": 7}, "argument 'surprise' = 7"),
        ({"mapping_kwargs": {"surprise": 7}}, "argument 'mapping_kwargs.surprise' = 7"),
        ({"mapping_kwargs": 3}, "mapping_kwargs is 3, which is no dict"),
        ({"img_resolution": 12}, "img_resolution is 12; it must be a power of two from 4 to 1024"),
        ({"img_resolution": 2048}, "img_resolution is 2048"),
        ({"img_channels": 2}, "img_channels is 2; it must be 1, 3 or 4"),
        ({"z_dim": 0}, "z_dim is 0"),
        ({"z_dim": True}, "z_dim is True"),
        ({"w_dim": 10**30}, "w_dim is 1000"),
        ({"w_dim": 10**5000}, "w_dim is a"),
        ({"w_dim": "5"}, "w_dim is '5'"),
        ({"c_dim": -1}, "c_dim is -1"),
        ({"channel_base": 17}, "channel_base is both 16 and 17"),
        ({"architecture": "unet"}, "architecture is 'unet'"),
        ({"activation": "relu"}, "activation is 'relu'; only 'lrelu' is known here"),
        ({"use_noise": False}, "use_noise is False"),
        ({"resample_filter": [1, 2, 1]}, "resample_filter is [1, 2, 1]"),
        ({"conv_clamp": float("nan")}, "conv_clamp is nan"),
        ({"conv_clamp": 10**400}, "conv_clamp is 1000"),
        ({"mapping_kwargs": {"lr_multiplier": 0}}, "lr_multiplier is 0"),
        ({"mapping_kwargs": {"num_layers": 10**6}}, "fewer variables than layers"),
        ({"synthesis_kwargs": {"channel_base": 1}}, "no feature maps"),
        ({"synthesis_kwargs": {"channel_base": 2**20, "channel_max": 2**20}}, "misshapen"),
    ],
)
def test_arguments_that_mean_something_else(arguments, words, path):
    arguments = {**made.GENERATOR, **arguments}
    assert words in refusal(path, made.snapshot(g=made.generator(arguments)))


@pytest.mark.parametrize("name", ["img_resolution", "z_dim"])
def test_arguments_that_are_missing(name, path):
    arguments = {key: value for key, value in made.GENERATOR.items() if key != name}
    words = refusal(path, made.snapshot(g=made.generator(arguments)))
    assert f"it does not say its {name}" in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"cmap_dim": 9}, "cmap_dim is not 4"),
        ({"mapping_kwargs": {"num_layers": 2, "layer_features": 9}}, "misshapen"),
        ({"epilogue_kwargs": {"mbstd_num_channels": 0}}, "mbstd_num_channels is 0"),
        ({"epilogue_kwargs": {"mbstd_num_channels": 2}}, "b4.conv.weight"),
    ],
)
def test_arguments_of_d_that_mean_something_else(arguments, words, path):
    d = made.discriminator({**made.DISCRIMINATOR, **arguments}, labels=3)
    g = made.generator(labels=3)
    assert words in refusal(path, made.snapshot(g, d, g))


def test_arguments_without_a_name(path):
    g = made.nested("Generator", made.generator_arrays(), _init_args=(3,), _init_kwargs={})
    assert "arguments without a name" in refusal(path, made.snapshot(g=g))


def test_alias_free_networks(path):
    """Those of StyleGAN3 have other layers, and Fourier features in the place of a constant."""
    layers = {
        "input": made.module("SynthesisInput", buffers={"freqs": made.tensor(np.zeros((4, 2)))}),
        "L0_36_4": made.module("SynthesisLayer"),
    }
    parts = {"synthesis": made.module("SynthesisNetwork", modules=layers)}
    arguments = {**made.GENERATOR, "magnitude_ema_beta": 0.999}
    g = made.module("Generator", modules=parts, _init_args=(), _init_kwargs=arguments)
    assert "an alias-free one of StyleGAN3" in refusal(path, made.snapshot(g, ema=g))


def test_a_network_of_one_arrays_numbers(path):
    """By being shared, 4 MB would become a network of 200 MB."""
    flat = made.storage(np.zeros(10**6, np.float32))
    shared = made.Call(made.LOAD, flat)

    def of(shape):
        strides = [int(np.prod(shape[index + 1 :])) for index in range(len(shape))]
        return made.Call(made.TENSOR, shared, 0, shape, tuple(strides), False, made.OrderedDict())

    units = 1000
    arrays = {key: value for key, value in made.generator_arrays().items() if ".fc" not in key}
    sizes = [made.LATENT, *[units] * 50, made.W]
    for index in range(51):
        arrays[f"mapping.fc{index}.weight"] = of((sizes[index + 1], sizes[index]))
        arrays[f"mapping.fc{index}.bias"] = of((sizes[index + 1],))
    arguments = {
        **made.GENERATOR,
        "mapping_kwargs": {"num_layers": 51, "layer_features": units},
    }
    g = made.nested("Generator", arrays, _init_args=(), _init_kwargs=arguments)
    assert "its sizes are those of a larger network" in refusal(path, made.snapshot(g=g))


def test_the_terms_go_along(path):
    generator = loaded(path, made.snapshot()).generator_ema
    assert "not for commercial use" in generator.licence
    generator.save(path.with_suffix(".keras"))
    assert sg.load(path.with_suffix(".keras")).licence == generator.licence


known = {*pytorch.GENERATOR, *pytorch.DISCRIMINATOR, *pytorch.FIXED, *pytorch.ELSEWHERE}
names = sorted({*known, "mapping_kwargs", "block_kwargs"})
values = st.one_of(
    st.none() | st.booleans() | st.integers(-3, 70) | st.integers() | st.floats(),
    st.text(max_size=5) | st.lists(st.integers(0, 3), max_size=3),
    st.dictionaries(st.sampled_from(["num_layers", "x"]), st.integers(-3, 5)),
)


@given(arguments=st.dictionaries(st.sampled_from(names), values, max_size=3))
@settings(max_examples=50, deadline=None)
def test_any_arguments_are_known_or_refused(arguments):
    given = [
        made.generator({**made.GENERATOR, **arguments}),
        made.discriminator({**made.DISCRIMINATOR, **arguments}),
    ]
    g, d = NetworkReader(set(), pytorch.CLASSES).run(made.dumped(given))
    for network, describe in ((g, pytorch.generator), (d, pytorch.discriminator)):
        with contextlib.suppress(UnsupportedCheckpointError):
            assert describe(network).arguments.resolution == 8
