"""Networks of GAN and DCGAN where others have w: files, the pipeline, exported models, refusals."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny
from compare import assert_close
from stylegan_tf.images import to_uint8
from stylegan_tf.latents import z_from_seeds
from stylegan_tf.metrics.evaluation import check_generator
from stylegan_tf.metrics.names import parse
from stylegan_tf.metrics.sampling import Replicas, sampled
from stylegan_tf.models import make_generator
from stylegan_tf.serving.signatures import without_batch_statistics

SEEDS = [3, 0, 7]
NAMES = ["cat", "dog", "horse"]
every_architecture = pytest.mark.parametrize("architecture", tiny.GENERATORS)
NOTHING_TO_TRUNCATE = "has no w, so there is nothing to truncate; leave --trunc"


@pytest.fixture(scope="module", params=tiny.GENERATORS)
def generator(request):
    return tiny.plain_generator(request.param, label_size=3, label_names=NAMES)


@pytest.fixture(scope="module")
def pipe(generator):
    return sg.Pipeline(generator)


@every_architecture
def test_networks_survive_a_file(architecture, tmp_path):
    made = tiny.plain_generator(architecture)
    made.save(tmp_path / "g.keras")
    again = sg.load(tmp_path / "g.keras")
    assert type(again) is tiny.GENERATORS[architecture]
    assert again.get_config() == made.get_config()
    assert_close(again(tiny.latents()), made(tiny.latents()), 1e-6)

    made = tiny.plain_discriminator(architecture, label_size=3)
    made.save(tmp_path / "d.keras")
    again = keras.models.load_model(tmp_path / "d.keras")
    assert type(again) is tiny.DISCRIMINATORS[architecture]
    images, labels = tiny.draw(4, 16, 16, 3), tf.eye(4, 3)
    assert_close(again(images, labels), made(images, labels), 1e-6)


@every_architecture
def test_checkpoints_hold_every_weight(architecture, tmp_path):
    pairs = [
        (tiny.plain_generator(architecture), tiny.plain_discriminator(architecture))
        for _ in range(2)
    ]
    for network in pairs[1]:
        network.set_weights([0 * weight for weight in network.get_weights()])
    path = tf.train.Checkpoint(g=pairs[0][0], d=pairs[0][1]).write(str(tmp_path / "c"))
    tf.train.Checkpoint(g=pairs[1][0], d=pairs[1][1]).read(path).assert_consumed()
    for ours, theirs in zip(*pairs, strict=True):
        for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_seed_is_z_and_a_label(pipe, generator):
    assert pipe.num_ws == 1
    images = pipe(seeds=SEEDS, label="dog", output_type="tf")
    z = z_from_seeds(SEEDS, tiny.LATENT)
    assert_close(images, generator(z, tf.one_hot([1, 1, 1], 3)), 1e-5)
    for noise in ("constant", "none"):
        again = pipe(seeds=SEEDS, label="dog", noise=noise, output_type="tf")
        np.testing.assert_array_equal(again, images)


def test_z_can_be_calculated_with(pipe):
    """`z` gives the images of latents, such as means of those of seeds."""
    z = z_from_seeds(SEEDS, tiny.LATENT)
    ours = pipe(z=z, label=1, output_type="np")
    np.testing.assert_array_equal(ours, pipe(seeds=SEEDS, label=1, output_type="np"))
    mean = pipe(z=np.mean(z, axis=0, keepdims=True), label=1, output_type="np")
    assert mean.shape == (1, 16, 16, 3)
    assert (mean != ours).any()


def test_in_the_place_of_w_there_is_z_and_the_label(pipe, generator):
    z, labels = tiny.latents(), tf.eye(4, 3)
    images = pipe.synthesize(tf.concat([z, labels], axis=1), output_type="tf")
    assert_close(images, generator(z, labels), 1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda pipe: pipe(seeds=SEEDS, truncation_psi=0.5), NOTHING_TO_TRUNCATE),
        (lambda pipe: pipe(seeds=SEEDS, truncation_psi=[1, 0.5, 1]), NOTHING_TO_TRUNCATE),
        (lambda pipe: pipe(z=tiny.latents(), label=0, truncation_psi=0.5), NOTHING_TO_TRUNCATE),
        (lambda pipe: pipe.map(seeds=SEEDS), r"has no w, so there is nothing to map to: pipe\(z="),
        (lambda pipe: pipe(), "give either seeds or z"),
        (lambda pipe: pipe(seeds=SEEDS, z=tiny.latents()), "give either seeds or z"),
        (lambda pipe: pipe(z=tiny.latents()), "label is None; only a seed has a label of its own"),
        (lambda pipe: pipe(z=tf.zeros([2, 5]), label=0), r"z is \(2, 5\); it must be \[N, 6\]"),
    ],
)
def test_what_needs_w_says_why_it_cannot(call, message, pipe):
    with pytest.raises(ValueError, match=message):
        call(pipe)


def test_the_generator_refuses_to_truncate(generator):
    with pytest.raises(ValueError, match=NOTHING_TO_TRUNCATE):
        generator(tiny.latents(), tf.eye(4, 3), truncation_psi=0.7)
    generator(tiny.latents(), tf.eye(4, 3), truncation_psi=1)


@pytest.mark.parametrize("metric", ["ppl_wfull", "ppl_wend", "ls"])
def test_metrics_of_w_are_refused(metric):
    generator = tiny.plain_generator(resolution=32)
    with pytest.raises(ValueError, match=f"a DCGAN has no w, so {metric}.*cannot be measured"):
        check_generator(generator, None, [parse(metric)])


def test_metrics_of_z_are_not():
    check_generator(tiny.plain_generator(resolution=32), None, [parse("ppl_zfull")])


def test_exported_models_give_the_images_of_the_pipeline(pipe, tmp_path):
    served = tf.saved_model.load(str(pipe.export(tmp_path / "net", version=1)))
    numbers = ("serving_default", "generate")
    assert set(served.signatures) == {
        *numbers,
        *(f"{name}_with_vector" for name in numbers),
        "labels",
        "class_names",
    }
    z, psi = z_from_seeds(SEEDS, tiny.LATENT), tf.fill([3], 0.7)
    label = tf.constant([1, 1, 1])
    images = served.signatures["generate"](z=z, psi=psi, label=label)["images"]
    expected = pipe(seeds=SEEDS, label=1, output_type="np")
    np.testing.assert_array_equal(images, expected)
    seed = tf.constant(SEEDS, tf.int64)
    files = served.signatures["serving_default"](seed=seed, psi=psi, label=label)["image_bytes"]
    np.testing.assert_array_equal([tf.io.decode_png(file) for file in files], expected)


def test_keras_exports_it(generator, tmp_path):
    generator.export(tmp_path / "net")
    served = tf.saved_model.load(str(tmp_path / "net"))
    labels = tf.eye(4, 3)
    assert_close(served.serve(tiny.latents(), labels), generator(tiny.latents(), labels), 1e-5)


def test_a_discriminator_that_compares_its_batch_judges_no_image_alone():
    generator = tiny.plain_generator()
    with pytest.raises(ValueError, match="the discriminator of a DCGAN normalizes by its batch"):
        without_batch_statistics(tiny.plain_discriminator(), generator)
    first, images = tiny.plain_discriminator("gan"), tiny.draw(4, 16, 16, 3)
    copy = without_batch_statistics(first, tiny.plain_generator("gan"))
    assert_close(copy(images), first(images), 1e-6)


@every_architecture
def test_arguments_of_other_families_are_refused(architecture):
    made = make_generator(architecture, resolution=8, fmap_max=4, w_size=512, mapping_layers=None)
    assert type(made) is tiny.GENERATORS[architecture]
    with pytest.raises(ValueError, match=f"w_size is 64; architecture {architecture} has no"):
        make_generator(architecture, resolution=8, fmap_max=4, w_size=64)


def test_metrics_sample_the_images_of_seeds(generator):
    labels = np.eye(3, dtype=np.float32)
    replicas = Replicas(None, 2)
    parts = sampled(generator, lambda images, z, w: (images,), 3, replicas, labels)
    images = np.concatenate([part for (part,) in parts])
    expected = to_uint8(generator(z_from_seeds([0, 1, 2], tiny.LATENT), labels))
    np.testing.assert_allclose(images.astype(int), expected.numpy().astype(int), atol=1)
