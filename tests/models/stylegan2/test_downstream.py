"""What takes a network takes StyleGAN2's: files, the pipeline, exported models, directions."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny
from compare import assert_close
from stylegan_tf.directions.factorization import factorized
from stylegan_tf.images import to_uint8
from stylegan_tf.latents import noise_from_seeds, z_from_seeds
from stylegan_tf.pretrained import networks
from stylegan_tf.serving.signatures import without_batch_statistics

SEEDS = [3, 0, 7]
ALL = ["stylegan2", "stylegan2-orig", "stylegan2-skip", "stylegan2-resnet"]
every_architecture = pytest.mark.parametrize("architecture", ALL)


@pytest.fixture(scope="module")
def generator():
    return tiny.generator2(label_size=3, label_names=["cat", "dog", "horse"])


@pytest.fixture(scope="module")
def pipe(generator):
    return sg.Pipeline(generator)


@every_architecture
def test_networks_survive_a_file(architecture, tmp_path):
    made = tiny.generator2(architecture=architecture, clamp=2.0)
    made.save(tmp_path / "g.keras")
    again = sg.load(tmp_path / "g.keras")
    assert type(again) is sg.StyleGAN2Generator
    assert again.get_config() == made.get_config()
    images = made(tiny.latents(), truncation_psi=0.7, noise="constant")
    assert_close(again(tiny.latents(), truncation_psi=0.7, noise="constant"), images, 1e-6)

    made = tiny.discriminator2(architecture=architecture, label_size=3)
    made.save(tmp_path / "d.keras")
    again = keras.models.load_model(tmp_path / "d.keras")
    assert type(again) is sg.StyleGAN2Discriminator
    images, labels = tiny.draw(4, 16, 16, 3), tf.eye(4, 3)
    assert_close(again(images, labels), made(images, labels), 1e-6)


def test_checkpoints_hold_every_weight(tmp_path):
    first = tiny.generator2(architecture="stylegan2-resnet"), tiny.discriminator2(label_size=2)
    second = tiny.generator2(architecture="stylegan2-resnet"), tiny.discriminator2(label_size=2)
    for network in second:
        network.set_weights([0 * weight for weight in network.get_weights()])
    path = tf.train.Checkpoint(g=first[0], d=first[1]).write(str(tmp_path / "c"))
    tf.train.Checkpoint(g=second[0], d=second[1]).read(path).assert_consumed()
    for ours, theirs in zip(first, second, strict=True):
        for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_pipeline_gives_the_images_of_the_network(pipe, generator):
    images = pipe(
        seeds=SEEDS, truncation_psi=0.5, truncation_cutoff=3, label="dog", output_type="tf"
    )
    expected = generator(
        z_from_seeds(SEEDS, tiny.LATENT),
        tf.one_hot([1, 1, 1], 3),
        truncation_psi=0.5,
        truncation_cutoff=3,
        noise=noise_from_seeds(SEEDS, generator.noise_shapes()),
    )
    assert_close(images, expected, 1e-5)


def test_the_pipeline_maps_and_synthesizes(pipe, generator):
    ws = pipe.map(seeds=SEEDS, label=2)
    assert ws.shape == (3, generator.num_ws, 5) == (3, 6, 5)
    images = pipe.synthesize(ws, noise="constant", output_type="tf")
    assert_close(images, generator.synthesis(ws, noise="constant"), 1e-5)


def test_exported_models_give_the_images_of_the_pipeline(pipe, tmp_path):
    path = pipe.export(tmp_path / "net", version=1)
    served = tf.saved_model.load(str(path or tmp_path / "net" / "1"))
    z = tiny.latents(3)
    images = served.signatures["generate"](
        z=z, psi=tf.fill([3], 0.7), label=tf.constant([0, 1, 2])
    )["images"]
    expected = pipe.generator(
        z, tf.eye(3), truncation_psi=0.7, truncation_cutoff=8, noise="constant"
    )
    np.testing.assert_allclose(images, to_uint8(expected), atol=1)


def test_keras_exports_it(generator, tmp_path):
    generator.export(tmp_path / "net")
    served = tf.saved_model.load(str(tmp_path / "net"))
    images = served.serve(tiny.latents(2), tf.eye(2, 3))
    assert images.shape == (2, 16, 16, 3)


def test_directions_are_those_that_change_styles_most(generator):
    """Along no unit vector does the sum of squares of all styles change more."""
    affines = [affine.numpy() for affine in generator.style_affines()]
    assert [affine.shape for affine in affines] == [(5, 8)] * generator.num_ws
    found = factorized(generator, np.random.default_rng(0).standard_normal((64, 5)))
    first = next(iter(found.values()))

    def change(n):
        return sum(np.sum((n / np.linalg.norm(n) @ affine) ** 2) for affine in affines)

    others = np.random.default_rng(1).standard_normal((200, 5))
    assert change(first) >= max(map(change, others))


def test_a_discriminator_without_batch_statistics(generator):
    discriminator = tiny.discriminator2(label_size=3)
    alone = without_batch_statistics(discriminator, generator)
    images, labels = tiny.draw(4, 16, 16, 3), tf.eye(4, 3)
    one_by_one = [discriminator(images[i : i + 1], labels[i : i + 1]) for i in range(4)]
    assert_close(alone(images, labels), tf.concat(one_by_one, 0), 1e-5)


def test_files_of_networks_are_for_stylegan(generator, tmp_path):
    text = "g.npz cannot hold a StyleGAN2Generator: .* take a .keras file"
    with pytest.raises(ValueError, match=text):
        networks.save(tmp_path / "g.npz", generator, tiny.discriminator2(), "about", 1.0)
    assert not [*tmp_path.iterdir()]
