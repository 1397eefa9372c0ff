"""A dataset with a changed bit."""

import shutil
from pathlib import Path


def damaged_copy(dataset, folder: Path) -> Path:
    """Copies a dataset and changes a bit in the middle of its first shard."""
    copy = shutil.copytree(dataset.path, folder)
    shard = sorted(copy.glob("*.tfrecord"))[0]
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    return copy
