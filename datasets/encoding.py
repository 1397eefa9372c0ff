"""One image: checked, rotated upright, cropped, resized, encoded for a shard."""

import io
from dataclasses import dataclass
from typing import IO, NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

from .options import MODES

READABLE = ("PNG", "JPEG", "MPO", "WEBP")  # MPO: a JPEG with a second image behind it, from phones
STORED = ("PNG", "JPEG", "MPO")  # TensorFlow decodes these to the very same pixels
MAX_BYTES = 1 << 28  # of a file; what Pillow decodes takes no more, but for its largest PNGs
# The aligned images of CelebA have the landmarks at the same places. Published results at 128×128
# are on this square of them, of which (89, 121) is the middle.
CELEBA, CELEBA_FACE = (178, 218), (25, 57, 153, 185)  # left, top, right, bottom
ORIENTATION = 0x0112  # the EXIF tag


class BadImage(Exception):
    """An image that cannot be used; the text continues a sentence that starts with its name."""


@dataclass(frozen=True)
class Target:
    """What every image becomes: `resolution` pixels square, with `channels` channels.

    Attributes:
        resolution: pixels, a power of two.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA).
        crop: one of `CROPS`: what happens to an image that is not square.
    """

    resolution: int
    channels: int
    crop: str

    @property
    def mode(self) -> str:
        """The name that Pillow has for so many channels."""
        return MODES[self.channels]


class Prepared(NamedTuple):
    """An image for a shard."""

    data: bytes  # PNG or JPEG
    margins: tuple[int, int, int, int] | None  # pixels added left, top, right, bottom, if any


def prepare(data: bytes, target: Target) -> Prepared:
    """Returns an image as PNG, or the file as it came when no pixel had to change.

    Args:
        data: a PNG, JPEG or WebP file.
        target: what it becomes.

    Raises:
        BadImage: if it is none of these, damaged, animated, of 16 bits a channel, too large to
            be safe, or not square when `target.crop` is "none".
    """
    image = load(data)
    if is_ready(image, target) and tensorflow_reads(data):
        return Prepared(data, None)
    upright = image if orientation(image) == 1 else ImageOps.exif_transpose(image)
    square, margins = fit(to_mode(upright, target.mode), target)
    return Prepared(as_png(square), margins)


def load(data: bytes) -> Image.Image:
    """Decodes an image that we can use, or raises BadImage."""
    try:
        image = opened(io.BytesIO(data))
        check_kind(image, data)
        image.load()
    except BadImage:
        raise
    except Exception as error:  # a damaged file makes Pillow raise nearly anything
        raise BadImage(f"is damaged ({error})") from None
    return image


def opened(file: IO[bytes]) -> Image.Image:
    """Reads the beginning of an image file, or raises BadImage if it is none that we decode."""
    try:
        return Image.open(file)
    except UnidentifiedImageError:  # Pillow's message has the Python object in it
        raise BadImage("is not a PNG, JPEG or WebP image") from None
    except Image.DecompressionBombError:
        raise BadImage("has too many pixels to be decoded safely: make it smaller") from None


def check_kind(image: Image.Image, data: bytes) -> None:
    """Raises BadImage for what Pillow would read, but we would not get right."""
    if image.format not in READABLE:
        raise BadImage(f"is a {image.format} image: convert it to 8-bit PNG, JPEG or WebP")
    # Pillow drops the low byte of 16-bit RGB without a word; the depth is byte 24 of a PNG.
    if image.mode.startswith(("I", "F")) or (image.format == "PNG" and data[24] == 16):
        raise BadImage("has 16 bits a channel: convert it to 8-bit PNG")
    frames = getattr(image, "n_frames", 1)
    if image.format != "MPO" and frames > 1:
        raise BadImage(f"is an animation of {frames} images: save one of them")


def is_ready(image: Image.Image, target: Target) -> bool:
    """Returns whether the file itself can go into the shard."""
    same_mode = image.mode == target.mode or (image.mode, target.mode) == ("P", "RGB")
    return (
        image.format in STORED
        and target.crop != "celeba"
        and image.size == (target.resolution, target.resolution)
        and same_mode
        and (target.channels == 4 or not is_transparent(image))
        and orientation(image) == 1
    )


def tensorflow_reads(data: bytes) -> bool:
    """Returns whether TensorFlow decodes a file: Pillow forgives more, as a stray JPEG marker."""
    import tensorflow as tf

    try:
        tf.io.decode_jpeg(data)  # decodes PNG as well
    except tf.errors.InvalidArgumentError:
        return False
    return True


def as_png(image: Image.Image) -> bytes:
    """Returns the PNG file of an image."""
    encoded = io.BytesIO()
    image.save(encoded, "PNG")
    return encoded.getvalue()


def orientation(image: Image.Image) -> int:
    """Returns how EXIF says the image lies; 1 is upright. Nonsense in EXIF counts as upright."""
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # the parser raises nearly anything, too, and the pixels are fine
        return 1


def is_transparent(image: Image.Image) -> bool:
    """Returns whether the image has an alpha channel or a transparent entry in its palette."""
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def to_mode(image: Image.Image, mode: str) -> Image.Image:
    """Converts to L, RGB or RGBA; transparent parts are composited on white without alpha."""
    if is_transparent(image):
        image = image.convert("RGBA")
        if mode != "RGBA":
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image)
    return image.convert(mode)


def fit(image: Image.Image, target: Target) -> tuple[Image.Image, tuple[int, int, int, int] | None]:
    """Makes an image square and resizes it (Lanczos). Returns it and its margins, if any."""
    width, height = image.size
    if target.crop == "celeba":
        if image.size != CELEBA:
            raise BadImage(f"is {width}×{height}, not 178×218 as the aligned faces of CelebA")
        return resize(image.crop(CELEBA_FACE), target.resolution, target.resolution), None
    if width == height:
        return resize(image, target.resolution, target.resolution), None
    if target.crop == "none":
        advice = "crop it, or give --crop center or --crop letterbox"
        raise BadImage(f"is {width}×{height}, not square: {advice}")
    if target.crop == "letterbox":
        return letterbox(image, target.resolution)
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    middle = image.crop((left, top, left + side, top + side))
    return resize(middle, target.resolution, target.resolution), None


def letterbox(
    image: Image.Image, side: int
) -> tuple[Image.Image, tuple[int, int, int, int] | None]:
    """Resizes the longer edge to `side` and adds margins along it, black or transparent."""
    longer = max(image.size)
    width, height = (max(1, round(edge * side / longer)) for edge in image.size)
    left, top = (side - width) // 2, (side - height) // 2
    square = Image.new(image.mode, (side, side))  # zeros
    square.paste(resize(image, width, height), (left, top))
    margins = (left, top, side - width - left, side - height - top)
    return square, margins if any(margins) else None


def resize(image: Image.Image, width: int, height: int) -> Image.Image:
    """Resizes with Lanczos' filter; an image of that size stays as it is."""
    if image.size == (width, height):
        return image
    return image.resize((width, height), Image.Resampling.LANCZOS)
