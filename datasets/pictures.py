"""One picture: checked, turned upright, cropped, resized, encoded for a shard."""

import io
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

READ = ("PNG", "JPEG", "MPO", "WEBP")  # MPO: a JPEG with a second picture behind it, from phones
KEPT = ("PNG", "JPEG", "MPO")  # TensorFlow decodes these to the very same pixels
LARGEST = 1 << 28  # bytes of a file; what Pillow decodes takes no more, but for its largest PNGs
MODES = {1: "L", 3: "RGB", 4: "RGBA"}
# The aligned pictures of CelebA have the landmarks at the same places. Published results at 128×128
# are on this square of them, of which (89, 121) is the middle.
CELEBA, CELEBA_FACE = (178, 218), (25, 57, 153, 185)  # left, top, right, bottom
ORIENTATION = 0x0112  # the EXIF tag


class BadPicture(Exception):
    """A picture that cannot be used; the text continues a sentence that starts with its name."""


@dataclass(frozen=True)
class Target:
    """What every picture becomes: `resolution` pixels square, with `channels` channels."""

    resolution: int
    channels: int
    crop: str  # "center", "letterbox", "celeba" or "none"

    @property
    def mode(self) -> str:
        return MODES[self.channels]


class Prepared(NamedTuple):
    """A picture for a shard."""

    data: bytes  # PNG or JPEG
    margins: tuple[int, int, int, int] | None  # pixels added left, top, right, bottom, if any


def prepare(data: bytes, target: Target) -> Prepared:
    """Returns a picture as PNG, or the file as it came when no pixel had to change.

    Args:
        data: a PNG, JPEG or WebP file.
        target: what it becomes.

    Raises:
        BadPicture: if it is none of these, damaged, animated, of 16 bits a channel, too large to
            be safe, or not square when `target.crop` is "none".
    """
    image = load(data)
    if is_ready(image, target) and tensorflow_reads(data):
        return Prepared(data, None)
    upright = image if orientation(image) == 1 else ImageOps.exif_transpose(image)
    square, margins = fit(to_mode(upright, target.mode), target)
    encoded = io.BytesIO()
    square.save(encoded, "PNG")
    return Prepared(encoded.getvalue(), margins)


def load(data: bytes) -> Image.Image:
    """Decodes a picture that we can use, or raises BadPicture."""
    try:
        image = Image.open(io.BytesIO(data))
        check_kind(image, data)
        image.load()
    except BadPicture:
        raise
    except UnidentifiedImageError:
        raise BadPicture("is not a PNG, JPEG or WebP picture") from None
    except Image.DecompressionBombError:
        raise BadPicture("has too many pixels to be decoded safely: make it smaller") from None
    except Exception as error:  # a damaged file makes Pillow raise nearly anything
        raise BadPicture(f"is damaged ({error})") from None
    return image


def check_kind(image: Image.Image, data: bytes) -> None:
    """Raises BadPicture for what Pillow would read, but we would not get right."""
    if image.format not in READ:
        raise BadPicture(f"is a {image.format} picture: convert it to 8-bit PNG, JPEG or WebP")
    # Pillow drops the low byte of 16-bit colour without a word; the depth is byte 24 of a PNG.
    if image.mode.startswith(("I", "F")) or (image.format == "PNG" and data[24] == 16):
        raise BadPicture("has 16 bits a channel: convert it to 8-bit PNG")
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise BadPicture(f"is an animation of {image.n_frames} pictures: save one of them")


def is_ready(image: Image.Image, target: Target) -> bool:
    """Whether the file itself can go into the shard."""
    same_mode = image.mode == target.mode or (image.mode, target.mode) == ("P", "RGB")
    return (
        image.format in KEPT
        and target.crop != "celeba"
        and image.size == (target.resolution, target.resolution)
        and same_mode
        and (target.channels == 4 or not is_transparent(image))
        and orientation(image) == 1
    )


def tensorflow_reads(data: bytes) -> bool:
    """Whether a file can be read again: Pillow forgives more, such as a stray marker in a JPEG."""
    import tensorflow as tf

    try:
        tf.io.decode_jpeg(data)  # decodes PNG as well
    except tf.errors.InvalidArgumentError:
        return False
    return True


def orientation(image: Image.Image) -> int:
    """How EXIF says the picture lies; 1 is upright. Nonsense in EXIF counts as upright."""
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # the parser raises nearly anything, too, and the pixels are fine
        return 1


def is_transparent(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def to_mode(image: Image.Image, mode: str) -> Image.Image:
    """Converts to L, RGB or RGBA; transparency goes onto white where there is no alpha."""
    if is_transparent(image):
        image = image.convert("RGBA")
        if mode != "RGBA":
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image)
    return image.convert(mode)


def fit(image: Image.Image, target: Target) -> tuple[Image.Image, tuple | None]:
    """Makes a picture square and resizes it (Lanczos). Returns it and its margins, if any."""
    width, height = image.size
    if target.crop == "celeba":
        if image.size != CELEBA:
            raise BadPicture(f"is {width}×{height}, not 178×218 as the aligned faces of CelebA")
        return resize(image.crop(CELEBA_FACE), target.resolution, target.resolution), None
    if width == height:
        return resize(image, target.resolution, target.resolution), None
    if target.crop == "none":
        advice = "crop it, or give --crop center or --crop letterbox"
        raise BadPicture(f"is {width}×{height}, not square: {advice}")
    if target.crop == "letterbox":
        return letterbox(image, target.resolution)
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    middle = image.crop((left, top, left + side, top + side))
    return resize(middle, target.resolution, target.resolution), None


def letterbox(image: Image.Image, side: int) -> tuple[Image.Image, tuple | None]:
    """Resizes the longer edge to `side` and adds margins along it, black or transparent."""
    longer = max(image.size)
    width, height = (max(1, round(edge * side / longer)) for edge in image.size)
    left, top = (side - width) // 2, (side - height) // 2
    square = Image.new(image.mode, (side, side))  # zeros
    square.paste(resize(image, width, height), (left, top))
    margins = (left, top, side - width - left, side - height - top)
    return square, margins if any(margins) else None


def resize(image: Image.Image, width: int, height: int) -> Image.Image:
    if image.size == (width, height):
        return image
    return image.resize((width, height), Image.Resampling.LANCZOS)
