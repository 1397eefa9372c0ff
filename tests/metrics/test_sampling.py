"""The generator's side: which images are drawn, whatever batch they are in."""

import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny
from compare import assert_close
from known_generators import Known
from stylegan_tf.images import to_uint8
from stylegan_tf.latents import noise_from_seeds, z_from_seeds
from stylegan_tf.metrics.sampling import Replicas, batch_for, sampled, seeds_of
from stylegan_tf.pipeline import Pipeline


def everything(images, z, w):
    return images, z, w


def drawn(generator, count=7, share=4, look=everything, **options):
    """Images, z and w of so many samples."""
    result = [*sampled(generator, look, count, Replicas(None, share), **options)]
    return [np.concatenate(parts) for parts in zip(*result, strict=True)]


def assert_images(result, expected):
    """Equal but for rounding to bytes, which sums of another order can change."""
    assert result.dtype == np.uint8
    apart = np.abs(result.astype(int) - expected.astype(int))
    assert apart.max() <= 1
    assert np.mean(apart) < 0.01


def test_seeds_are_the_images_of_the_generate_command():
    generator = tiny.generator()
    expected = Pipeline(generator)(range(7), truncation_psi=1.0, output_type="np")
    assert_images(drawn(generator)[0], expected)


@pytest.mark.parametrize("share", [1, 3, 7, 16])
def test_an_image_does_not_depend_on_its_batch(share):
    generator = tiny.generator()
    expected = drawn(generator)
    result = drawn(generator, share=share)
    assert_images(result[0], expected[0])
    for one, other in zip(result[1:], expected[1:], strict=True):
        assert_close(one, other, 1e-5)


def test_the_first_images_do_not_depend_on_how_many_there_are():
    generator = tiny.generator()
    assert_images(drawn(generator, 3)[0], drawn(generator, 7)[0][:3])


def test_the_last_batch_is_not_compiled_again():
    traces = []

    def look(images, z, w):
        traces.append(images.shape)
        return (z,)

    (z,) = drawn(tiny.generator(), count=9, share=4, look=look)
    assert traces == [(4, 16, 16, 3)]
    assert_close(z, z_from_seeds(range(9), tiny.LATENT), 1e-6)


def test_images_are_as_far_grown_as_the_network():
    generator = tiny.generator(resolution=32, grown=3.25)
    noise = noise_from_seeds([0, 1], generator.synthesis.noise_shapes(16))
    z = z_from_seeds([0, 1], tiny.LATENT)
    expected = generator(z, noise=noise, resolution=16, fade=0.25)
    images, *_ = drawn(generator, 2)
    assert_images(images, to_uint8(expected).numpy())


def test_each_image_has_its_label(rng):
    generator = tiny.generator(label_size=3)
    labels = np.eye(3, dtype=np.float32)[rng.integers(0, 3, 9)]
    _, z, w = drawn(generator, labels=labels)
    assert_close(w, generator.mapping(z, labels[:7]), 1e-5)


def test_nothing_is_truncated():
    generator = tiny.generator()
    generator.w_avg.assign(tf.fill([5], 1e3))
    _, z, w = drawn(generator)
    assert_close(w, generator.mapping(z), 1e-5)
    np.testing.assert_array_equal(drawn(tiny.generator())[0], drawn(generator)[0])


def test_networks_without_noise_are_drawn():
    generator = tiny.generator(architecture="b")
    expected = to_uint8(generator(z_from_seeds(range(7), tiny.LATENT))).numpy()
    assert_images(drawn(generator)[0], expected)


def test_noise_is_fresh_for_each_image():
    images, *_ = drawn(Known(images=lambda w: tf.zeros([w.shape[0], 32, 32, 3]), strength=0.3))
    apart = images.astype(float)[:, None] - images.astype(float)
    different = np.abs(apart).mean((2, 3, 4)) > 1
    np.testing.assert_array_equal(different, ~np.eye(7, dtype=bool))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_networks_of_any_channels_are_shown_in_three(channels):
    assert drawn(tiny.generator(channels=channels))[0].shape == (7, 16, 16, 3)


def test_sets_of_different_seeds_have_no_image_in_common():
    assert seeds_of(0, 3).tolist() == [0, 1, 2]
    assert seeds_of(1, 1).tolist() == [2**32]
    assert len({*seeds_of(0, 50), *seeds_of(1, 50), *seeds_of(-1, 50)}) == 150
    one, other = (drawn(Known(), seed=seed)[1] for seed in (0, 1))
    assert np.abs(one[:, None] - other).max(-1).min() > 0.1


def test_progress_hears_of_all_images():
    events = []
    drawn(Known(), 10, 4, progress=lambda done, total: events.append((done, total)))
    assert events == [(4, 10), (8, 10), (10, 10)]


def test_batches_have_fewer_of_large_images():
    sizes = [batch_for(2**level) for level in range(2, 11)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] in (4, 8)


def test_a_network_in_mixed_precision_is_copied_to_float32(mixed_bfloat16):
    generator = tiny.generator(resolution=128)  # with blocks in bfloat16
    copy = Replicas(None, 1).at_hand(generator)
    assert copy is not generator
    layers = [*copy.synthesis.synthesis_layers, *copy.synthesis.to_rgb]
    assert {layer.compute_dtype for layer in layers} == {"float32"}
    for one, other in zip(copy.get_weights(), generator.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_in_another_scope_is_copied():
    with tf.distribute.OneDeviceStrategy("CPU:0").scope():
        generator = tiny.generator(grown=3.5)
    copy = Replicas(None, 1).at_hand(generator)
    assert copy is not generator
    assert copy.grown_to == generator.grown_to
    assert_images(drawn(generator)[0], drawn(copy)[0])
    assert Replicas(None, 1).at_hand(copy) is copy


def test_tf32_is_off_where_numbers_are_computed():
    enabled = []

    def look(images, z, w):
        enabled.append(tf.config.experimental.tensor_float_32_execution_enabled())
        return (z,)

    before = tf.config.experimental.tensor_float_32_execution_enabled()
    drawn(Known(), look=look)
    assert enabled == [False]
    assert tf.config.experimental.tensor_float_32_execution_enabled() == before


def test_the_package_names_the_functions():
    assert callable(sg.metrics.evaluate)
    assert callable(sg.metrics.perceptual_path_length)
    assert callable(sg.metrics.linear_separability)
