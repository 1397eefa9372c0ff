"""The tool that made the bundled images."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from image_files import encoded

pytestmark = pytest.mark.any_stack

for name in ("fontTools", "uharfbuzz"):
    pytest.importorskip(name, reason=f"tools/make_emoji.py needs {name}")
TOOL = Path(__file__).resolve().parents[2] / "tools" / "make_emoji.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("make_emoji", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_groups_are_those_of_fully_qualified_emoji(tool, tmp_path):
    path = tmp_path / "emoji-test.txt"
    path.write_text(
        "# group: Smileys & Emotion\n# subgroup: face\n"
        "263A FE0F   ; fully-qualified # x E0.6 smiling face\n"
        "263A        ; unqualified     # x E0.6 smiling face\n\n"
        "# group: Component\n1F3FB ; component # x E1.0 light skin tone\n"
        "# group: Flags\n1F1E9 1F1EA ; fully-qualified # x E0.6 flag: Germany\n"
    )
    expected = {(0x263A, 0xFE0F): "Smileys & Emotion", (0x1F1E9, 0x1F1EA): "Flags"}
    assert tool.read_groups(path) == expected


def test_an_emoji_is_drawn_in_the_middle_of_pure_white(tool):
    glyph = np.zeros((128, 136, 4), np.uint8)
    glyph[32:96, 36:100] = [255, 0, 0, 255]  # half of the square of 136, from 4 rows below its top
    drawn = tool.draw(encoded(Image.fromarray(glyph)))
    pixels = np.asarray(drawn.convert("RGB")).astype(int)
    assert pixels.shape == (64, 64, 3)
    assert np.abs(pixels[20:44, 20:44] - [255, 0, 0]).max() < 8
    assert (pixels[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
    np.testing.assert_allclose(pixels, pixels[::-1, ::-1], atol=16)


def test_what_is_nearly_white_becomes_white_and_nothing_else(tool):
    image = Image.new("P", (2, 2))
    image.putpalette([253, 254, 255, 252, 255, 255, 0, 0, 0])
    kept = tool.keep_white(image).getpalette()
    assert kept[:9] == [255, 255, 255, 252, 255, 255, 0, 0, 0]
