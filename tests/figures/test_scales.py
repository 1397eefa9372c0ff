"""Which layers are coarse, middle and fine."""

import pytest

from stylegan_tf.figures.scales import scales, span


def pairs(resolution) -> list[int]:
    """The sides of the layers of StyleGAN, two for each resolution."""
    return [4 << level for level in range(resolution.bit_length() - 2) for _ in range(2)]


def spans(sides) -> dict[str, str]:
    return {name: span(layers, sides) for name, layers in scales(sides).items()}


@pytest.mark.parametrize("resolution", [64, 256, 1024])
def test_the_scales_are_the_papers(resolution):
    fine = "64x64" if resolution == 64 else f"64x64 to {resolution}x{resolution}"
    expected = {"coarse": "4x4 to 8x8", "middle": "16x16 to 32x32", "fine": fine}
    assert spans(pairs(resolution)) == expected


def test_smaller_networks_have_scales_as_far_as_they_go():
    assert {size: spans(pairs(size)) for size in (4, 8, 16)} == {
        4: {"coarse": "4x4"},
        8: {"coarse": "4x4", "fine": "8x8"},
        16: {"coarse": "4x4", "middle": "8x8", "fine": "16x16"},
    }


@pytest.mark.parametrize("resolution", [4, 8, 16, 32, 64, 128, 1024])
def test_every_layer_is_in_one_scale(resolution):
    layers = [layer for part in scales(pairs(resolution)).values() for layer in part]
    assert layers == list(range(2 * resolution.bit_length() - 4))


def test_stylegan2_has_one_layer_at_4x4():
    """Its last style is that of the layer to RGB."""
    sides = [4, 8, 8, 16, 16, 32, 32, 64, 64, 64]
    assert scales(sides) == {"coarse": range(3), "middle": range(3, 7), "fine": range(7, 10)}
