"""Makes tests/data/published.zip of the whole reference vectors, a folder that is its argument.

Covered, at 32×32 with the published weights:
- StyleGAN (configuration F) and Progressive GAN (A): images of all levels of detail, both storages
  of fused convolutions, and all truncations; scores of fakes and of other images.
- Activations of StyleGAN's layers; the losses, their gradients, and three training steps.
- Images as a discriminator is shown them; Adam, slerp, entropies and uint8 images (misc.npz).
- The schedule of 1 to 8 GPUs, NVIDIA's two TFRecord sets with their source, and both pickles.
- Rows B and C of Table 1: w and images. Other rows have the layers of F or B, whose numbers
  tests/support/rows.py takes for them.

Left to the whole set: the images of row D (0.3 MB more, at the precision of B and C), and the other
averages Gs, of which only the entries are here that training is compared at.

How 51 MB become 3:
- A number is a whole multiple of its array's step, a power of two. The step of weights follows
  from their deviation: the finer, the more follows from them, and coarse in rows B and C. That of
  results follows from the largest. tests/support/published.py has the tolerances that follow.
- A dense layer of B and C that reads w is stored as what it makes of the four published w.
- Of a large result some entries remain, the largest among them.
- An image of a lower resolution is stored at that.

tests/support/vectors.py reads the file and describes its layout.
"""

import hashlib
import io
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parents[1] / "tests" / "data" / "published.zip"
LARGE = 400  # more entries than this are sampled
SETS = ("stylegan32", "progan32", "stylegan32_table1")
FILES = ("schedule.json", "misc.npz", "tfrecords")
PICKLES = {"stylegan32-nosrc.pkl": "stylegan32", "progan32-nosrc.proto4.pkl": "progan32"}

# How the arrays of a set are kept, by the first pattern that fits their name; others are left out.
FIRST_WEIGHTS, WEIGHTS, ROW_WEIGHTS = "first weights", "weights", "weights of a row"
WHOLE, SAMPLED, AVERAGE, IMAGES = "whole", "sampled", "average", "images"
ENLARGED, OF_W = "enlarged", "of w"  # images in their own resolution; what a matrix makes of w
# A step is 2^-bits of the deviation of weights, and of the largest of results.
WEIGHT_BITS = {FIRST_WEIGHTS: 18, WEIGHTS: 14, ROW_WEIGHTS: 9}
RESULT_BITS = 16
ROWS = "(tuned-baseline|add-mapping-and-styles)/"
KEPT = [
    (ROWS + r"vars/G_synthesis/.*(StyleMod|Dense)/weight", OF_W),
    (ROWS + r"vars/G_synthesis/.*/weight", ROW_WEIGHTS),
    (ROWS + r"vars/", WEIGHTS),
    (ROWS + r"w$", WHOLE),
    (ROWS + r"img/lod[\d.]+/", SAMPLED),
    (r"nowscale/kwargs", WHOLE),
    (r"G/vars/(G_mapping|G_synthesis/4x4|.*StyleMod|dlatent_avg)", FIRST_WEIGHTS),
    (r"[GD]/vars/", WEIGHTS),
    (r"Gs/vars/|train/it\d/Gs/", AVERAGE),
    (r"in/", WHOLE),
    (r"out/(w_nobroadcast|img_w_mixed|img_randnoise|img_autofused_default_kwargs)$", SAMPLED),
    (r"out/img_randnoise_rnd/", WHOLE),
    (r"out/img/lod[23]/recursive/", ENLARGED),
    (r"out/img/lod[\d.]+/recursive/\w+/off$", IMAGES),
    (r"out/img/lod[\d.]+/recursive/", SAMPLED),
    (r"out/(scores|scores_opts)/(?!.*/linear/)", WHOLE),
    (r"out/process_reals/lod(0|1\.3)/plain$", ENLARGED),
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
    """The numbers of all arrays in steps, one after the other; the same numbers are stored once."""

    def __init__(self):
        self.parts, self.places, self.size = [], {}, 0

    def add(self, values: np.ndarray, exponent: int) -> list[int]:
        """Returns where `values` begin, and the exponent of their step, a power of two."""
        steps = np.rint(np.ravel(values) * 2.0**-exponent).astype("<i4")
        key = hashlib.sha256(steps.tobytes()).digest()
        if key not in self.places:
            self.places[key] = self.size
            self.parts.append(steps)
            self.size += len(steps)
        return [self.places[key], exponent]

    def planes(self) -> list[bytes]:
        """The lowest bytes of all numbers, the next, and the highest, which compress.

        0, -1, 1, -2, 2 … are counted as 0, 1, 2, 3, 4 …: small numbers have high bytes of 0.
        """
        steps = np.concatenate(self.parts)
        counted = (steps << 1 ^ steps >> 31).astype("<u4")
        assert counted.max() < 2**24
        return [plane.tobytes() for plane in counted.view(np.uint8).reshape(-1, 4).T[:3]]


def exponent_of(values: np.ndarray, kind: str) -> int:
    """The exponent of the step of an array."""
    if kind in WEIGHT_BITS:
        return round(np.log2(np.sqrt(np.mean(np.square(values))))) - WEIGHT_BITS[kind]
    return int(np.ceil(np.log2(np.abs(values).max()))) - RESULT_BITS


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
    """What the index says of an array: shape, place, exponent, then the options of `vectors`."""
    if array.dtype != np.float32:
        return [array.dtype.str, list(array.shape), np.ravel(array).tolist()]
    shape = list(array.shape)
    if not array.any():
        return [shape, None, 0]
    exponent = exponent_of(array, kind)
    if kind == ENLARGED:
        small, times = native(array)
        return [shape, *pile.add(small, exponent), *([{"times": times}] if times > 1 else [])]
    if kind in WEIGHT_BITS or kind == WHOLE or array.size <= LARGE:
        return [shape, *pile.add(array, exponent)]
    flat, places = array.ravel(), entries(array.size, kind)
    step = int(places[1])
    if kind == AVERAGE:  # must be known at the same entries before and after training
        return [shape, *pile.add(flat[places], exponent), {"step": step}]
    largest = int(np.abs(flat).argmax())
    known = np.append(flat[places], flat[largest])
    return [shape, *pile.add(known, exponent), {"step": step, "largest": largest}]


def packed_of_w(array: np.ndarray, w: np.ndarray, pile: Pile) -> list:
    """What a dense layer makes of the four w, in its place."""
    result = w[:, 0].astype(float) @ array
    place = pile.add(result, exponent_of(result, OF_W))
    return [list(array.shape), *place, {"of": "w"}]


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


def main(reference: Path) -> None:
    """Writes tests/data/published.zip."""
    pile, index, members = Pile(), {}, {}
    for name in SETS:
        with np.load(reference / f"{name}.npz") as file:
            arrays = steps_of_training({key: file[key] for key in file.files})
        index[name] = {
            key: packed_of_w(array, arrays[f"{key.split('/')[0]}/w"], pile)
            if kind == OF_W
            else packed(array, kind, pile)
            for key, array in arrays.items()
            if (kind := kind_of(key))
        }
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
    index_json = json.dumps(index, separators=(",", ":")).encode()
    with zipfile.ZipFile(OUT, "w") as archive:
        parts = {"files.tar": tar(members), "index.json": index_json}
        parts |= {f"plane{number}": plane for number, plane in enumerate(pile.planes())}
        for name, data in parts.items():
            method = zipfile.ZIP_STORED if name == "plane0" else zipfile.ZIP_LZMA  # random bytes
            archive.writestr(zipfile.ZipInfo(name), data, method)
    print(f"{OUT}: {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
