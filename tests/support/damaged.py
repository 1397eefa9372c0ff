"""A dataset with a bit that is not as it was."""

import shutil
from pathlib import Path


def damaged_copy(dataset, folder: Path) -> Path:
    """A copy of a dataset, in the middle of whose first shard a bit is changed."""
    copy = shutil.copytree(dataset.path, folder)
    shard = sorted(copy.glob("*.tfrecord"))[0]
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    return copy
