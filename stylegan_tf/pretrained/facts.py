"""What the file of a preset says of its networks, read without TensorFlow."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SUFFIX = ".npz"
FORMAT, VERSION = "stylegan-tf networks", 1
MEMBER = "facts"  # of the file; all others are weights
MAX_RATIO = 20  # of what is unpacked to the file; weights take at least two thirds of their bytes


@dataclass(frozen=True)
class Facts:
    """What is known of a generator and the discriminator that it was trained with.

    Attributes:
        about: one line for people.
        kimg: real images, in thousands, that they were trained on.
        generator, discriminator: the arguments of their constructors.
    """

    about: str
    kimg: float
    generator: dict[str, Any]
    discriminator: dict[str, Any]

    def to_json(self) -> str:
        """Returns the text that a file holds."""
        return json.dumps({"format": FORMAT, "version": VERSION, **vars(self)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Facts":
        """Returns what `to_json` wrote.

        Raises:
            ValueError: if it is something else, or of another version.
        """
        values = json.loads(text)
        if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
            raise ValueError(f"its format is not {FORMAT!r}")
        version = values.pop("version", None)
        if version != VERSION:
            raise ValueError(f"it is of version {version}, and this stylegan-tf reads {VERSION}")
        kinds: dict[str, Any] = {
            "about": str,
            "kimg": (int, float),
            "generator": dict,
            "discriminator": dict,
        }
        if values.keys() != kinds.keys():
            raise ValueError(f"it says {', '.join(values) or 'nothing'}, not {', '.join(kinds)}")
        for name, kind in kinds.items():
            if not isinstance(values[name], kind):
                raise ValueError(f"{name} is {values[name]!r}")
        return cls(**values)


def read(path: Path) -> Facts:
    """Returns the facts of a file; its weights are not read.

    Raises:
        ValueError: naming the file, if it is no such file.
    """
    try:
        with opened(path) as file:
            return Facts.from_json(str(file[MEMBER]))
    except Exception as error:  # the readers of zip, .npy and JSON raise nearly anything
        raise ValueError(f"{path} is no file of networks: {error}") from error


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Opens a file, of which nothing is unpacked yet: arrays by their names.

    Raises:
        ValueError: if it would unpack to far more than weights do, or is no .npz.
        OSError: if it cannot be read.
    """
    with np.load(path, allow_pickle=False) as file:
        if sum(one.file_size for one in file.zip.infolist()) > MAX_RATIO * path.stat().st_size:
            raise ValueError("it would unpack to far more than weights do")
        yield file
