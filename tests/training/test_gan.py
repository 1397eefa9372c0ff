"""Gradients of the two losses: what is computed for them, and what the discriminator is shown."""

import numpy as np
import pytest
import tensorflow as tf

import runs
import tiny
from stylegan_tf import augment, ops
from stylegan_tf.training.gan import GAN
from stylegan_tf.training.random_inputs import RandomStream

BATCH = 4


@augment.register("noted")
class Noted:
    """Scales images by a random factor, and notes what it was for which images."""

    def __init__(self):
        self.seen = []

    def __call__(self, images, rng):
        factor = 0.5 + rng.uniform([images.shape[0], 1, 1, 1])
        self.seen.append((images, factor))
        return images * factor


def gan(label_size=0, **sections) -> GAN:
    """The same networks every time, of 16×16."""
    networks = (one(label_size=label_size) for one in (tiny.generator, tiny.discriminator))
    return GAN(*networks, runs.config(**sections))


def gradients(networks: GAN, letter: str, reals=None, labels=None, inputs=None):
    """Of a step at 16×16."""
    reals = tiny.draw(BATCH, 16, 16, 3) if reals is None else reals
    compute = {"G": networks.generator_gradients, "D": networks.discriminator_gradients}[letter]
    inputs = inputs or networks.sample_inputs(0, 0, BATCH, 16)
    return compute(inputs, reals, labels, tf.constant(0.5), 16, 1.0)


def ancestors(graph: tf.Graph) -> set[str]:
    """Names of the ops that something outside depends on: what is left when a graph runs."""
    outputs = [*graph.outputs, *graph.control_outputs]
    waiting = [getattr(one, "op", one) for one in outputs]
    names = set()
    while waiting:
        op = waiting.pop()
        if op.name not in names:
            names.add(op.name)
            waiting += [*(tensor.op for tensor in op.inputs), *op.control_inputs]
    return names


@pytest.mark.parametrize(
    ("name", "needs_reals"), [("non_saturating", False), ("hinge", False), ("relativistic", True)]
)
def test_the_generator_step_computes_logits_of_reals_only_for_losses_that_use_them(
    name, needs_reals
):
    networks = gan(loss={"name": name})

    @tf.function(input_signature=[tf.TensorSpec([BATCH, 16, 16, 3])])
    def step(reals):
        ops.xla.stay_outside()  # as training does; switches for XLA would keep what is not used
        return gradients(networks, "G", reals).values

    graph = step.get_concrete_function().graph
    assert (graph.inputs[0].op.name in ancestors(graph)) == needs_reals


def test_r1_takes_one_pass_over_the_reals(monkeypatch):
    networks, passes = gan(), []
    call = networks.discriminator.call

    def noted(images, *arguments, **others):
        passes.append(images)
        return call(images, *arguments, **others)

    monkeypatch.setattr(networks.discriminator, "call", noted)
    gradients(networks, "D")
    assert len(passes) == 2  # reals and fakes


def test_no_augmentation_adds_nothing():
    def ops(**sections):
        networks = gan(**sections)
        function = tf.function(lambda: gradients(networks, "D").values)
        return len(function.get_concrete_function().graph.get_operations())

    assert ops(augment={"name": "none"}) == ops()


@pytest.mark.parametrize("letter", ["D", "G"])
def test_reals_and_fakes_are_augmented_by_numbers_of_their_own(letter):
    networks = gan(augment={"name": "noted"})
    gradients(networks, letter)
    (real, of_real), (fake, of_fake) = networks.augmentation.seen
    np.testing.assert_array_equal(real, tiny.draw(BATCH, 16, 16, 3))
    assert real is not fake
    assert len(np.unique([of_real, of_fake])) == 2 * BATCH


def test_images_get_the_same_numbers_whenever_they_are_evaluated():
    loss = {"name": "wasserstein", "penalties": {"r1": 1.0, "r2": 1.0, "gradient_penalty": 1.0}}
    networks = gan(augment={"name": "noted"}, loss=loss)
    gradients(networks, "D")
    first = {id(images): factor.numpy() for images, factor in networks.augmentation.seen}
    assert len(first) == 3
    for images, factor in networks.augmentation.seen:
        np.testing.assert_array_equal(factor, first[id(images)])


def test_penalties_are_by_images_before_they_are_augmented():
    """D of images times f has f times its gradient: R1 is f² times that of D at those images."""

    @augment.register("halved")
    class Halved:
        def __call__(self, images, rng):
            return images / 2

    loss = {"penalties": {"r1": 2.0}}
    reals = tiny.draw(BATCH, 16, 16, 3)
    result = gradients(gan(augment={"name": "halved"}, loss=loss), "D", reals)
    plain = gradients(gan(loss=loss), "D", reals / 2)
    np.testing.assert_allclose(result.sums["r1"], plain.sums["r1"] / 4, rtol=1e-4)
    np.testing.assert_allclose(result.sums["real_logit"], plain.sums["real_logit"], rtol=1e-5)


def test_the_generator_is_learned_through_the_augmentation():
    networks = gan(augment={"name": "noted"})
    assert any(np.any(gradient) for gradient in gradients(networks, "G").values)


@pytest.mark.parametrize(
    ("sections", "expected"),
    [({}, True), ({"loss": {"name": "wgan_gp"}}, True), ({"augment": {"name": "noted"}}, False)],
)
def test_what_users_add_is_told_from_what_comes_along(sections, expected):
    assert gan(**sections).is_built_in == expected


def test_labels_of_fakes_are_those_of_reals_in_another_order():
    networks, seen = gan(label_size=3), []
    discriminator = networks.discriminator

    def noted(images, labels, **arguments):
        seen.append(labels.numpy())
        return discriminator(images, labels, **arguments)

    networks.discriminator = noted
    inputs = networks.sample_inputs(0, 0, BATCH, 16)
    assert sorted(inputs.label_order.numpy()) == [0, 1, 2, 3]
    inputs = inputs._replace(label_order=tf.constant([1, 3, 2, 0]))
    gradients(networks, "G", labels=tf.one_hot([0, 1, 2, 2], 3), inputs=inputs)
    real, fake = seen
    np.testing.assert_array_equal(real, np.eye(3)[[0, 1, 2, 2]])
    np.testing.assert_array_equal(fake, np.eye(3)[[1, 2, 2, 0]])


def test_a_stream_gives_fresh_numbers_and_another_of_its_seed_the_same():
    seed = tf.constant([1, 2], tf.int64)

    def numbers(stream):
        return [float(stream.uniform([])) for _ in range(3)] + [float(stream.normal([]))]

    base, inner = RandomStream(seed), RandomStream(seed).stream(0)
    result = [numbers(base), numbers(inner), numbers(RandomStream(seed).stream(1))]
    assert len(set(np.ravel(result))) == 12
    assert numbers(RandomStream(seed)) == result[0]
    assert numbers(RandomStream(seed).stream(0)) == result[1]
