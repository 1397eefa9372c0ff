"""`dataset.json`: what a dataset holds, and how to tell that it is all there.

Where `margins` is true, images were letterboxed: an example whose image does not fill the
square has a feature `margins`, the pixels to cut away at its left, top, right and bottom.
"""

import json
from pathlib import Path
from typing import Any

from .errors import DatasetError

FILE = "dataset.json"
FORMAT = "stylegan-tf dataset"
VERSION = 1

KEYS = {
    "resolution": int,
    "channels": int,
    "num_images": int,
    "label_size": int,
    "label_names": list,
    "shards": list,
}
SHARD_KEYS = {"file": str, "num_images": int, "bytes": int, "sha256": str}


def write_manifest(folder: Path, fields: dict[str, Any]) -> None:
    """Writes `fields` (KEYS, and what else is worth noting) as the folder's manifest."""
    manifest = {"format": FORMAT, "version": VERSION, **fields}
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (folder / FILE).write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Reads and checks a manifest.

    Raises:
        DatasetError: if there is none, or it is not one of ours.
    """
    path = folder / FILE
    if not path.is_file():
        raise DatasetError(
            f"{folder} is not a dataset (no {FILE} there): "
            "make one with stylegan-tf dataset create SRC DEST"
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is damaged ({error}): create the dataset again") from None
    check_manifest(path, manifest)
    return manifest


def check_manifest(path: Path, manifest: dict[str, Any]) -> None:
    """Raises DatasetError for what is not a manifest of this version."""
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise DatasetError(f'{path} is not ours: its format is not "{FORMAT}"')
    if manifest.get("version") != VERSION:
        raise DatasetError(
            f"{path} is of version {manifest.get('version')}, this stylegan-tf reads {VERSION}: "
            "update stylegan-tf, or create the dataset again"
        )
    check_keys(path, manifest, KEYS)
    for shard in manifest["shards"]:
        check_keys(path, shard, SHARD_KEYS)
        if Path(shard["file"]).name != shard["file"]:  # never read outside the folder
            raise DatasetError(f"{path}: the shard {shard['file']!r} is not a plain file name")
    if sum(shard["num_images"] for shard in manifest["shards"]) != manifest["num_images"]:
        raise DatasetError(f"{path}: the images of the shards do not add up to num_images")


def check_keys(path: Path, fields: dict[str, Any], keys: dict[str, type]) -> None:
    """Raises DatasetError if a key is missing or of another type."""
    for key, kind in keys.items():
        if not isinstance(fields, dict) or not isinstance(fields.get(key), kind):
            raise DatasetError(f"{path}: {key!r} is missing or not {kind.__name__}")
