"""`dataset.json`: what a dataset holds, so that nobody needs to read it to know."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from .errors import DatasetError

FILE = "dataset.json"
FORMAT = "stylegan-tf dataset"
VERSION = 1


@dataclass(frozen=True)
class Shard:
    """One TFRecord file."""

    file: str
    num_images: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What `dataset.json` says.

    Attributes:
        resolution: height and width of every picture.
        channels: 1, 3 or 4.
        num_images: in all shards.
        label_names: names of the classes; empty where labels have none or there are no labels.
        label_size: numbers in a label; 0 for none.
        shards: in file order.
        notes: anything else worth knowing: source, licence.
    """

    resolution: int
    channels: int
    num_images: int
    label_size: int
    label_names: tuple[str, ...]
    shards: tuple[Shard, ...]
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A hash of all hashes: it changes when any picture does."""
        joined = "\n".join(shard.sha256 for shard in self.shards)
        return hashlib.sha256(joined.encode()).hexdigest()

    def write(self, folder: Path) -> None:
        """Writes `dataset.json` into a folder."""
        tree = {"format": FORMAT, "version": VERSION, **dataclasses.asdict(self)}
        (folder / FILE).write_text(json.dumps(tree, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Reads `dataset.json`.

        Raises:
            DatasetError: if there is none, or it is damaged or of a newer version.
        """
        path = folder / FILE
        try:
            tree = json.loads(path.read_text(encoding="utf-8"))
            if tree.pop("format") != FORMAT or tree.pop("version") > VERSION:
                raise DatasetError(f"{path} is of another format, or of a newer version of it")
            shards = tuple(Shard(**shard) for shard in tree.pop("shards"))
            return cls(**{**tree, "label_names": tuple(tree["label_names"]), "shards": shards})
        except FileNotFoundError:
            raise DatasetError(
                f"{folder} is no dataset (it has no {FILE}); "
                f"make one with: stylegan-tf dataset create SRC {folder}"
            ) from None
        except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
            raise DatasetError(f"{path} is damaged ({error}); create the dataset again") from error


def sha256(path: Path) -> str:
    """The hash of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
