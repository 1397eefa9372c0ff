"""Grids of images."""

import numpy as np
import pytest
from PIL import Image

from stylegan_tf.figures import grid, save_grid, save_png


def flat(count: int, channels: int = 3, height: int = 2, width: int = 3) -> np.ndarray:
    """Images of one value each: 0, 1, 2 and so on."""
    shape = [count, height, width, channels]
    return np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], shape)


def test_images_stand_row_by_row_and_missing_ones_are_white():
    result = grid(flat(5), columns=3)
    assert result.shape == (4, 9, 3)
    np.testing.assert_array_equal(result[::2, ::3, 0], [[0, 1, 2], [3, 4, 255]])
    np.testing.assert_array_equal(result[1::2, 2::3, 2], [[0, 1, 2], [3, 4, 255]])


def test_an_image_is_neither_turned_nor_mirrored():
    image = np.arange(24, dtype=np.uint8).reshape(1, 2, 4, 3)
    result = grid(np.concatenate([np.zeros_like(image), image]), columns=2)
    np.testing.assert_array_equal(result[:, 4:], image[0])


def test_more_columns_than_images_are_left_white():
    result = grid(flat(1), columns=2)
    assert (result[:, 3:] == 255).all()
    assert (result[:, :3] == 0).all()


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_a_png_has_the_channels_of_the_image(channels, mode, tmp_path, rng):
    image = rng.integers(0, 256, [5, 6, channels], np.uint8)
    save_png(image, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as stored:
        assert stored.mode == mode
        pixels = np.asarray(stored).reshape(image.shape)
    np.testing.assert_array_equal(pixels, image)


@pytest.mark.parametrize(("size", "tile", "side"), [(8, 64, 64), (128, 64, 128), (48, 64, 48)])
def test_small_images_are_enlarged_by_repeating_pixels(size, tile, side, tmp_path, rng):
    images = rng.integers(0, 256, [2, size, size, 3], np.uint8)
    save_grid(images, tmp_path / "a.png", columns=2, tile=tile)
    result = np.asarray(Image.open(tmp_path / "a.png"))
    assert result.shape == (side, 2 * side, 3)
    factor = side // size
    np.testing.assert_array_equal(result[::factor, ::factor], np.concatenate(images, axis=1))
    np.testing.assert_array_equal(
        result[factor - 1 :: factor, ::factor], result[::factor, ::factor]
    )


def test_a_png_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    save_png(np.zeros([4, 4, 3], np.uint8), path)
    before = path.read_bytes()

    def full(self, file, *_, **__):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(OSError, match="No space"):
        save_png(np.ones([4, 4, 3], np.uint8), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
