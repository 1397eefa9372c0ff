"""MP4 files."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from stylegan_tf.files import atomic_write

QUALITY = 8  # of imageio's 0 to 10


def write(frames: Iterable[np.ndarray], path: Path, fps: int) -> None:
    """Writes a video, H.264 in MP4, which is there when it is whole.

    Args:
        frames: uint8 [H, W, 3], all of one size. An odd side is made even by a white line: the
            codec stores chroma for two by two pixels.
        path: ends in .mp4; its folder is made.
        fps: frames per second.

    Raises:
        OSError: if it cannot be written.
        ImportError: without the extra `video`.
    """
    import imageio.v2 as imageio

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {"codec": "libx264", "pixelformat": "yuv420p", "macro_block_size": 1}
    with (
        atomic_write(path) as partial,
        # By itself a writer leaves ffmpeg running where something fails.
        closing(
            imageio.get_writer(partial, format="FFMPEG", fps=fps, quality=QUALITY, **options)
        ) as writer,
    ):
        for frame in frames:
            writer.append_data(even(frame))


def even(frame: np.ndarray) -> np.ndarray:
    """Returns a frame [H, W, 3] with a white line below or at the right where a side is odd."""
    height, width, _ = frame.shape
    return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), constant_values=255)
