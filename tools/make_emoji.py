"""Makes the bundled dataset, `datasets/emoji`: the Noto Emoji at 64×64 on white.

Needs Debian's packages fonts-noto-color-emoji and unicode-data, and `pip install fonttools`:

    apt-get install fonts-noto-color-emoji unicode-data
    python tools/make_emoji.py

The font holds bitmaps of 136×128. Which of them is which emoji follows from its character map and
its ligatures; the class of an emoji is its group in Unicode's emoji-test.txt, and where a ligature
is not listed there, that of its first character.
"""

import hashlib
import io
import shutil
import tempfile
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import Image

from stylegan_tf import datasets

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
GROUPS = Path("/usr/share/unicode/emoji/emoji-test.txt")
SIDE = 136  # pixels; bitmaps are 136 wide and 128 high
PARTS = {0x20E3, *range(0x1F1E6, 0x1F200)}  # the keycap's frame and the letters of flags
COMPONENTS = "Component"  # skin tones and hair on their own
VARIATION = 0xFE0F
NOTES = {
    "source": "Noto Emoji, Debian package fonts-noto-color-emoji 2.042",
    "licence": "SIL Open Font License 1.1 (font), Apache-2.0 (images); see NOTICE.md",
}


def read_groups() -> dict[tuple[int, ...], str]:
    """Unicode's group of every emoji sequence, variation selectors left out."""
    groups, group = {}, ""
    for line in GROUPS.read_text(encoding="utf-8").splitlines():
        if line.startswith("# group:"):
            group = line.removeprefix("# group:").strip()
        elif line and not line.startswith("#"):
            points = tuple(int(point, 16) for point in line.split(";")[0].split())
            groups[tuple(point for point in points if point != VARIATION)] = group
    return groups


def read_sequences(font: TTFont) -> dict[str, tuple[int, ...]]:
    """The code points that each glyph stands for: itself, or the parts of its ligature."""
    sequences = {glyph: (point,) for point, glyph in font.getBestCmap().items()}
    ligatures = [
        (first, ligature)
        for lookup in font["GSUB"].table.LookupList.Lookup
        for table in lookup.SubTable
        for first, entries in getattr(getattr(table, "ExtSubTable", table), "ligatures", {}).items()
        for ligature in entries
    ]
    for first, ligature in sorted(ligatures, key=lambda pair: len(pair[1].Component)):
        parts = [sequences.get(glyph) for glyph in (first, *ligature.Component)]
        if all(parts):
            points = (point for part in parts for point in part if point != VARIATION)
            sequences.setdefault(ligature.LigGlyph, tuple(points))
    return sequences


def group_of(points: tuple[int, ...], groups: dict[tuple[int, ...], str]) -> str | None:
    """The class of an emoji, or None for what is only a part of one."""
    if len(points) == 1 and (points[0] in PARTS or points[0] < 0x80):
        return None
    group = groups.get(points) or groups.get(points[:1])
    return None if group == COMPONENTS else group


def draw(bitmap: bytes) -> Image.Image:
    """An emoji in the middle of a white square, 64×64, in 192 colours: half the bytes."""
    emoji = Image.open(io.BytesIO(bitmap)).convert("RGBA")
    canvas = Image.new("RGBA", (SIDE, SIDE), "white")
    canvas.alpha_composite(emoji, ((SIDE - emoji.width) // 2, (SIDE - emoji.height) // 2))
    small = canvas.convert("RGB").resize((64, 64), Image.Resampling.LANCZOS)
    return small.quantize(192, kmeans=2, dither=Image.Dither.NONE).convert("RGB")


def main() -> None:
    """Draws all emoji into folders by group and makes a dataset of them."""
    font = TTFont(FONT)
    sequences, groups = read_sequences(font), read_groups()
    seen = set()
    dest = datasets.bundled()
    with tempfile.TemporaryDirectory() as folder:
        for glyph, bitmap in font["CBDT"].strikeData[0].items():
            points = sequences.get(glyph)
            group = group_of(points, groups) if points else None
            digest = hashlib.sha256(bitmap.imageData).digest()
            if group is None or digest in seen:
                continue
            seen.add(digest)
            name = "-".join(f"{point:x}" for point in points)
            path = Path(folder) / group / f"{name}.png"
            path.parent.mkdir(exist_ok=True)
            draw(bitmap.imageData).save(path)
        made = Path(folder) / "made"
        dataset = datasets.create(folder, made, resolution=64, labels="folders", notes=NOTES)
        for old in (*dest.glob("*.tfrecord"), *dest.glob("*.json")):
            old.unlink()
        dest.mkdir(exist_ok=True)
        for new in made.iterdir():
            shutil.move(new, dest / new.name)
    print(f"{dataset.num_images} pictures in {dest}")


if __name__ == "__main__":
    main()
