"""What the options of `create` may be. The command line reads this without loading Pillow."""

from .errors import DatasetError
from .resolutions import check_resolution

CROPS = ("center", "letterbox", "celeba", "none")
FORMATS = ("shards", "nvidia")
MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # the names that Pillow has for so many channels


def check_options(
    resolution: int | None, crop: str, channels: int | None, shard_bytes: int, format: str
) -> None:
    """Raises DatasetError for an option that is out of range, and says what it may be."""
    if resolution is not None:
        check_resolution(resolution)
    if crop not in CROPS:
        raise DatasetError(f"crop {crop!r} is not known: take {' or '.join(CROPS)}")
    if channels not in (None, *MODES):
        raise DatasetError(f"channels {channels!r} must be 1 (grey), 3 (RGB) or 4 (RGBA)")
    if shard_bytes < 1:
        raise DatasetError(f"shard_bytes {shard_bytes} must be at least 1")
    if format not in FORMATS:
        raise DatasetError(f"format {format!r} is not known: take {' or '.join(FORMATS)}")
    if format == "nvidia" and channels == 4:
        raise DatasetError("NVIDIA's layout has no alpha: give 1 or 3 channels")
