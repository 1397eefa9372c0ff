"""A preset of tiny networks, in the place of those that come along."""

import functools
import tempfile
from pathlib import Path

import stylegan_tf as sg
import tiny
from stylegan_tf.pretrained import catalog, networks

NAME, ABOUT, KIMG = "tiny-8", "Random weights, for tests", 12.5
LICENCE = "CC0-1.0"


def pair(**arguments) -> tuple[sg.Generator, sg.Discriminator]:
    """A generator of 8×8 images and a discriminator, the same whenever they are made."""
    arguments = {"resolution": 8, **arguments}
    shared = arguments.keys() & {"resolution", "channels", "label_size", "grown", "architecture"}
    discriminator = tiny.discriminator(**{key: arguments[key] for key in shared})
    return tiny.generator(licence=LICENCE, **arguments), discriminator


def write(path: Path, **arguments) -> tuple[sg.Generator, sg.Discriminator]:
    """Writes a file of such networks; returns them as they were before."""
    made = pair(**arguments)
    networks.save(path, *made, ABOUT, KIMG)
    return made


@functools.cache
def data() -> bytes:
    """The file of `pair()`, which is written once."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "n.npz"))
        return Path(folder, "n.npz").read_bytes()


def install(monkeypatch, folder: Path) -> None:
    """Makes `tiny-8` the only preset that there is."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.npz").write_bytes(data())
    monkeypatch.setattr(catalog, "FOLDER", folder)
