"""Assigning published variables: what is checked, and what is transposed."""

import numpy as np
import pytest

import stylegan_tf as sg
from compare import assert_close
from published import DISCRIMINATOR_SIZES, SIZES, variables
from stylegan_tf.importing import UnsupportedCheckpointError, assign_discriminator, assign_generator


@pytest.fixture
def generator():
    return sg.Generator(resolution=8, **SIZES)


@pytest.fixture
def discriminator():
    return sg.Discriminator(resolution=8, **DISCRIMINATOR_SIZES)


NETWORKS = {
    "generator": (assign_generator, "G/vars/", "G_synthesis/8x8/Conv1/weight"),
    "discriminator": (assign_discriminator, "D/vars/", "8x8/Conv0/weight"),
}
every_network = pytest.mark.parametrize("kind", NETWORKS)


@every_network
def test_every_weight_is_assigned(kind, request):
    network = request.getfixturevalue(kind)
    for weight in network.weights:
        weight.assign(np.full(weight.shape, np.nan))
    assign, prefix, _ = NETWORKS[kind]
    assign(network, variables("stylegan8", prefix))
    assert all(np.all(np.isfinite(weight)) for weight in network.weights)


@every_network
def test_every_published_number_is_used(kind, request):
    network = request.getfixturevalue(kind)
    assign, prefix, _ = NETWORKS[kind]
    published = variables("stylegan8", prefix)
    assign(network, published)
    ours = np.sort(np.concatenate([np.ravel(weight) for weight in network.weights]))
    theirs = np.sort(np.concatenate([np.ravel(value) for value in published.values()]))
    np.testing.assert_array_equal(ours, theirs)


@every_network
def test_a_missing_variable_is_named(kind, request):
    assign, prefix, name = NETWORKS[kind]
    published = dict(variables("stylegan8", prefix))
    del published[name]
    with pytest.raises(UnsupportedCheckpointError, match=f"1 missing: {name}"):
        assign(request.getfixturevalue(kind), published)


@every_network
def test_a_variable_of_another_shape_is_refused(kind, request):
    assign, prefix, name = NETWORKS[kind]
    published = dict(variables("stylegan8", prefix))
    published[name] = published[name][..., :-1]
    with pytest.raises(UnsupportedCheckpointError, match="shape"):
        assign(request.getfixturevalue(kind), published)


def test_flipping_turns_up_convolutions_and_nothing_else(generator):
    published = variables("stylegan8", "G/vars/")
    assign_generator(generator, published)
    plain = [np.asarray(weight) for weight in generator.weights]
    assign_generator(generator, published, fused_from=8)
    changed = [
        (before, np.asarray(weight))
        for before, weight in zip(plain, generator.weights, strict=True)
        if not np.array_equal(before, weight)
    ]
    assert len(changed) == 1  # an 8×8 generator has one up-convolution
    (before, after), *_ = changed
    assert_close(after, before[::-1, ::-1], 0)


def test_labels_and_the_mean_of_w_are_assigned(rng):
    generator = sg.Generator(resolution=8, label_size=3, **SIZES)
    published = dict(variables("stylegan8", "G/vars/"))
    published["G_mapping/LabelConcat/weight"] = rng.standard_normal((3, 64))
    published["G_mapping/Dense0/weight"] = rng.standard_normal((128, 64))
    assign_generator(generator, published)
    embedding = generator.mapping.embedding.kernel
    assert_close(embedding, published["G_mapping/LabelConcat/weight"], 1e-6)
    assert_close(generator.w_avg, published["dlatent_avg"], 0)


def test_dense_weights_are_transposed_from_c_h_w_to_h_w_c(discriminator):
    """The published code flattens [C, H, W]; ours flattens [H, W, C] (DESIGN 2.9)."""
    published = variables("stylegan8", "D/vars/")
    assign_discriminator(discriminator, published)
    theirs = published["4x4/Dense0/weight"].reshape(64, 4, 4, 64)
    ours = np.asarray(discriminator.dense0.kernel).reshape(4, 4, 64, 64)
    for c, i, j in [(0, 0, 0), (5, 1, 2), (63, 3, 0)]:
        assert_close(ours[i, j, c], theirs[c, i, j], 0)
