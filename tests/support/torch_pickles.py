"""Writes the files of `torch.save` instruction by instruction, since PyTorch need not be there."""

import io
import struct
import zipfile

import numpy as np

KINDS = {
    "<f4": "FloatStorage",
    "<f8": "DoubleStorage",
    "<f2": "HalfStorage",
    "<i8": "LongStorage",
    "<i4": "IntStorage",
    "|u1": "ByteStorage",
    "|b1": "BoolStorage",
}
MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
VERSION = b"\x80\x02M\xe9\x03."


def text(value: str) -> bytes:
    """Pushes a text."""
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def number(value: int) -> bytes:
    """Pushes a whole number."""
    return b"J" + struct.pack("<i", value)


def several(*parts: bytes) -> bytes:
    """Pushes a tuple."""
    return b"(" + b"".join(parts) + b"t"


def known(module: str, name: str) -> bytes:
    """Pushes what a name stands for."""
    return f"c{module}\n{name}\n".encode()


def call(function: bytes, *arguments: bytes) -> bytes:
    """Pushes what a function gives."""
    return function + several(*arguments) + b"R"


def storage(key: str, dtype: str, count: int) -> bytes:
    """Pushes the numbers of a key."""
    kind = known("torch", KINDS[np.dtype(dtype).str])
    return several(text("storage"), kind, text(key), text("cpu"), number(count), b"N") + b"Q"


def tensor(numbers: bytes, size, stride, offset: int = 0) -> bytes:
    """Pushes a tensor, as PyTorch has written them since 0.4."""
    layout = (several(*map(number, one)) for one in (size, stride))
    hooks = call(ORDERED)
    return call(REBUILD, numbers, number(offset), *layout, b"\x89", hooks)


ORDERED = known("collections", "OrderedDict")
REBUILD = known("torch._utils", "_rebuild_tensor_v2")


def contiguous(key: str, array: np.ndarray) -> bytes:
    """Pushes an array's tensor."""
    stride = [step // array.itemsize for step in np.empty(array.shape, array.dtype).strides]
    return tensor(storage(key, array.dtype.str, array.size), array.shape, stride)


def named(tensors: dict[str, bytes]) -> bytes:
    """The pickle of a state dict, metadata included."""
    items = b"".join(text(name) + pushed for name, pushed in tensors.items())
    metadata = b"}" + text("_metadata") + call(ORDERED) + b"s"
    return b"\x80\x02" + call(ORDERED) + b"(" + items + b"u" + metadata + b"b."


def zipped(pickled: bytes, numbers: dict[str, bytes], **entries) -> bytes:
    """A file in the layout of today."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        for key, data in {"byteorder": b"little", **entries}.items():
            archive.writestr(f"archive/{key}", data)
        for key, data in numbers.items():
            archive.writestr(f"archive/data/{key}", data)
    return file.getvalue()


def in_a_row(pickled: bytes, numbers: dict[str, bytes], sizes, little: bool = True) -> bytes:
    """A file in the layout before PyTorch 1.6; `sizes`: of a number of each key, in bytes."""
    info = b"\x80\x02}" + text("little_endian") + (b"\x88" if little else b"\x89") + b"s."
    keys = b"\x80\x02](" + b"".join(text(key) for key in numbers) + b"e."
    blocks = (
        struct.pack("<q", len(data) // size) + data
        for data, size in zip(numbers.values(), sizes, strict=True)
    )
    return MAGIC + VERSION + info + pickled + keys + b"".join(blocks)


def both(arrays: dict[str, np.ndarray]) -> list[bytes]:
    """The same state dict in both layouts."""
    keys = {name: str(number) for number, name in enumerate(arrays)}
    pickled = named({name: contiguous(keys[name], array) for name, array in arrays.items()})
    numbers = {keys[name]: array.tobytes() for name, array in arrays.items()}
    sizes = [array.itemsize for array in arrays.values()]
    return [zipped(pickled, numbers), in_a_row(pickled, numbers, sizes)]
