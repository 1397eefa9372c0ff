"""Figures, video, projection, metrics and the explorer take StyleGAN2's networks."""

import numpy as np
import pytest

import known_generators
import tiny
from stylegan_tf import projection
from stylegan_tf.explorer.controls import Controls
from stylegan_tf.explorer.local import LocalSession
from stylegan_tf.figures import mixing, noise_components, truncation
from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.images import to_uint8
from stylegan_tf.metrics import perceptual_path_length


@pytest.fixture(scope="module")
def generator():
    return tiny.generator2()


@pytest.mark.parametrize("figure", [mixing, noise_components, truncation])
def test_figures(generator, figure):
    image = figure.draw(Sampler(generator))
    assert image.dtype == np.uint8
    assert image.std() > 1


def test_noise_of_fine_layers_alone(generator):
    """Of 5 noise inputs the last two are at 16×16."""
    parts = noise_components.noisy_layers(Sampler(generator))
    assert parts == {
        "noise in all layers": range(5),
        "no noise": range(0),
        "fine layers only (16x16)": range(3, 5),
        "coarse layers only (4x4 to 8x8)": range(3),
    }


def test_a_mixed_image_has_styles_of_both(generator):
    """All styles but the coarse one are a's."""
    a, b = generator.mapping(tiny.latents(2)).numpy()
    own = np.broadcast_to(a, [6, 5])
    mixed = mixing.mix(own, np.broadcast_to(b, [1, 6, 5]), range(1))[0]
    images = generator.synthesis(np.stack([own, mixed]), noise="constant")
    assert np.abs(images[0] - images[1]).max() > 1e-3
    np.testing.assert_array_equal(mixed[1:], own[1:])


@pytest.mark.parametrize("space", ["w", "w+"])
def test_projection_finds_styles(generator, space):
    target = to_uint8(generator(tiny.latents(1), noise="none"))[0].numpy()
    settings = projection.Settings(steps=8, space=space, lpips=0.0)
    result = projection.project(generator, target, settings)
    assert result.image(generator).shape == target.shape
    assert result.styles(generator).shape == (6, 5)


def test_path_lengths():
    generator = tiny.generator2(resolution=32)
    length = perceptual_path_length(
        generator, count=8, batch=4, perceptual=known_generators.squares
    )
    assert 0 < length < np.inf


def test_the_explorer(generator, tmp_path):
    generator.save(tmp_path / "g.keras")
    session = LocalSession(tmp_path / "g.keras")
    assert session.facts.sides == [4, 8, 8, 16, 16, 16]
    assert session.facts.noise_sides == (4, 8, 8, 16, 16)
    controls = Controls(seed=1, noise="constant", mixing={2: [5]}, strengths={4: 0.0})
    plain = session.generate(Controls(seed=1, noise="constant"))
    assert np.any(session.generate(controls) != plain)
