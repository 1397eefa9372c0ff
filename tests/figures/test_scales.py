"""Which layers are coarse, middle and fine."""

import pytest

from stylegan_tf.figures.scales import scales, span


@pytest.mark.parametrize("resolution", [64, 256, 1024])
def test_the_scales_are_the_papers(resolution):
    spans = {name: span(layers) for name, layers in scales(resolution).items()}
    fine = "64x64" if resolution == 64 else f"64x64 to {resolution}x{resolution}"
    assert spans == {"coarse": "4x4 to 8x8", "middle": "16x16 to 32x32", "fine": fine}


def test_smaller_networks_have_scales_as_far_as_they_go():
    result = {
        size: {name: span(part) for name, part in scales(size).items()} for size in (4, 8, 16)
    }
    assert result == {
        4: {"coarse": "4x4"},
        8: {"coarse": "4x4", "fine": "8x8"},
        16: {"coarse": "4x4", "middle": "8x8", "fine": "16x16"},
    }


@pytest.mark.parametrize("resolution", [4, 8, 16, 32, 64, 128, 1024])
def test_every_layer_is_in_one_scale(resolution):
    layers = [layer for part in scales(resolution).values() for layer in part]
    assert layers == list(range(2 * resolution.bit_length() - 4))
