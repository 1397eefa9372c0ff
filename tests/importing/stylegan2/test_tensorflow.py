"""Network pickles of StyleGAN2 (version 4) and of StyleGAN2-ADA for TensorFlow (version 5)."""

import json

import numpy as np
import pytest

import nvidia_pickles
import published2
import stylegan2_pickles as made
from published2 import assert_matches, nchw, nhwc
from stylegan2_weights import assert_has
from stylegan_tf.importing import UnsupportedCheckpointError, load_nvidia_pickle


@pytest.fixture
def path(tmp_path):
    return tmp_path / "n.pkl"


def loaded(path, g=None, d=None, ema=None, **options):
    value = (g or made.generator_record(), d or made.discriminator_record())
    path.write_bytes(nvidia_pickles.dumped((*value, ema or value[0]), **options))
    return load_nvidia_pickle(path)


@pytest.mark.parametrize("numpy_module", ["numpy.core", "numpy._core"])
@pytest.mark.parametrize("protocol", [3, 4])
def test_the_three_networks(protocol, numpy_module, path):
    ema = made.generator_record(made.generator_arrays(seed=2))
    networks = loaded(path, ema=ema, protocol=protocol, numpy_module=numpy_module)
    assert_has(networks.generator, made.generator_arrays())
    assert_has(networks.discriminator, made.discriminator_arrays())
    assert_has(networks.generator_ema, made.generator_arrays(seed=2))


@pytest.mark.parametrize("form", ["orig", "skip", "resnet"])
def test_every_form(form, path):
    arguments = {"architecture": form}
    arrays, d_arrays = (
        made.generator_arrays(architecture=form),
        made.discriminator_arrays(architecture=form),
    )
    g = made.generator_record(arrays, arguments=arguments)
    networks = loaded(path, g, made.discriminator_record(d_arrays, arguments=arguments))
    assert_has(networks.generator, arrays)
    assert_has(networks.discriminator, d_arrays)


def test_labels_of_ada(path):
    arguments = {"label_size": 3}
    arrays, d_arrays = made.generator_arrays(3), made.discriminator_arrays(3)
    g = made.generator_record(arrays, 5, arguments)
    d = made.discriminator_record(d_arrays, 5, {**arguments, "mapping_layers": 2})
    networks = loaded(path, g, d)
    assert_has(networks.generator, arrays)
    assert_has(networks.discriminator, d_arrays)
    assert networks.discriminator.arguments["mapping_lr_multiplier"] == 0.1


def test_published_images_and_logits(path):
    stored, of_d = published2.arrays("g_resnet16"), published2.arrays("d_orig16")
    sizes = {"resolution": 16, "fmap_base": 64, "fmap_max": 16}
    latents = {"latent_size": 32, "dlatent_size": 32, "mapping_fmaps": 32}
    g = made.generator_record(weights(stored), 4, {**sizes, **latents, "architecture": "resnet"})
    d = made.discriminator_record(weights(of_d), 4, {**sizes, "architecture": "orig"})
    networks = loaded(path, g, d)
    images = networks.generator(stored["in/z"], noise="constant")
    assert_matches(nchw(images), stored["out/img_const"])
    logits = networks.discriminator(nhwc(of_d["in/img"]))
    assert_matches(logits, of_d["out/logits_b4"])
    assert json.loads(str(stored["kwargs"]))["mapping_kwargs"] == {"num_layers": 2}


def weights(stored):
    return {key.removeprefix("w/"): stored[key] for key in stored if key.startswith("w/")}


@pytest.mark.parametrize(("version", "size"), [(4, 4), (5, 1 << 16)])
def test_the_group_of_a_file_that_does_not_say(version, size, path):
    """StyleGAN2's groups are of 4 images, those of StyleGAN2-ADA the whole batch."""
    g, d = made.generator_record(version=version), made.discriminator_record(version=version)
    assert loaded(path, g, d).discriminator.arguments["mbstd_group_size"] == size


def test_widths_that_a_file_does_not_say(path):
    """The hidden layers of the mapping network are as wide as they are stored."""
    arrays = made.generator_arrays()
    rng = np.random.default_rng(0)
    arrays["mapping.fc0.weight"] = rng.standard_normal((9, made.LATENT)).astype(np.float32)
    arrays["mapping.fc0.bias"] = np.zeros(9, np.float32)
    arrays["mapping.fc1.weight"] = rng.standard_normal((made.W, 9)).astype(np.float32)
    g = made.generator_record(arrays, arguments={"mapping_fmaps": None})
    assert_has(loaded(path, g).generator, arrays)


def refusal(path, *networks) -> str:
    with pytest.raises(UnsupportedCheckpointError) as caught:
        loaded(path, *networks)
    assert str(caught.value).startswith(f"{path} is refused: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700
    return str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"surprise": 7}, "argument 'surprise' = 7"),
        ({"resolution": 12}, "resolution is 12"),
        ({"num_channels": 2}, "num_channels is 2; it must be 1, 3 or 4"),
        ({"fmap_base": "many"}, "fmap_base is 'many'"),
        ({"fmap_decay": 0.5}, "fmap_decay is 0.5"),
        ({"resample_kernel": [1, 2, 1]}, "resample_kernel is [1, 2, 1]"),
        ({"nonlinearity": "relu"}, "nonlinearity is 'relu'"),
        ({"latent_size": 10**30}, "latent_size is 1000"),
        ({"mapping_layers": 10**6}, "fewer variables than layers"),
        ({"dlatent_size": 6}, "misshapen"),
        ({"label_size": 2}, "a StyleGAN2 of 2 label(s) from before StyleGAN2-ADA"),
    ],
)
def test_arguments_that_mean_something_else(arguments, words, path):
    assert words in refusal(path, made.generator_record(arguments=arguments))


def test_arguments_that_concern_something_else(path):
    arguments = {"fused_modconv": True, "randomize_noise": False, "dlatent_avg_beta": 0.9}
    g = made.generator_record(arguments={**arguments, "truncation_psi": 0.5, "num_fp16_res": 4})
    assert_has(loaded(path, g).generator, made.generator_arrays())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"4x4/Const/const": None}, "1 missing: synthesis.b4.const"),
        (
            {"4x4/Const/const": np.zeros([2, 4, 4, 4], np.float32)},
            "1 misshapen: synthesis.b4.const",
        ),
        ({"4x4/Const/const": np.float32(1)}, "1 misshapen: synthesis.b4.const"),
        ({"8x8/Conv0_up/weight": np.zeros([2, 2], np.float32)}, "1 misshapen: synthesis.b8.conv0"),
        (
            {"noise1": np.zeros([1, 8, 8], np.float32)},
            "1 misshapen: synthesis.b8.conv0.noise_const",
        ),
        ({"noise99": np.zeros([1, 1, 8, 8], np.float32)}, "1 left over: "),
        ({"noise9999999999": np.zeros([1], np.float32)}, "left over: synthesis/noise9999999999"),
        ({"x" * 10**6: np.zeros(3)}, "1 left over: synthesis/xxx"),
        ({"8x8/Other/weight": np.zeros(3)}, "1 left over: synthesis/8x8/Other/weight"),
        ({"4x4/ToRGB_lod0/weight": np.zeros(3)}, "1 left over: synthesis/4x4/ToRGB_lod0/weight"),
    ],
)
def test_variables_that_do_not_fit(changes, words, path):
    assert words in refusal(path, made.generator_record(**changes))


def test_networks_of_different_versions(path):
    words = refusal(path, made.generator_record(version=3), made.discriminator_record())
    assert "version [3, 4, 3]" in words


def test_a_version_of_a_million_digits(path):
    words = refusal(path, made.generator_record(version=1 << 10**6), made.discriminator_record())
    assert "not 2 to 5" in words


def test_one_array_for_many_styles_is_not_copied(path):
    """Each bias of styles gets its 1, but only where it is one of the network's."""
    array = np.zeros(10**6, np.float32)
    many = {f"{2**power}x{2**power}/Conv1/mod_bias": array for power in range(4, 300)}
    assert "left over" in refusal(path, made.generator_record(**many))
