"""Makes tests/data/published.zip of the whole reference vectors.

    python tools/make_test_vectors.py path/to/reference path/to/reference2

Covered, at 32×32 with the published weights:
- StyleGAN (configuration F) and Progressive GAN (A): images of all levels of detail, both storages
  of fused convolutions, and all truncations; scores of fakes and of other images.
- Activations of StyleGAN's layers; the losses, their gradients, and three training steps.
- Images as a discriminator is shown them; Adam, slerp, entropies and uint8 images (misc.npz).
- The schedule of 1 to 8 GPUs, NVIDIA's two TFRecord sets with their source, and both pickles.
- Rows B and C of Table 1: w and images. Other rows have the layers of F or B, whose numbers
  tests/support/rows.py takes for them; C has F's mapping network.
- StyleGAN2: w, images and styles of four generators, logits, gradients and a block of four
  discriminators, the four phases of training with their gradients, five iterations, a pickle of
  PyTorch, and the networks of one of TensorFlow.
- ADA: the parameters of every case, some images with their gradients, and the paths of p.

Left to the whole set: the images of row D (0.3 MB more, at the precision of B and C), the other
averages Gs, of which only the entries are here that training is compared at, ops of StyleGAN2, and
images of further augmentations.

How 69 MB become 3:
- What NumPy's `RandomState` drew is drawn again (tests/support/drawn.py): all weights and inputs of
  StyleGAN2 are, and latents, noise and other inputs of StyleGAN.
- A number is a whole multiple of its array's step, a power of two. The step of weights follows
  from their deviation: the finer, the more follows from them, and coarse in rows B and C. That of
  results follows from the largest. tests/support/published.py has the tolerances that follow.
- A dense layer of B and C that reads w is stored as what it makes of the four published w.
- Of a large result some entries remain, the largest among them.
- An image of a lower resolution is stored at that.

tests/support/vectors.py reads the file and describes its layout.
"""

import io
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import stylegan2_pickle
from kept_vectors import BITS, DRAWN_ARRAYS, FINE_BITS, KEPT
from vector_packing import DRAWN, OF_W, Pile, packed, packed_of_w

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.append(str(REPOSITORY / "tests" / "support"))
import drawn  # noqa: E402

OUT = REPOSITORY / "tests" / "data" / "published.zip"
FILES = ("schedule.json", "misc.npz", "tfrecords")
# Whose arrays are in which set, and under which names.
PICKLES = {
    "stylegan32-nosrc.pkl": ("stylegan32", r"\w+/vars/"),
    "progan32-nosrc.proto4.pkl": ("progan32", r"\w+/vars/"),
    "ada-uncond.proto4.pkl": ("pickles", r"ada-uncond/(G|D|G_ema)/"),
}


def kind_of(name: str, kept: list[tuple[str, str]]) -> str | None:
    """How an array is kept; None: not at all."""
    return next((kind for pattern, kind in kept if re.match(pattern, name)), None)


def steps_of_training(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """How far training moved a weight, in the place of the weight after it: small and exact."""
    moved = dict(arrays)
    for name, value in arrays.items():
        start = re.sub(r"^train/it\d/(\w+)/", r"\1/vars/", name)
        if start != name and start in arrays:
            moved[name] = value - arrays[start]
    return moved


def without_arrays(data: bytes, arrays: dict[str, np.ndarray]) -> tuple[bytes, list]:
    """A pickle whose arrays are zeros, and where which belong: [offset, name]."""
    data, places = bytearray(data), []
    for name, value in arrays.items():
        own = value.astype("<f4").tobytes()
        start = data.find(own)
        if start < 0:
            raise SystemExit(f"the pickle does not hold {name}")
        if len(own) < 12 or data.find(own, start + 1) >= 0:  # a 0 is found anywhere
            continue
        data[start : start + len(own)] = bytes(len(own))
        places.append([start, name])
    return bytes(data), places


def tar(members: dict[str, bytes]) -> bytes:
    """All files in one: what one repeats of another is compressed once."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in sorted(members.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


def check_drawn(name: str, arrays: dict[str, np.ndarray], entries: dict[str, list]) -> None:
    """Ends the program where an array is not what is drawn in its place."""
    shapes = {key: entry[0] for key, entry in entries.items() if entry[1] == DRAWN}
    again = drawn.arrays(DRAWN_ARRAYS.get(name, []), shapes)
    for key in shapes:
        # Where TensorFlow adds 1 to styles, the 1 was subtracted, rounded, and added again.
        if key not in again or not np.allclose(again[key], arrays[key], rtol=0, atol=2.5e-7):
            raise SystemExit(f"{name}: {key} is not drawn so")


def packed_set(name: str, arrays: dict[str, np.ndarray], pile: Pile) -> dict[str, list]:
    """The entries of a set in the index."""
    bits, result = BITS.get(name, FINE_BITS), {}
    for key, array in arrays.items():
        kind = kind_of(key, KEPT[name])
        if kind == OF_W:
            w = arrays[f"{key.split('/')[0]}/w"]
            result[key] = packed_of_w(array, w, bits, pile)
        elif kind:
            result[key] = packed(array, kind, bits, pile)
    check_drawn(name, arrays, result)
    return result


def main(*folders: Path) -> None:
    """Writes tests/data/published.zip."""
    pile, index, members = Pile(), {"drawn": DRAWN_ARRAYS}, {}
    paths = {path.name: path for folder in reversed(folders) for path in folder.iterdir()}
    sets = stylegan2_pickle.networks(folders[1])
    for name in KEPT.keys() - sets.keys():
        with np.load(paths[f"{name}.npz"]) as file:
            sets[name] = steps_of_training({key: file[key] for key in file.files})
    for name in KEPT:
        index[name] = packed_set(name, sets[name], pile)
    for pickle_name, (name, pattern) in PICKLES.items():
        weights = {key: array for key, array in sets[name].items() if re.match(pattern, key)}
        data, places = without_arrays(paths[pickle_name].read_bytes(), weights)
        members[pickle_name] = data
        index[pickle_name] = {"vectors": name, "places": places}
    for path in (paths[name] for name in FILES):
        for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if one.is_file():
                members[str(one.relative_to(path.parent))] = one.read_bytes()
    index_json = json.dumps(index, separators=(",", ":")).encode()
    with zipfile.ZipFile(OUT, "w") as archive:
        parts = {"files.tar": tar(members), "index.json": index_json}
        parts |= {f"plane{number}": plane for number, plane in enumerate(pile.planes())}
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_LZMA)
    for one in archive.infolist():
        print(f"{one.filename}: {one.compress_size:,} bytes")
    print(f"{OUT}: {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
