"""Makes tests/data/published.zip of the whole reference vectors, a folder that is its argument.

Covered, at 32×32 with the published weights:
- StyleGAN (configuration F) and Progressive GAN (A): images of all levels of detail, both storages
  of fused convolutions, and all truncations; scores of fakes and of other images.
- Activations of StyleGAN's layers; the losses, their gradients, and three training steps.
- Images as a discriminator is shown them; Adam, slerp, entropies and uint8 images (misc.npz).
- The schedule of 1 to 8 GPUs, NVIDIA's two TFRecord sets with their source, and both pickles.

Left to the whole set: the rows B to E of Table 1, whose weights alone are 0.7 MB each, and the
other averages Gs, of which only the entries are here that training is compared at.

How 48 MB become 3: weights keep 16 bits after the binary point (19 where all else follows from
them), results 17; of a large result some entries remain, the largest among them; an image of a
lower resolution is stored at that. The rounding shows by up to 4e-5 of an array's largest value,
where the whole set allows 2e-5. tests/support/vectors.py reads the file and describes its layout.
"""

import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parents[1] / "tests" / "data" / "published.zip"
# Bits after the binary point, of 23.
FIRST_WEIGHT_BITS, WEIGHT_BITS, RESULT_BITS = 19, 16, 17
LARGE = 400  # more entries than this are sampled
SETS = ("stylegan32", "progan32")
FILES = ("schedule.json", "misc.npz", "tfrecords")
PICKLES = {"stylegan32-nosrc.pkl": "stylegan32", "progan32-nosrc.proto4.pkl": "progan32"}

# How the arrays of a set are kept, by the first pattern that fits their name; others are left out.
FIRST_WEIGHTS, WEIGHTS, WHOLE = "first weights", "weights", "whole"
SAMPLED, AVERAGE, IMAGES = "sampled", "average", "images"
KEPT = [
    (r"G/vars/(G_mapping|G_synthesis/4x4|.*StyleMod|dlatent_avg)", FIRST_WEIGHTS),
    (r"[GD]/vars/", WEIGHTS),
    (r"Gs/vars/|train/it\d/Gs/", AVERAGE),
    (r"in/", WHOLE),
    (r"out/(w_nobroadcast|img_w_mixed|img_randnoise|img_autofused_default_kwargs)$", SAMPLED),
    (r"out/img_randnoise_rnd/", WHOLE),
    (r"out/img/lod[\d.]+/recursive/\w+/off$|out/img/lod[23]/recursive/", IMAGES),
    (r"out/img/lod[\d.]+/recursive/", SAMPLED),
    (r"out/(scores|scores_opts)/(?!.*/linear/)", WHOLE),
    (r"out/process_reals/lod(0|1\.3)/plain$", WHOLE),
    (r"out/process_reals/", SAMPLED),
    (r"mid/G_mapping/", WHOLE),
    (r"mid/D/fused0/4x4/Dense", WHOLE),
    (r"mid/(D|G_synthesis)/fused0/", SAMPLED),
    (r"loss/\w+/lod[\d.]+/plain/(mean|rnd|grad)", SAMPLED),
    (r"loss/(G_logistic_nonsaturating|D_logistic_simplegp)/lod0/full/rnd/", WHOLE),
    (r"loss/(G_logistic_nonsaturating|D_logistic_simplegp)/lod0/full/", SAMPLED),
    (r"train/rnd_", WHOLE),
    (r"train/it\d/", SAMPLED),
]


class Pile:
    """The numbers of all arrays, one after the other; the same numbers are stored once."""

    def __init__(self):
        self.parts, self.places, self.size = [], {}, 0

    def add(self, values: np.ndarray, bits=RESULT_BITS) -> int:
        """Returns where `values` begin."""
        flat = rounded(np.ravel(values).astype("<f4"), bits)
        key = hashlib.sha256(flat.tobytes()).digest()
        if key not in self.places:
            self.places[key] = self.size
            self.parts.append(flat)
            self.size += len(flat)
        return self.places[key]

    def planes(self) -> np.ndarray:
        """[4, N] uint8: the first bytes of all numbers, then the second, …: such compress."""
        return np.concatenate(self.parts).view(np.uint8).reshape(-1, 4).T.copy()


def rounded(values: np.ndarray, bits: int) -> np.ndarray:
    """Returns float32 with `bits` bits after the binary point."""
    unit = np.uint32(1 << (23 - bits))
    return ((values.view(np.uint32) + unit // 2) // unit * unit).view(np.float32)


def kind_of(name: str) -> str | None:
    """How an array is kept; None: not at all."""
    return next((kind for pattern, kind in KEPT if re.match(pattern, name)), None)


def entries(size: int, kind: str) -> np.ndarray:
    """Which entries of a large array remain: every so many, an odd number."""
    requested = {IMAGES: 780, SAMPLED: 220, AVERAGE: 60}[kind]
    return np.arange(0, size, size // requested | 1)


def native(array: np.ndarray) -> tuple[np.ndarray, int]:
    """An image that was enlarged by repeating pixels → the small one, and how often."""
    for times in (8, 4, 2):
        small = array[..., ::times, ::times]
        if np.array_equal(small.repeat(times, axis=-1).repeat(times, axis=-2), array):
            return small, times
    return array, 1


def packed(array: np.ndarray, kind: str, pile: Pile) -> list:
    """What the index says of an array: shape, place, then `step` and `largest`, or `times`."""
    if array.dtype != np.float32:
        return [array.dtype.str, list(array.shape), np.ravel(array).tolist()]
    shape = list(array.shape)
    if not array.any():
        return [shape, None]
    if kind == IMAGES:
        small, times = native(array)
        if times > 1:
            return [shape, pile.add(small), {"times": times}]
    if kind in (FIRST_WEIGHTS, WEIGHTS):
        bits = WEIGHT_BITS if kind == WEIGHTS else FIRST_WEIGHT_BITS
        return [shape, pile.add(array, bits)]
    if kind == WHOLE or array.size <= LARGE:
        return [shape, pile.add(array)]
    flat, places = array.ravel(), entries(array.size, kind)
    step = int(places[1])
    if kind == AVERAGE:  # must be known at the same entries before and after training
        return [shape, pile.add(flat[places]), {"step": step}]
    largest = int(np.abs(flat).argmax())
    place = pile.add(np.append(flat[places], flat[largest]))
    return [shape, place, {"step": step, "largest": largest}]


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


def main(reference: Path) -> None:
    """Writes tests/data/published.zip."""
    pile, index, members = Pile(), {}, {}
    for name in SETS:
        with np.load(reference / f"{name}.npz") as file:
            arrays = steps_of_training({key: file[key] for key in file.files})
        kept = {key: kind for key in arrays if (kind := kind_of(key))}
        index[name] = {key: packed(arrays[key], kind, pile) for key, kind in kept.items()}
        for pickle_name, vectors in PICKLES.items():
            if vectors == name:
                weights = {key: arrays[key] for key in arrays if "/vars/" in key}
                data = (reference / pickle_name).read_bytes()
                data, places = without_arrays(data, weights)
                members[pickle_name] = data
                index[pickle_name] = {"vectors": name, "places": places}
    for path in (reference / name for name in FILES):
        for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if one.is_file():
                members[str(one.relative_to(reference))] = one.read_bytes()
    members["index.json"] = json.dumps(index, separators=(",", ":")).encode()
    with zipfile.ZipFile(OUT, "w", zipfile.ZIP_LZMA) as archive:
        for name, data in sorted({**members, "planes": pile.planes().tobytes()}.items()):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_LZMA)
    print(f"{OUT}: {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
