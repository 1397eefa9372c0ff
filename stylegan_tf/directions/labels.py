"""Seeds that somebody has labelled: a table, or images sorted into two folders."""

import csv
import os
import re
from pathlib import Path

import numpy as np

# What `stylegan-tf generate` calls the image of a seed.
SEED_FILE = re.compile(r"seed(\d+)\.png", re.IGNORECASE)
EXPECTED = "a CSV of seed,NAME,… with 0 and 1, or images of seeds in folders 0 and 1"

Labelled = dict[str, tuple[np.ndarray, np.ndarray]]


def read_labels(path: str | os.PathLike[str]) -> Labelled:
    """Reads labelled seeds by the name of the label: (seeds int64 [N], labels 0 or 1 [N]).

    Args:
        path: a CSV with the header `seed,NAME,…` and 0, 1 or nothing in the cells; or a folder,
            whose name is taken, with images of `stylegan-tf generate` in folders 0 and 1.

    Raises:
        ValueError: if it is neither, or where a cell is wrong.
    """
    path = Path(path)
    if not path.exists():
        raise ValueError(f"{path} does not exist; labels are {EXPECTED}")
    labels = _folder(path) if path.is_dir() else _table(path)
    return {
        name: (np.array([seed for seed, _ in pairs], np.int64), np.array([one for _, one in pairs]))
        for name, pairs in labels.items()
    }


def _folder(path: Path) -> dict[str, list[tuple[int, int]]]:
    pairs = []
    for label in (0, 1):
        matches = [SEED_FILE.fullmatch(file.name) for file in sorted(path.glob(f"{label}/*"))]
        pairs += [(int(match[1]), label) for match in matches if match]
    if not pairs:
        raise ValueError(f"{path} holds no labelled images; labels are {EXPECTED}")
    return {path.resolve().name: pairs}


def _table(path: Path) -> dict[str, list[tuple[int, int]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = [row for row in csv.reader(file) if row] or [[]]
    except (UnicodeError, csv.Error) as error:
        raise ValueError(f"{path} is no CSV ({error}); labels are {EXPECTED}") from None
    header = [name.strip() for name in header]
    names = header[1:]
    if header[:1] != ["seed"] or not names or not all(names) or len(set(names)) < len(names):
        raise ValueError(f"{path} does not begin with seed,NAME,…; labels are {EXPECTED}")
    labels: dict[str, list[tuple[int, int]]] = {name: [] for name in names}
    for number, row in enumerate(rows, start=1):
        seed, *cells = (cell.strip() for cell in row)
        if not seed.isascii() or not seed.isdigit() or len(cells) != len(names):
            wrong = f"{path}, row {number}: {','.join(row)}"
            raise ValueError(f"{wrong} is not a seed and {len(names)} labels")
        for name, cell in zip(names, cells, strict=True):
            if cell not in ("0", "1", ""):
                raise ValueError(f"{path}, row {number}: {name} is {cell}; it can be 0, 1 or empty")
            labels[name] += [(int(seed), int(cell))] if cell else []
    return labels
