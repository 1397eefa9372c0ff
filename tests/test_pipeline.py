"""`sg.Pipeline`: its images are those of the commands, alone or in company."""

import gc

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import nvidia_pickles
import runs
import stylegan_tf as sg
import tiny
from compare import assert_close
from stylegan_tf.cli import main
from stylegan_tf.images import to_uint8
from stylegan_tf.latents import labels_from_seeds, noise_from_seeds, z_from_seeds
from stylegan_tf.serving.saved_model import METADATA
from weights import randomize

SEEDS = [3, 0, 2**40, 7]
NAMES = ["cat", "dog", "horse"]


@pytest.fixture(scope="module")
def pipe() -> sg.Pipeline:
    """With three classes of known names."""
    return sg.Pipeline(tiny.generator(label_size=3, label_names=NAMES))


def by_hand(pipe, seeds, psi=1.0, cutoff=None, labels=None, noise=None):
    """The images of the generator itself, float [N, 16, 16, 3]."""
    generator = pipe.generator
    return generator(
        z_from_seeds(seeds, tiny.LATENT),
        labels,
        truncation_psi=psi,
        truncation_cutoff=cutoff,
        noise=noise or noise_from_seeds(seeds, generator.noise_shapes()),
    )


@pytest.mark.parametrize("noise", ["random", "constant", "none"])
@pytest.mark.parametrize("grown", [None, 2.5])
def test_images_are_those_of_the_generate_command(noise, grown, tmp_path):
    tiny.generator(grown=grown).save(tmp_path / "g.keras")
    main(
        ["generate", str(tmp_path / "g.keras"), "--seeds", "5,9", "--noise", noise]
        + ["--outdir", str(tmp_path)]
    )
    pipe = sg.Pipeline.from_pretrained(tmp_path / "g.keras")
    images = pipe(seeds=[5, 9], noise=noise, output_type="np")
    for seed, image in zip([5, 9], images, strict=True):
        np.testing.assert_array_equal(image, Image.open(tmp_path / f"seed{seed:04d}.png"))


def test_a_seed_gives_the_same_bits_in_any_batch(pipe):
    together = pipe(seeds=range(11), output_type="tf").numpy()
    np.testing.assert_array_equal(pipe(seeds=7, output_type="tf")[0], together[7])
    np.testing.assert_array_equal(pipe(seeds=[7, 2], output_type="tf"), together[[7, 2]])


def test_images_are_those_of_the_generator(pipe):
    result = pipe(SEEDS, truncation_psi=0.5, truncation_cutoff=2, label="dog", output_type="tf")
    labels = tf.one_hot([1] * 4, 3)
    assert_close(result, by_hand(pipe, SEEDS, 0.5, 2, labels), 1e-5)


def test_without_a_cutoff_all_layers_are_truncated(pipe):
    result = pipe(SEEDS, truncation_psi=0, truncation_cutoff=None, noise="none", output_type="np")
    assert (result == result[0]).all()
    by_default = pipe(SEEDS, truncation_psi=0, noise="none", output_type="np")
    np.testing.assert_array_equal(by_default, result)  # 6 layers, and 8 are truncated


def test_every_image_can_have_its_own_psi(pipe):
    result = pipe([3, 3], truncation_psi=[0.0, 0.9], output_type="np")
    for image, psi in zip(result, [0.0, 0.9], strict=True):
        np.testing.assert_array_equal(image, pipe(3, truncation_psi=psi, output_type="np")[0])


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_output_types(channels):
    pipe = sg.Pipeline(tiny.generator(channels=channels, grown=3.0))
    floats = pipe([1, 2], output_type="tf")
    assert (floats.dtype, floats.shape) == (tf.float32, (2, 8, 8, channels))
    array = pipe([1, 2], output_type="np")
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array, to_uint8(floats))
    images = pipe([1, 2])
    assert [image.mode for image in images] == [{1: "L", 3: "RGB", 4: "RGBA"}[channels]] * 2
    np.testing.assert_array_equal(np.asarray(images[1]).reshape(8, 8, channels), array[1])


@pytest.mark.parametrize("noise", ["constant", "none"])
def test_mapping_and_synthesis_give_the_same_bits_as_both_at_once(pipe, noise):
    ws = pipe.map(seeds=SEEDS, label="cat")
    assert ws.shape == (4, pipe.num_ws, 5) == (4, 6, 5)
    np.testing.assert_array_equal(pipe.map(z=z_from_seeds(SEEDS, tiny.LATENT), label=0), ws)
    result = pipe.synthesize(ws, noise=noise, output_type="tf")
    expected = pipe(SEEDS, truncation_psi=1.0, label="cat", noise=noise, output_type="tf")
    assert_close(result, expected, 1e-5)  # at psi 1 truncation adds the mean that it subtracted
    ws = pipe.w_avg + tf.constant(0.7) * (ws - pipe.w_avg)
    expected = pipe(SEEDS, truncation_cutoff=None, label="cat", noise=noise, output_type="tf")
    result = pipe.synthesize(ws, noise=noise, output_type="tf")
    np.testing.assert_array_equal(result, expected)


def test_synthesis_takes_noise_as_the_generator_does(pipe):
    ws = pipe.map(SEEDS)
    noise = noise_from_seeds(SEEDS, pipe.generator.noise_shapes())
    labels = labels_from_seeds(SEEDS, pipe.label_space)
    result = pipe.synthesize(ws, noise=noise, output_type="tf")
    assert_close(result, by_hand(pipe, SEEDS, labels=labels), 1e-5)
    once = [image[:1] for image in noise]
    result = pipe.synthesize(ws[:, 0], noise=once, output_type="tf")  # [N, w_size]
    assert_close(result, by_hand(pipe, SEEDS, labels=labels, noise=once), 1e-5)
    first, second = (pipe.synthesize(ws, noise="random", output_type="np") for _ in range(2))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(
    "label", ["dog", 1, np.int64(1), ["dog", 1], [0.0, 1.0, 0.0], np.float32([[0, 1, 0]] * 2)]
)
def test_a_class_by_name_number_or_vector(pipe, label):
    result = pipe.map(seeds=[4, 5], label=label)[:, 0]
    z = z_from_seeds([4, 5], tiny.LATENT)
    assert_close(result, pipe.generator.mapping(z, tf.one_hot([1, 1], 3)), 1e-6)


def test_without_a_label_it_is_that_of_the_seed(pipe):
    labels = labels_from_seeds(SEEDS, pipe.label_space)
    np.testing.assert_array_equal(pipe.map(seeds=SEEDS), pipe.map(seeds=SEEDS, label=labels))
    np.testing.assert_array_equal(
        pipe(SEEDS, output_type="np"), pipe(SEEDS, label=labels.numpy(), output_type="np")
    )
    assert pipe.label_names == NAMES


def test_latents_have_no_label_of_their_own(pipe):
    with pytest.raises(ValueError, match="only a seed has a label of its own: give one with z"):
        pipe.map(z=tiny.latents(2))


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("hors", "there is no class 'hors'; did you mean 'horse'"),
        (3, "label is 3; it can be 0 to 2"),
        (["dog"], r"it can be a class, a list of 2 classes"),
        (1.5, r"label is 1.5; it can be a class"),
        ([float("nan"), 1.0, 0.0], r"label is \[nan, 1.0, 0.0\]; it can be a class"),
        ([0], r"it can be a class, a list of 2 classes, or an array \[3\] or \[2, 3\]"),
    ],
)
def test_a_class_that_is_not_there_is_refused(pipe, label, message):
    with pytest.raises(ValueError, match=message):
        pipe(seeds=[1, 2], label=label)


def test_no_w_is_refused(pipe):
    with pytest.raises(ValueError, match="ws is empty; it must hold the w of at least one image"):
        pipe.synthesize(np.zeros([0, tiny.LATENT]))


def test_a_class_is_refused_where_none_are_known():
    with pytest.raises(ValueError, match="does not know the names of its classes"):
        sg.Pipeline(tiny.generator(label_size=2))(1, label="dog")
    with pytest.raises(ValueError, match="label is 0; this network has no labels"):
        sg.Pipeline(tiny.generator())(1, label=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seeds": []}, "seeds is"),
        ({"seeds": [0.5]}, "it must be whole numbers"),
        ({"seeds": 0, "noise": "loud"}, "noise is 'loud'; it can be random, constant, none"),
        ({"seeds": 0, "output_type": "pt"}, "output_type is 'pt'; it can be pil, np, tf"),
    ],
)
def test_what_it_cannot_do_is_refused(pipe, arguments, message):
    with pytest.raises(ValueError, match=message):
        pipe(**arguments)


def test_wrong_noise_and_missing_inputs_are_refused(pipe):
    with pytest.raises(ValueError, match="noise is 'loud'"):
        pipe.synthesize(pipe.map(1), noise="loud")
    with pytest.raises(ValueError, match="noise has 1 tensors; 6 layers"):
        pipe.synthesize(pipe.map(1), noise=[tf.zeros([1, 4, 4, 1])])
    for arguments in ({}, {"seeds": 1, "z": np.zeros([1, tiny.LATENT])}):
        with pytest.raises(ValueError, match="either seeds or z"):
            pipe.map(**arguments)


@pytest.mark.parametrize("architecture", ["a", "c"])
def test_networks_without_noise_inputs_or_styles(architecture):
    pipe = sg.Pipeline(tiny.generator(architecture=architecture))
    result = pipe(seeds=SEEDS, output_type="np")
    np.testing.assert_array_equal(result, pipe(seeds=SEEDS, noise="constant", output_type="np"))
    assert pipe.synthesize(pipe.map(SEEDS), noise="random", output_type="np").shape == result.shape


def test_what_is_saved_gives_the_same_images(pipe, tmp_path):
    pipe.save(tmp_path / "new" / "g.keras")
    again = sg.Pipeline.from_pretrained(tmp_path / "new" / "g.keras")
    np.testing.assert_array_equal(again(SEEDS, output_type="np"), pipe(SEEDS, output_type="np"))
    assert again.discriminator is None
    assert again.label_names == NAMES
    with pytest.raises(ValueError, match="must end in .keras"):
        pipe.save(tmp_path / "g.h5")


def test_an_exported_model_answers_with_the_same_png(pipe, tmp_path):
    folder = pipe.export(tmp_path / "net", version=3)
    assert folder == tmp_path / "net" / "3"
    assert (folder / "assets.extra" / METADATA).exists()
    answer = tf.saved_model.load(str(folder)).signatures["serving_default"](
        seed=tf.constant([7], tf.int64), psi=tf.constant([0.7]), label=tf.constant([1])
    )
    expected = tf.io.encode_png(pipe(7, label="dog", output_type="np")[0])
    assert answer["image_bytes"][0] == expected


class TestDiscriminators:
    """People score images with them."""

    @pytest.mark.parametrize("kimg", [0.04, 0.08])
    def test_that_of_a_run_gives_the_logits_of_training(self, kimg, tmp_path, monkeypatch):
        """After 40 images 8×8 is half faded in, after 80 it is there."""
        runs.skip_steps(monkeypatch)
        session = runs.session(tmp_path, schedule={"total_kimg": kimg})
        randomize(session.trainer.networks.discriminator)  # as if it had learned
        session.train()
        trained, state = session.trainer.networks.discriminator, session.trainer.schedule_state
        assert (state.fade < 1) == (kimg < 0.08)
        pipe = sg.Pipeline.from_pretrained(session.run.path)
        images = tiny.draw(4, 8, 8, 3)
        expected = trained(images, resolution=8, fade=state.fade)
        assert_close(pipe.discriminator(images), expected, 1e-6)
        weights = zip(pipe.discriminator.get_weights(), trained.get_weights(), strict=True)
        for ours, theirs in weights:
            np.testing.assert_array_equal(ours, theirs)
        assert pipe.discriminator is pipe.discriminator

    def test_that_of_a_pickle_has_grown_as_its_generator(self, tmp_path):
        path = tmp_path / "network.pkl"
        path.write_bytes(nvidia_pickles.dumped(nvidia_pickles.triple(lod=0.75)))
        pipe = sg.Pipeline.from_pretrained(path)
        resolution, fade = pipe.discriminator.grown_to
        assert (resolution, fade) == pipe.generator.grown_to == (8, 0.25)
        images = tiny.draw(2, 8, 8, pipe.generator.channels)
        expected = sg.importing.load_nvidia_pickle(path).discriminator(images, fade=0.25)
        assert_close(pipe.discriminator(images), expected, 1e-6)

    def test_a_run_without_checkpoints_has_none(self, tmp_path):
        tiny.generator().save(tmp_path / "network-snapshot-000000.keras")
        assert sg.Pipeline.from_pretrained(tmp_path).discriminator is None

    def test_a_checkpoint_of_other_networks_is_refused_by_name(self, tmp_path, monkeypatch, caplog):
        runs.skip_steps(monkeypatch)
        session = runs.session(tmp_path, schedule={"total_kimg": 0.008})
        session.train()
        config = session.run.path / "config.json"
        text = config.read_text().replace('"mbstd_num_features": 1', '"mbstd_num_features": 2')
        config.write_text(text)
        with pytest.raises(ValueError, match="does not fit"):
            _ = sg.Pipeline.from_pretrained(session.run.path).discriminator
        gc.collect()  # TensorFlow warns of a half-read checkpoint where it is deleted
        assert "checkpoint" not in caplog.text

    def test_one_that_is_given_is_kept(self):
        discriminator = tiny.discriminator()
        assert sg.Pipeline(tiny.generator(), discriminator).discriminator is discriminator
