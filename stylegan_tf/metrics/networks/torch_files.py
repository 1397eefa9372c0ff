"""Reads the files of `torch.save` without PyTorch, and without running what they name.

Both of its layouts are a pickle that describes tensors, and the numbers that it refers to: entries
of a zip since PyTorch 1.6, one block after the other before.
"""

import io
import pickletools
import zipfile
from pathlib import Path

import numpy as np

from stylegan_tf.metrics.networks.torch_tensors import NAMES, TYPES, Storage, Tensor
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError
from stylegan_tf.unpickling.reader import DAMAGE, Global, Reader

ZIP = b"PK\x03\x04"
MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001  # the first two pickles of the older layout


class TensorReader(Reader):
    """The restricted pickle machine with the few names that tensors need."""

    def __init__(self):
        super().__init__(records=set())
        self.names |= NAMES
        self.storages = {}

    def do_binpersid(self, _):
        """("storage", type, key, device, count), and the view that only very old files have."""
        (identity,) = self.take(1)
        tag, kind, key, _, count, *view = identity
        if tag != "storage" or not isinstance(kind, Global) or any(view):
            raise UnsupportedCheckpointError("it refers to what are no numbers")
        self.stack.append(self.storages.setdefault(key, Storage(TYPES[kind.name], count)))


def read_tensors(path) -> dict[str, np.ndarray]:
    """The tensors of a state dict by their names.

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
        state = (_zipped if data.startswith(ZIP) else _in_a_row)(data)
        if not isinstance(state, dict):
            raise UnsupportedCheckpointError("it holds no tensors with names")
        found = {name: getattr(value, "tensor", value) for name, value in state.items()}
        return {name: one.array() for name, one in found.items() if isinstance(one, Tensor)}
    except UnsupportedCheckpointError as refusal:
        raise UnsupportedCheckpointError(f"{path} is refused: {refusal}") from None
    except (*DAMAGE, EOFError, zipfile.BadZipFile, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UnsupportedCheckpointError(f"{path} is damaged or not of PyTorch: {reason}") from None


def _zipped(data: bytes):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        folders = [n.removesuffix("data.pkl") for n in archive.namelist() if n.endswith("data.pkl")]
        if len(folders) != 1:
            raise UnsupportedCheckpointError("it holds no tensors")
        if f"{folders[0]}byteorder" in archive.namelist():
            _little(_entry(archive, f"{folders[0]}byteorder") == b"little")
        reader = TensorReader()
        state = reader.run(_entry(archive, f"{folders[0]}data.pkl"))
        for key, storage in reader.storages.items():
            storage.fill(_entry(archive, f"{folders[0]}data/{key}"))
    return state


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of an entry; PyTorch writes none that is compressed and could be of any size."""
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED:
        raise UnsupportedCheckpointError("it is compressed")
    return archive.read(info)


def _in_a_row(data: bytes):
    file = io.BytesIO(data)
    if [Reader(set()).run(_pickle(file)) for _ in range(2)] != [MAGIC, VERSION]:
        raise UnsupportedCheckpointError("it is no file of PyTorch")
    _little(Reader(set()).run(_pickle(file))["little_endian"] is True)
    reader = TensorReader()
    state = reader.run(_pickle(file))
    for key in Reader(set()).run(_pickle(file)):
        storage = reader.storages[key]
        if int.from_bytes(file.read(8), "little") != storage.count:
            raise UnsupportedCheckpointError("it is damaged: numbers are missing")
        storage.fill(data, file.tell())
        file.seek(storage.numbers.nbytes, io.SEEK_CUR)
    return state


def _pickle(file: io.BytesIO) -> bytes:
    """The pickle that comes next."""
    start = file.tell()
    for _ in pickletools.genops(file):
        pass
    return file.getbuffer()[start : file.tell()].tobytes()


def _little(true: bool) -> None:
    if not true:
        raise UnsupportedCheckpointError("it is of a big-endian machine")
