"""Makes the bundled dataset, datasets/emoji/, from Debian's Noto Color Emoji.

    apt-get install fonts-noto-color-emoji unicode-data
    pip install fonttools uharfbuzz
    python tools/make_emoji.py

Which drawing belongs to which emoji: HarfBuzz shapes every sequence of Unicode's emoji-test.txt
with the font, as a text editor would, and says which glyph comes out. Drawings that the font has
beyond that list (emoji newer than it, flags of states and provinces) are found through the
font's ligatures, and take the group of the emoji they begin with.
"""

import io
import re
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

import uharfbuzz as harfbuzz
from fontTools.ttLib import TTFont
from PIL import Image

from stylegan_tf import datasets
from stylegan_tf.datasets.manifest import write_manifest

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
EMOJI_TEST = Path("/usr/share/unicode/emoji/emoji-test.txt")
PACKAGE = "fonts-noto-color-emoji 2.042-0+deb12u1"
DEST = Path(__file__).parent.parent / "datasets" / "emoji"

RESOLUTION = 64
SHARD_BYTES = 2_350_000  # a few shards, so that reading them is like reading a large dataset
COLOURS = 256  # an image, as in the font's own bitmaps: 9 MB in all instead of 15, at 50 dB
FEWER = Image.Quantize.MAXCOVERAGE

# The second halves of sequences, which the font also has as first halves, for text that runs from
# right to left: arrows, signs of sex, the colours and flames of lime, mushroom, phoenix and chain.
SECOND_HALVES = {0x27A1, 0x2640, 0x2642, 0x2194, 0x2195, 0x1F7E9, 0x1F7EB, 0x1F525, 0x1F4A5}
END_OF_TAGS = 0xE007F
UNKNOWN_FLAG = (0x1F3F4, END_OF_TAGS)  # the sign for a flag that the font does not have

Sequence = tuple[int, ...]


def read_groups(path: Path) -> dict[Sequence, str]:
    """Returns the group of each fully qualified emoji in emoji-test.txt."""
    groups, group = {}, ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# group:"):
            group = line.removeprefix("# group:").strip()
        elif match := re.match(r"([0-9A-F ]+?)\s*; fully-qualified", line):
            groups[tuple(int(code, 16) for code in match[1].split())] = group
    return groups


def shaper(font: TTFont, path: Path):
    """Returns a function from a sequence to the names of the glyphs that show it."""
    shaping = harfbuzz.Font(harfbuzz.Face(harfbuzz.Blob.from_file_path(str(path))))
    names = font.getGlyphOrder()

    def shape(sequence: Sequence) -> list[str]:
        buffer = harfbuzz.Buffer()
        buffer.add_codepoints(list(sequence))
        buffer.guess_segment_properties()
        harfbuzz.shape(shaping, buffer)
        return [names[info.codepoint] for info in buffer.glyph_infos]

    return shape


def ligatures(font: TTFont) -> list[tuple[Sequence, str]]:
    """Returns the ligatures of the font that are made of characters, and their glyphs."""
    codes = {glyph: code for code, glyph in font.getBestCmap().items()}
    result = []
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable if lookup.LookupType == 4 else ():
            for first, choices in table.ligatures.items():
                for choice in choices:
                    parts = [first, *choice.Component]
                    if all(part in codes for part in parts):
                        result.append((tuple(codes[part] for part in parts), choice.LigGlyph))
    return result


def choose_drawings(font: TTFont, path: Path, groups: dict) -> dict[str, tuple[Sequence, str]]:
    """Returns each drawing once: its glyph, with the emoji it shows and its group."""
    bitmaps = font["CBDT"].strikeData[0]
    shape = shaper(font, path)
    chosen = {}
    for sequence, group in groups.items():
        glyphs = shape(sequence)
        if len(glyphs) == 1 and glyphs[0] in bitmaps:
            chosen.setdefault(glyphs[0], (sequence, group))
    # The first character alone, without variation selectors, tells the group of newer emoji.
    first = {sequence[0]: group for sequence, group in reversed(groups.items())}
    for sequence, glyph in ligatures(font):
        usable = sequence[0] not in SECOND_HALVES and sequence != UNKNOWN_FLAG
        if usable and glyph in bitmaps and sequence[0] in first:
            group = "Flags" if sequence[-1] == END_OF_TAGS else first[sequence[0]]
            chosen.setdefault(glyph, (sequence, group))
    return chosen


def draw(bitmap: bytes) -> Image.Image:
    """Returns the bitmap of a glyph on a white square, at our resolution, in few colours."""
    glyph = Image.open(io.BytesIO(bitmap)).convert("RGBA")
    side = max(glyph.size)
    square = Image.new("RGBA", (side, side), "white")
    square.alpha_composite(glyph, ((side - glyph.width) // 2, (side - glyph.height) // 2))
    small = square.convert("RGB").resize((RESOLUTION, RESOLUTION), Image.Resampling.LANCZOS)
    return keep_white(small.quantize(COLOURS, FEWER, kmeans=4, dither=Image.Dither.NONE))


def keep_white(image: Image.Image) -> Image.Image:
    """Makes what is white but for a bit or two white: choosing the colours may shift it."""
    colours = image.getpalette()
    for i in range(0, len(colours), 3):
        if min(colours[i : i + 3]) >= 253:
            colours[i : i + 3] = [255, 255, 255]
    image.putpalette(colours)
    return image


def write_images(font: TTFont, drawings: dict, folder: Path) -> None:
    """Writes a palette PNG for each drawing into the folder of its group; each image only once."""
    seen = set()
    for glyph, (sequence, group) in drawings.items():
        image = draw(font["CBDT"].strikeData[0][glyph].imageData)
        pixels = image.convert("RGB").tobytes()
        if pixels in seen:
            continue
        seen.add(pixels)
        path = folder / group / ("-".join(f"{code:04x}" for code in sequence) + ".png")
        path.parent.mkdir(exist_ok=True)
        image.save(path, optimize=True)


def main() -> None:
    """Makes the dataset anew and replaces the bundled one."""
    font = TTFont(FONT)
    drawings = choose_drawings(font, FONT, read_groups(EMOJI_TEST))
    notice = (DEST / "NOTICE.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        images, made = Path(folder) / "images", Path(folder) / "emoji"
        images.mkdir()
        write_images(font, drawings, images)
        dataset = datasets.create(images, made, labels="folders", shard_bytes=SHARD_BYTES)
        notes = {
            "title": "Noto Emoji",
            "source": PACKAGE,
            "licence": "Apache-2.0 (drawings), OFL-1.1 (font); see NOTICE.md",
            "made_by": f"tools/make_emoji.py, Pillow {version('pillow')}",
        }
        write_manifest(made, {**dataset.manifest, "notes": notes})
        (made / "NOTICE.md").write_text(notice, encoding="utf-8")
        shutil.rmtree(DEST)
        shutil.move(made, DEST)
    print(f"{dataset.num_images} drawings in {DEST}")


if __name__ == "__main__":
    main()
