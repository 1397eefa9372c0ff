"""What the frames of a video show."""

import numpy as np
import pytest

import stylegan_tf as sg
import tiny
from stylegan_tf.figures import Sampler
from stylegan_tf.images import to_uint8
from stylegan_tf.latents import noise_from_seeds, z_from_seeds
from stylegan_tf.video import frames


@pytest.fixture(scope="module")
def generator() -> sg.Generator:
    return tiny.generator()


def image_of(generator, w, noise="constant") -> np.ndarray:
    """An image of w [w_size] or [L, w_size] as a frame, 256×256."""
    image = to_uint8(generator.synthesis(w[None], noise=noise))[0].numpy()
    factor = 256 // len(image)
    return image.repeat(factor, axis=0).repeat(factor, axis=1).astype(int)


def styles_of(generator, seed: int, psi=0.7) -> np.ndarray:
    """w [w_size] of a seed, truncated in all layers."""
    w = generator.mapping(z_from_seeds([seed], tiny.LATENT))[0].numpy()
    mean = np.asarray(generator.w_avg)
    return mean + psi * (w - mean)


@pytest.mark.parametrize("kind", ["z", "w", "mixing", "noise"])
def test_a_loop_has_so_many_frames_and_moves(kind, generator):
    seeds = [3, 5, 8, 9]  # a loop of two goes there and back
    count, result = frames(kind, Sampler(generator), seeds, steps=2)
    result = list(result)
    assert count == len(result) == (6 if kind == "mixing" else 8)
    assert len({frame.tobytes() for frame in result}) == count
    assert {frame.shape for frame in result} == {result[0].shape}
    assert {frame.dtype for frame in result} == {np.dtype(np.uint8)}


@pytest.mark.parametrize("kind", ["z", "w"])
def test_seeds_are_the_key_frames(kind, generator):
    _, result = frames(kind, Sampler(generator), [3, 5], steps=3)
    result = list(result)
    for seed, frame in zip([3, 5], result[::3], strict=True):
        assert np.abs(frame - image_of(generator, styles_of(generator, seed))).max() <= 1


def test_noise_of_seeds_is_at_the_key_frames(generator):
    _, result = frames("noise", Sampler(generator), [3, 5], steps=2)
    shapes = generator.synthesis.noise_shapes()
    for seed, frame in zip([3, 5], list(result)[::2], strict=True):
        expected = image_of(generator, styles_of(generator, 3), noise_from_seeds([seed], shapes))
        assert np.abs(frame - expected).max() <= 1


def test_mixing_shows_b_and_what_a_takes_of_it(generator):
    _, result = frames("mixing", Sampler(generator), [3, 5, 8], steps=1)
    page = next(iter(result))
    a, b = (np.repeat(styles_of(generator, seed)[None], 6, axis=0) for seed in (3, 5))
    for column, layers in enumerate([range(6), [0, 1], [2, 3], [4, 5], []]):
        taken = np.isin(np.arange(6), layers)[:, None]
        expected = image_of(generator, np.where(taken, b, a))
        y, x = page.shape[0] - 12 - 256, 12 + column * 260
        assert np.abs(page[y : y + 256, x : x + 256] - expected).max() <= 1


def test_grey_and_classes(generator):
    network = tiny.generator(channels=1, label_size=2)
    first, second = (
        np.stack(list(frames("z", Sampler(network, label=label), [0, 1], steps=1)[1]))
        for label in (0, 1)
    )
    assert first.shape == (2, 256, 256, 3)
    assert (first == first[..., :1]).all()
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(
    ("kind", "architecture", "what"),
    [("w", "a", "styles"), ("mixing", "b", "styles"), ("noise", "d", "noise")],
)
def test_a_network_without_such_inputs_is_refused(kind, architecture, what):
    sampler = Sampler(tiny.generator(architecture=architecture))
    with pytest.raises(
        ValueError, match=f"architecture {architecture.upper()}, which has no {what}"
    ):
        frames(kind, sampler, [0, 1, 2], steps=1)


def test_progressive_gan_moves_in_z():
    count, result = frames("z", Sampler(tiny.generator(architecture="a")), [0, 1, 2], steps=2)
    assert len({frame.tobytes() for frame in result}) == count == 6


@pytest.mark.parametrize(
    ("kind", "seeds", "least"), [("z", 1, 2), ("mixing", 2, 3), ("noise", 1, 2)]
)
def test_too_few_seeds_are_refused(kind, seeds, least, generator):
    with pytest.raises(ValueError, match=f"a {kind} video needs {least} or more, not {seeds}"):
        frames(kind, Sampler(generator), list(range(seeds)), steps=1)


def test_an_unknown_kind_is_refused(generator):
    with pytest.raises(ValueError, match="no 'x' videos; there are z, w, mixing, noise"):
        frames("x", Sampler(generator), [0, 1], steps=1)
