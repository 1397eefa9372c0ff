"""Reads the files of `torch.save` without PyTorch, and without running what they name.

Both of its layouts are a pickle that describes tensors, and the numbers that it refers to: entries
of a zip since PyTorch 1.6, one block after the other before. Its names stand for tensors on the
bytes of the file, and for no code. PyTorch would be a large download for one file.
"""

import io
import math
import pickletools
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stylegan_tf.unpickling.arrays import MOST_AXES
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError
from stylegan_tf.unpickling.reader import DAMAGE, Global, Reader

ZIP = b"PK\x03\x04"
MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001  # the first two pickles of the older layout
FIRST = b"\x80\x02\x8a\x0a" + MAGIC.to_bytes(10, "little") + b"."
# What the readers of both layouts raise.
READING = (*DAMAGE, EOFError, zipfile.BadZipFile, RuntimeError)

TYPES: dict[str, np.dtype] = {
    "torch.FloatStorage": np.dtype("<f4"),
    "torch.DoubleStorage": np.dtype("<f8"),
    "torch.HalfStorage": np.dtype("<f2"),
    "torch.LongStorage": np.dtype("<i8"),
    "torch.IntStorage": np.dtype("<i4"),
    "torch.ByteStorage": np.dtype("u1"),
    "torch.BoolStorage": np.dtype("?"),
}


@dataclass
class Storage:
    """Numbers that tensors share."""

    dtype: np.dtype
    count: int
    numbers: Any = None  # an array from `fill` on

    def fill(self, data, start: int = 0) -> None:
        """Sees bytes as the numbers; too few raise ValueError."""
        self.numbers = np.frombuffer(data, self.dtype, self.count, start)


@dataclass
class Tensor:
    """Which numbers of a storage make a tensor, as `_rebuild_tensor` takes it."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def array(self) -> np.ndarray:
        """Returns the tensor on the bytes of the file; what would reach beyond them is refused."""
        numbers, layout = self.storage.numbers, (self.offset, *self.size, *self.stride)
        plain = all(type(n) is int and 0 <= n < 2**63 for n in layout[: 1 + 2 * MOST_AXES])
        if not plain or not len(self.size) == len(self.stride) <= MOST_AXES:
            raise UnsupportedCheckpointError("it is damaged: a tensor has no layout")
        last = sum((n - 1) * step for n, step in zip(self.size, self.stride, strict=True))
        # The second: strides of 0 would make much of little.
        if self.offset + last >= len(numbers) or math.prod(self.size) > len(numbers):
            raise UnsupportedCheckpointError("it is damaged: a tensor is larger than its numbers")
        strides = [step * numbers.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(
            numbers[self.offset :], self.size, strides, writeable=False
        )


class Parameter:
    """`torch.nn.Parameter`, which PyTorch before 0.4 filled after making it."""

    def __init__(self, tensor=None, *_):
        self.tensor = tensor

    def set_state(self, state):
        """Takes the tensor out of (tensor, gradient, hooks, requires_grad, volatile)."""
        if len(state) == 5:
            self.tensor = state[0]


def rebuild_tensor(storage, offset, size, stride, *_) -> Tensor:
    """Does what `_rebuild_tensor` and `_rebuild_tensor_v2` do."""
    if not isinstance(storage, Storage):
        raise UnsupportedCheckpointError("it makes a tensor of no numbers")
    return Tensor(storage, offset, size, stride)


def ordered_dict(items=()) -> dict:
    """Does what `OrderedDict` does; Python 2 wrote its items as an argument."""
    result = {}
    for key, value in items:
        result[text(key)] = value
    return result


def text(key) -> str:
    """Returns a key, which must be text: a nested tuple can take forever to hash."""
    if not isinstance(key, str):
        raise UnsupportedCheckpointError("it is damaged: a key is no text")
    return key


NAMES: dict[str, Any] = {
    **TYPES,
    "collections.OrderedDict": ordered_dict,
    "torch._utils._rebuild_tensor": rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": rebuild_tensor,
    "torch._utils._rebuild_parameter": Parameter,
    "torch.nn.parameter.Parameter": Parameter,
}


class TensorReader(Reader):
    """The restricted pickle machine with the few names that tensors need."""

    def __init__(self, records: Collection[str] = ()):
        super().__init__(records)
        self.names |= NAMES
        self.storages: dict[str, Storage] = {}

    def _do_binpersid(self, _):
        """Takes ("storage", type, key, device, count); only very old files have a view, too."""
        (identity,) = self.take(1)
        tag, kind, key, _, count, *view = identity
        if tag != "storage" or not isinstance(kind, Global) or any(view):
            raise UnsupportedCheckpointError("it refers to what are no numbers")
        self.stack.append(self.storages.setdefault(text(key), Storage(TYPES[kind.name], count)))


def read_tensors(path) -> dict[str, np.ndarray]:
    """Returns the tensors of a state dict by their names.

    Args:
        path: of a file that `torch.save` wrote, in either layout.

    Returns:
        Arrays, read only. What is no tensor (metadata) is left out.

    Raises:
        UnsupportedCheckpointError: if the file is damaged, no such file, or needs more than
            tensors.
    """
    data = Path(path).read_bytes()
    try:
        state = content(data)
        if not isinstance(state, dict):
            raise UnsupportedCheckpointError("it holds no tensors with names")
        values = {name: getattr(value, "tensor", value) for name, value in state.items()}
        return {name: one.array() for name, one in values.items() if isinstance(one, Tensor)}
    except UnsupportedCheckpointError as refusal:
        raise UnsupportedCheckpointError(f"{path} is refused: {refusal}") from None
    except READING as error:
        reason = " ".join(str(error).split())[:200]
        raise UnsupportedCheckpointError(f"{path} is damaged or not of PyTorch: {reason}") from None


def content(data: bytes) -> Any:
    """Returns what `torch.save` wrote: tensors, storages, and plain data that holds them.

    Raises:
        UnsupportedCheckpointError: if it needs more than that.
        READING: if the bytes are damaged.
    """
    return (_zipped if data.startswith(ZIP) else _in_a_row)(data)


def _zipped(data: bytes):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check_entries(archive.infolist(), len(data))
        folders = [n.removesuffix("data.pkl") for n in archive.namelist() if n.endswith("data.pkl")]
        if len(folders) != 1:
            raise UnsupportedCheckpointError("it holds no tensors")
        if f"{folders[0]}byteorder" in archive.namelist():
            _little(archive.read(f"{folders[0]}byteorder") == b"little")
        reader = TensorReader()
        state = reader.run(archive.read(f"{folders[0]}data.pkl"))
        for key, storage in reader.storages.items():
            storage.fill(archive.read(f"{folders[0]}data/{key}"))
    return state


def _check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Refuses a zip that is larger unpacked; PyTorch compresses nothing."""
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise UnsupportedCheckpointError("it is compressed")
    if sum(entry.file_size for entry in entries) > size:
        raise UnsupportedCheckpointError("it is damaged: entries of its zip share bytes")


def _in_a_row(data: bytes):
    file = io.BytesIO(data)
    if [Reader(set()).run(_pickle(file)) for _ in range(2)] != [MAGIC, VERSION]:
        raise UnsupportedCheckpointError("it is no file of PyTorch")
    _little(Reader(set()).run(_pickle(file))["little_endian"] is True)
    reader = TensorReader()
    state = reader.run(_pickle(file))
    for key in Reader(set()).run(_pickle(file)):
        storage = reader.storages[text(key)]
        if int.from_bytes(file.read(8), "little") != storage.count:
            raise UnsupportedCheckpointError("it is damaged: numbers are missing")
        storage.fill(data, file.tell())
        file.seek(storage.numbers.nbytes, io.SEEK_CUR)
    return state


def _pickle(file: io.BytesIO) -> bytes:
    """Returns the pickle that comes next."""
    start = file.tell()
    for _ in pickletools.genops(file):
        pass
    return file.getbuffer()[start : file.tell()].tobytes()


def _little(true: bool) -> None:
    if not true:
        raise UnsupportedCheckpointError("it is of a big-endian machine")
