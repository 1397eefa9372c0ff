"""Signatures of exported models: their shapes, and the numbers they give."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny
from compare import assert_close
from served import answer, assert_same_images, decoded, images_of, load
from stylegan_tf.generation import sample_inputs
from stylegan_tf.images import to_float, to_uint8
from stylegan_tf.labels import LabelSpace
from stylegan_tf.latents import labels_from_seeds, noise_from_seeds, z_from_seeds
from stylegan_tf.models import styles
from stylegan_tf.pipeline import Pipeline
from stylegan_tf.serving import export
from stylegan_tf.serving.signatures import Signatures

SEEDS = [3, 0, 2**40, 7]
N, L, W, Z = None, 6, 5, tiny.LATENT
IMAGES = {"images": ("uint8", (N, 16, 16, 3))}
BYTES = {"image_bytes": ("string", (N,))}
PSI, SEED = ("float32", (N,)), ("int64", (N,))
SIGNATURES = {
    "serving_default": ({"seed": SEED, "psi": PSI}, BYTES),
    "generate": ({"z": ("float32", (N, Z)), "psi": PSI}, IMAGES),
    "mapping": ({"z": ("float32", (N, Z))}, {"w": ("float32", (N, W))}),
    "synthesis": ({"w": ("float32", (N, L, W))}, IMAGES),
    "mix": ({"seed_a": SEED, "seed_b": SEED, "crossover": ("int32", (N,)), "psi": PSI}, BYTES),
    "discriminate": (IMAGES, {"logits": ("float32", (N,))}),
}
BY_LABEL = {"serving_default", "generate", "mapping", "mix", "discriminate"}


VECTOR = ("float32", (N, 3))


def with_label(label) -> dict:
    """The signatures that take a label, with an input for it."""
    taking = ((name, SIGNATURES[name]) for name in BY_LABEL)
    return {name: ({**inputs, "label": label}, outputs) for name, (inputs, outputs) in taking}


def described(specs) -> dict:
    return {name: (spec.dtype.name, tuple(spec.shape)) for name, spec in specs.items()}


def by_command(generator, seeds, label=None, psi=0.7):
    """What `stylegan-tf generate` makes."""
    return Pipeline(generator)(seeds, psi, label=label, output_type="np")


@pytest.mark.parametrize("with_labels", [False, True])
def test_names_types_and_shapes(with_labels, request):
    loaded = load(request.getfixturevalue("labelled_model" if with_labels else "model"))
    expected = SIGNATURES
    if with_labels:
        expected = {
            **SIGNATURES,
            **with_label(("int32", (N,))),
            **{f"{name}_with_vector": one for name, one in with_label(VECTOR).items()},
            "labels": ({"seed": SEED}, {"label": VECTOR}),
        }
    assert set(loaded.signatures) == set(expected)
    for name, function in loaded.signatures.items():
        inputs, outputs = expected[name]
        assert described(function.structured_input_signature[1]) == inputs
        assert described(function.structured_outputs) == outputs


def test_a_seed_is_the_image_of_the_generate_command(model, generator):
    np.testing.assert_array_equal(images_of(model, SEEDS), by_command(generator, SEEDS))


def test_a_seed_is_the_image_of_the_layers_with_compiled_ops(model, generator):
    noise = noise_from_seeds(SEEDS, generator.synthesis.noise_shapes())
    z = z_from_seeds(SEEDS, Z)
    expected = generator(z, truncation_psi=0.7, truncation_cutoff=8, noise=noise)
    assert_same_images(images_of(model, SEEDS), to_uint8(expected))


@settings(max_examples=20)
@given(st.lists(st.sampled_from(SEEDS), min_size=1, max_size=9))
def test_a_seed_is_the_same_image_bit_for_bit_in_any_batch(model, seeds):
    alone = {seed: images_of(model, [seed])[0] for seed in set(seeds)}
    np.testing.assert_array_equal(images_of(model, seeds), [alone[seed] for seed in seeds])


def test_no_signature_looks_at_batch_mates(model):
    rng = np.random.default_rng(1)
    batches = {
        "mapping": {"z": rng.standard_normal([5, Z])},
        "generate": {"z": rng.standard_normal([5, Z]), "psi": rng.uniform(size=5)},
        "synthesis": {"w": rng.standard_normal([5, L, W])},
        "discriminate": {"images": rng.integers(0, 256, [5, 16, 16, 3])},
    }
    for name, inputs in batches.items():
        (together,) = answer(model, name, **inputs).values()
        for index in range(5):
            (alone,) = answer(
                model, name, **{key: value[index : index + 1] for key, value in inputs.items()}
            ).values()
            np.testing.assert_array_equal(alone[0], together[index])


def test_the_latents_and_the_noise_are_those_of_a_seed_bit_for_bit(generator):
    z, noise = tf.function(lambda seeds: sample_inputs(generator, seeds))(
        tf.constant(SEEDS, tf.int64)
    )
    np.testing.assert_array_equal(z, z_from_seeds(SEEDS, Z))
    for ours, theirs in zip(
        noise, noise_from_seeds(SEEDS, generator.synthesis.noise_shapes()), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_every_image_has_its_own_psi(model, generator):
    result = images_of(model, [3, 3, 0], psi=[0.0, 0.5, 1.0])
    expected = [by_command(generator, [s], psi=p)[0] for s, p in [(3, 0.0), (3, 0.5), (0, 1.0)]]
    assert_same_images(result, expected)


def test_every_image_has_its_own_class(labelled_model, labelled):
    result = images_of(labelled_model, [3, 3, 3, 3], label=[2, 0, -1, 99])
    expected = [by_command(labelled, [3], label)[0] for label in (2, 0, None, None)]
    assert_same_images(result, expected)
    vector = [[0.5, 0.25, 0.0], [0.0, 0.0, 1.0]]
    found = decoded(
        answer(
            labelled_model, "serving_default_with_vector", seed=[3, 3], psi=[0.7] * 2, label=vector
        )["image_bytes"]
    )
    assert_same_images(found, by_command(labelled, [3, 3], vector))
    np.testing.assert_array_equal(found[1], by_command(labelled, [3], 2)[0])


def test_a_model_tells_the_labels_of_seeds(labelled_model, labelled):
    found = answer(labelled_model, "labels", seed=SEEDS)["label"]
    np.testing.assert_array_equal(found, labels_from_seeds(SEEDS, LabelSpace.of(labelled)))


def test_a_mix_has_the_class_of_each_seed(labelled_model, labelled):
    seeds = {"seed_a": [3], "seed_b": [0], "crossover": [2], "psi": [1.0]}
    found = decoded(answer(labelled_model, "mix", **seeds, label=[-1])["image_bytes"])
    pipe = Pipeline(labelled)
    w = styles.mix(pipe.map(seeds=[3]), pipe.map(seeds=[0]), tf.constant([2]))
    noise = noise_from_seeds([3], labelled.noise_shapes())
    assert_same_images(found, pipe.synthesize(w, noise, output_type="np"))


@pytest.fixture(scope="module")
def numbers():
    """A generator whose labels are two numbers, and its signatures."""
    network = tiny.generator(resolution=8, label_size=2, label_samples=[[1.0, 7.5], [2.0, 3.0]])
    return network, Signatures(network).traced()


def inputs_of(function) -> dict:
    """The inputs of a traced function, by position or by name."""
    by_position, by_name = function.structured_input_signature
    return described({spec.name: spec for spec in [*by_position, *by_name.values()]})


def test_labels_that_are_numbers_are_given_as_such(numbers):
    network, traced = numbers
    by_seed, by_vector = traced["serving_default"], traced["serving_default_with_vector"]
    assert inputs_of(by_seed) == {"seed": SEED, "psi": PSI}
    assert inputs_of(by_vector) == {"seed": SEED, "psi": PSI, "label": ("float32", (N, 2))}
    assert "mapping" not in traced
    seeds, psi = tf.constant([3, 0], tf.int64), tf.constant([0.7, 0.7])
    found = decoded(by_seed(seed=seeds, psi=psi)["image_bytes"].numpy())
    assert_same_images(found, by_command(network, [3, 0]))
    vector = tf.constant([[1.0, 7.5], [5.0, 6.0]])
    found = decoded(by_vector(seed=seeds, psi=psi, label=vector)["image_bytes"].numpy())
    assert_same_images(found, by_command(network, [3, 0], vector.numpy()))


def test_a_model_tells_the_names_of_its_classes():
    network = tiny.generator(resolution=4, label_size=2, label_names=["cat", "dog"])
    names = Signatures(network).traced()["class_names"](label=tf.constant([1, -1, 0]))["name"]
    assert names.numpy().tolist() == [b"dog", b"", b"cat"]


def test_generate_and_synthesis_use_the_stored_noise(model, generator):
    z = tiny.latents()
    result = answer(model, "generate", z=z, psi=[0.7] * 4)["images"]
    expected = generator(z, truncation_psi=0.7, truncation_cutoff=8, noise="constant")
    assert_same_images(result, to_uint8(expected))
    w = styles.broadcast(generator.mapping(z), L)
    result = answer(model, "synthesis", w=w)["images"]
    assert_same_images(result, to_uint8(generator.synthesis(w, noise="constant")))


def test_mapping_gives_w(labelled_model, labelled):
    result = answer(labelled_model, "mapping", z=tiny.latents(2), label=[1, -1])["w"]
    expected = labelled.mapping(tiny.latents(2), tf.constant([[0.0, 1, 0], [0, 0, 0]]))
    assert_close(result, expected, 1e-6)


def test_mix_takes_styles_of_b_from_the_crossover_on(model, generator):
    seeds = {"seed_a": [3] * 3, "seed_b": [0] * 3, "crossover": [L, 0, 2], "psi": [0.7] * 3}
    result = decoded(answer(model, "mix", **seeds)["image_bytes"])
    assert_same_images(result[0], images_of(model, [3])[0])
    w = [styles.broadcast(generator.mapping(z_from_seeds([seed], Z)), L) for seed in (3, 0)]
    _, noise = sample_inputs(generator, [3])
    for image, crossover in zip(result[1:], [0, 2], strict=True):
        mixed = tf.concat([w[0][:, :crossover], w[1][:, crossover:]], axis=1)
        mixed = generator.w_avg + 0.7 * (mixed - generator.w_avg)  # all 6 layers are below 8
        expected = to_uint8(generator.synthesis(mixed, noise=noise))
        assert_same_images(image, expected[0])


def test_an_image_is_judged_without_its_batch_mates(model):
    images = np.random.default_rng(0).integers(0, 256, [5, 16, 16, 3], np.uint8)
    logits = answer(model, "discriminate", images=images)["logits"]
    discriminator = tiny.discriminator()
    alone = [discriminator(to_float(image[None]))[0, 0] for image in images]
    assert_close(logits, alone, 1e-5)


@pytest.mark.parametrize("architecture", ["a", "c"])
def test_networks_without_noise_or_mapping(architecture, tmp_path):
    generator = tiny.generator(architecture=architecture, resolution=8)
    folder = export(generator, tmp_path)
    result = images_of(folder, [3, 1])
    assert_same_images(result, by_command(generator, [3, 1]))


def test_a_network_that_has_not_grown_up_gives_the_images_that_it_can(tmp_path):
    generator = tiny.generator(grown=2.25)
    folder = export(generator, tmp_path, discriminator=tiny.discriminator())
    result = images_of(folder, [3])
    assert result.shape == (1, 8, 8, 3)
    assert_same_images(result, by_command(generator, [3]))
    discriminator = tiny.discriminator()
    expected = discriminator(to_float(result), resolution=8, fade=0.25)
    assert_close(answer(folder, "discriminate", images=result)["logits"], expected[0], 1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"encoding": "webp"}, "encoding is 'webp'; it can be one of png, jpeg"),
        ({"encoding": "jpeg", "channels": 4}, "no alpha"),
        ({"discriminator": {"resolution": 8}}, "discriminator's resolution is 8"),
        ({"discriminator": {"label_size": 2}}, "discriminator's label_size is 2"),
    ],
)
def test_what_cannot_be_exported_is_refused(arguments, message):
    arguments = dict(arguments)
    generator = tiny.generator(channels=arguments.pop("channels", 3))
    if "discriminator" in arguments:
        arguments["discriminator"] = tiny.discriminator(**arguments["discriminator"])
    with pytest.raises(ValueError, match=message):
        Signatures(generator, **arguments)
