"""One picture as it is stored: square, of one size, PNG or the JPEG that came."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import BadPicture

FORMATS = ("PNG", "JPEG", "WEBP")
MODES = {1: "L", 3: "RGB", 4: "RGBA"}
ALPHA = ("RGBA", "LA", "PA", "La", "RGBa")
PALETTE = 256  # colours
PNG_DEPTH = 24  # where a PNG's header says how many bits a channel has


def prepare(data: bytes, resolution: int | None, crop: str, channels: int) -> tuple[bytes, int]:
    """Brings a picture into the form in which it is stored.

    Args:
        data: the file.
        resolution: of the result, or None to keep that of the picture.
        crop: `"center"` cuts out the middle square, `"none"` takes square pictures only.
        channels: 1, 3 or 4. Transparent pictures are put on white for 1 and 3.

    Returns:
        the encoded picture, PNG or the JPEG that came if nothing had to change; its resolution.

    Raises:
        BadPicture: why it cannot be taken.
    """
    picture = _decode(data)
    upright = ImageOps.exif_transpose(picture)
    changed = upright.mode != MODES[channels] or picture.getexif().get(0x0112, 1) != 1
    upright = _convert(upright, channels)
    if upright.width != upright.height:
        if crop == "none":
            raise BadPicture(f"is {upright.width}×{upright.height}, not square; use --crop center")
        upright, changed = _center(upright), True
    if resolution and upright.width != resolution:
        upright = upright.resize((resolution, resolution), Image.Resampling.LANCZOS)
        changed = True
    keep = not changed and picture.format == "JPEG"
    return data if keep else _encode(upright), upright.width


def _decode(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data))
            _check(picture, data)
            picture.load()
    except BadPicture:
        raise
    except UnidentifiedImageError:
        raise BadPicture("is not a picture") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPicture("is too large to be decoded safely") from None
    except Exception as error:  # decoders raise OSError, SyntaxError, struct.error and others
        raise BadPicture(f"cannot be decoded ({error})") from error
    return picture


def _check(picture: Image.Image, data: bytes) -> None:
    deep = picture.mode.startswith(("I", "F"))
    if deep or (picture.format == "PNG" and data[PNG_DEPTH] == 16):
        raise BadPicture("has 16 or more bits a channel; convert it to 8")
    if picture.format not in FORMATS:
        raise BadPicture(f"is {picture.format}; convert it to PNG, JPEG or WebP")


def _convert(picture: Image.Image, channels: int) -> Image.Image:
    transparent = picture.mode in ALPHA or "transparency" in picture.info
    if transparent and channels != 4:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    return picture if picture.mode == MODES[channels] else picture.convert(MODES[channels])


def _center(picture: Image.Image) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))


def _encode(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    if picture.mode == "RGB" and picture.getcolors(PALETTE):
        picture = _with_palette(picture)  # the same picture in half the bytes
    picture.info = {}  # no colour profile or text that belonged to the original
    picture.save(buffer, format="PNG", optimize=picture.width <= 256)
    return buffer.getvalue()


def _with_palette(picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture)
    colours, indices = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    small = Image.frombytes("P", picture.size, indices.astype(np.uint8).tobytes())
    small.putpalette(colours.tobytes())
    return small
