"""Runs that start from networks of other labels or of another resolution, and frozen blocks."""

import numpy as np
import pytest

import runs
import stylegan_tf as sg
import tiny
from random_images import RandomImages
from stylegan_tf.training import start, transfer


def fresh_generator(**arguments) -> sg.Generator:
    """A generator that has learned nothing."""
    return sg.Generator(**{**tiny.GENERATOR, **arguments})


def fresh_discriminator(**arguments) -> sg.Discriminator:
    """A discriminator that has learned nothing."""
    return sg.Discriminator(**{**tiny.DISCRIMINATOR, **arguments})


def equal(ours, theirs) -> bool:
    """Whether all weights of two layers are the same."""
    pairs = zip(ours.weights, theirs.weights, strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


@pytest.mark.parametrize(("theirs", "ours"), [(3, 5), (3, 0), (0, 3), (3, 3), (0, 0)])
def test_everything_but_the_layers_of_other_labels_is_taken(theirs, ours):
    source, target = tiny.generator(label_size=theirs), fresh_generator(label_size=ours)
    fresh = [weight.numpy() for weight in target.mapping.weights]
    transfer.to_generator(source, target)
    for one, other in zip(
        [*target.synthesis.synthesis_layers, *target.synthesis.to_rgb, *target.mapping.dense[1:]],
        [*source.synthesis.synthesis_layers, *source.synthesis.to_rgb, *source.mapping.dense[1:]],
        strict=True,
    ):
        assert equal(one, other)
    np.testing.assert_array_equal(target.w_avg, source.w_avg)
    z_rows = (first[: tiny.LATENT] for first in (target_kernel(target), target_kernel(source)))
    np.testing.assert_array_equal(*z_rows)
    if ours:
        same = theirs == ours
        embedding = target.mapping.embedding.weights[0].numpy()
        kept = any(np.array_equal(embedding, weight) for weight in fresh)
        assert kept != same
        assert not same or equal(target.mapping.embedding, source.mapping.embedding)


def target_kernel(generator):
    return generator.mapping.dense[0].weights[0].numpy()


@pytest.mark.parametrize(("theirs", "ours"), [(3, 5), (3, 0), (0, 3), (0, 1), (3, 3)])
def test_the_last_layer_of_d_is_of_its_labels(theirs, ours):
    source, target = tiny.discriminator(label_size=theirs), fresh_discriminator(label_size=ours)
    transfer.to_discriminator(source, target)
    assert all(map(equal, target.blocks, source.blocks))
    assert all(map(equal, target.from_rgb, source.from_rgb))
    assert equal(target.conv, source.conv)
    assert equal(target.dense0, source.dense0)
    if theirs == ours:
        assert equal(target.dense1, source.dense1)
    else:
        kernels = [one.dense1.weights[0].numpy() for one in (target, source)]
        assert not np.array_equal(*kernels)


@pytest.mark.parametrize(("theirs", "ours"), [(8, 32), (32, 8)])
def test_images_of_a_size_that_both_have_are_the_same(theirs, ours):
    source, target = tiny.generator(resolution=theirs), fresh_generator(resolution=ours)
    transfer.to_generator(source, target)
    images = [one(tiny.latents(), noise="none", resolution=8) for one in (source, target)]
    np.testing.assert_allclose(*images, rtol=0, atol=1e-6)
    d_source = tiny.discriminator(resolution=theirs)
    d_target = fresh_discriminator(resolution=ours)
    transfer.to_discriminator(d_source, d_target)
    logits = [one(images[0], resolution=8) for one in (d_source, d_target)]
    np.testing.assert_allclose(*logits, rtol=0, atol=1e-5)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of one step at 8×8, with three classes."""
    dataset = RandomImages(8, label_size=3)
    session = runs.session(
        tmp_path_factory.mktemp("runs"),
        dataset,
        data={"cond": True},
        schedule={"start_resolution": 8, "total_kimg": 0.008},
    )
    session.train()
    return session


def job(run, monkeypatch, dataset, **requested):
    """A run that starts from the networks of another."""
    monkeypatch.setattr(start.datasets, "open", lambda path: dataset)
    requested = {
        f"schedule.{key}": value for key, value in requested.pop("schedule", {}).items()
    } | {key.replace("__", "."): value for key, value in requested.items()}
    small = {key: runs.SETTINGS[key] for key in runs.SETTINGS if key.startswith("schedule.")}
    del small["schedule.start_resolution"]
    return start.fresh(None, {"init_from": str(run.run.path), **small, **requested})


def test_a_network_grows_on_from_where_it_is(run, monkeypatch):
    made = job(run, monkeypatch, RandomImages(32), data__resolution=32)
    config = made.plan.config
    assert (config.schedule.start_resolution, config.data.resolution) == (8, 32)
    stages = [(stage.resolution, stage.fading) for stage in made.plan.schedule.stages()]
    assert stages[:3] == [(8, False), (16, True), (16, False)]
    (line,) = [line for line in made.describe() if line.startswith("start")]
    assert line == (
        f"start     from {run.run.path}; the layers of its 3 label(s) are not taken, for 0 here; "
        "blocks above 8×8 are new"
    )


def test_it_trains_with_other_classes_and_frozen_blocks(run, tmp_path, monkeypatch):
    dataset = RandomImages(16, label_size=5)
    made = job(
        run,
        monkeypatch,
        dataset,
        data__resolution=16,
        data__cond=True,
        optimizer__freeze_d=1,
        schedule={"total_kimg": 0.008},  # one call of the step, at 8×8
    )
    assert any(line.endswith("the first 1 block(s) of D are frozen") for line in made.describe())
    session = runs.Session(made, tmp_path)
    ours, theirs = session.trainer.networks.discriminator, run.trainer.networks.discriminator
    frozen = lambda network: [network.blocks[0], network.from_rgb[1]]  # noqa: E731  of 8×8
    before = [weight.numpy() for weight in ours.conv.weights]
    assert all(map(equal, frozen(ours), frozen(theirs)))
    session.train()
    assert all(map(equal, frozen(ours), frozen(theirs)))
    after = [weight.numpy() for weight in ours.conv.weights]
    assert not any(map(np.array_equal, before, after))
    resumed = runs.Session(start.resumed(str(session.run.path), tmp_path, None, {}), tmp_path)
    assert all(map(equal, frozen(resumed.trainer.networks.discriminator), frozen(theirs)))


@pytest.mark.parametrize("count", [2, 9])
def test_there_must_be_as_many_blocks(count):
    with pytest.raises(ValueError, match=r"cannot be frozen: a discriminator of 8×8 has 1 before"):
        tiny.discriminator().freeze(count, 8)


def test_blocks_that_were_never_trained_are_not_frozen(monkeypatch):
    monkeypatch.setattr(start.datasets, "open", lambda path: RandomImages(8))
    with pytest.raises(ValueError, match=r"optimizer.freeze_d .* give --init-from"):
        start.fresh(None, {"optimizer.freeze_d": 1})


def fresh_pair(**arguments):
    """Networks of StyleGAN2 that have learned nothing."""
    generator = sg.StyleGAN2Generator(**{**tiny.GENERATOR, **arguments})
    given = {**tiny.DISCRIMINATOR, "mapping_layers": 1, **arguments}
    return generator, sg.StyleGAN2Discriminator(**given)


@pytest.mark.parametrize("form", ["orig", "skip", "resnet"])
@pytest.mark.parametrize("labels", [0, 3])
def test_every_weight_of_stylegan2_is_taken(labels, form):
    given = {"label_size": labels, "architecture": f"stylegan2-{form}"}
    sources = tiny.generator2(**given), tiny.discriminator2(**given)
    targets = fresh_pair(**given)
    transfer.to_generator(sources[0], targets[0])
    transfer.to_discriminator(sources[1], targets[1])
    assert all(map(equal, targets, sources))


def test_a_larger_stylegan2_begins_as_the_small_one():
    """The layers up to 16×16 have their names in both."""
    source, (target, _) = tiny.generator2(), fresh_pair(resolution=32)
    transfer.to_generator(source, target)
    small = source.synthesis.layers_up_to(16)
    assert all(map(equal, target.synthesis.layers_up_to(32), small[: 1 + 5]))
    assert len(target.synthesis.to_rgb) == 4
    assert all(map(equal, target.synthesis.to_rgb, source.synthesis.to_rgb))


def test_stylegan2_of_other_labels():
    sources = tiny.generator2(label_size=3), tiny.discriminator2(label_size=3)
    targets = fresh_pair(label_size=5)
    transfer.to_generator(sources[0], targets[0])
    transfer.to_discriminator(sources[1], targets[1])
    assert all(map(equal, targets[1].blocks, sources[1].blocks))
    assert not equal(targets[1].dense1, sources[1].dense1)
    assert equal(targets[0].synthesis, sources[0].synthesis)
