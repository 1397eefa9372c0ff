"""Reads the network pickles of the published code, of TensorFlow and of PyTorch.

Those of PyTorch hold objects that bring along the source text of their class: each is a call of a
function with a dict, which would run that text. Here the call gives the dict's state under the name
of the class, and the text is text like any other. The numbers of a tensor are bytes that are a file
of PyTorch themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stylegan_tf.unpickling import reader, torch_files
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError, shown
from stylegan_tf.unpickling.torch_files import Parameter, Storage, Tensor

VERSION = 6  # of the layout of such objects
MAX_MODULES = 1000  # of a network, and parts of each; published ones have up to 90, at 1024×1024
MAX_DEPTH = 5  # of a module's name; published ones are up to 4
MAX_NAME = 50  # characters of a part of it


@dataclass
class Persistent:
    """An object of a class that is known by name only, and its attributes."""

    class_name: str
    state: dict[str, Any]

    def part(self, name: str) -> dict[str, Any]:
        """Returns the dict of that name: "_parameters", "_buffers" or "_modules"."""
        value = self.state.get(name, {})
        if not isinstance(value, dict):
            raise UnsupportedCheckpointError(f"the {name} of {self.class_name} are no dict")
        if len(value) > MAX_MODULES or any(len(key) > MAX_NAME for key in value):
            raise UnsupportedCheckpointError(
                f"the {name} of {self.class_name} are too many or have long names"
            )
        return value


def items_of_set(items=()):
    """Does what `set` does, for sets that nobody asks: nothing is hashed."""
    return items


class NetworkReader(torch_files.TensorReader):
    """The restricted pickle machine with the names that networks need.

    Args:
        records: names ("module.Class") of classes whose objects become `Record`s.
        classes: names of classes of PyTorch's networks, whose objects become `Persistent`.
    """

    def __init__(self, records: set[str], classes: set[str]):
        super().__init__(records)
        self.classes = classes
        self.names |= {
            "torch.storage._load_from_bytes": self._storage,
            "torch_utils.persistence._reconstruct_persistent_obj": self._persistent,
            "builtins.set": items_of_set,
            "__builtin__.set": items_of_set,
        }

    def _storage(self, data) -> Storage:
        """Does what `_load_from_bytes` does, for numbers; each call reads the bytes again."""
        if not isinstance(data, bytes):
            raise UnsupportedCheckpointError("it is damaged: the numbers of a tensor are no bytes")
        self.spend(len(data))
        try:
            storage = torch_files.content(data)
        except torch_files.READING as error:
            raise UnsupportedCheckpointError(
                f"the numbers of a tensor are damaged: {' '.join(str(error).split())[:200]}"
            ) from None
        if not isinstance(storage, Storage) or storage.numbers is None:
            raise UnsupportedCheckpointError("it makes a tensor of no numbers")
        return storage

    def _persistent(self, meta) -> Persistent:
        """Does what `_reconstruct_persistent_obj` does, but for running the source."""
        if not isinstance(meta, dict) or not isinstance(meta.get("class_name"), str):
            raise UnsupportedCheckpointError("it is damaged: an object has no class")
        name, state = meta["class_name"], meta.get("state")
        if (meta.get("type"), meta.get("version")) != ("class", VERSION):
            version = shown(meta.get("version"))
            raise UnsupportedCheckpointError(f"its objects have version {version}, not {VERSION}")
        if name not in self.classes:
            raise UnsupportedCheckpointError(
                f"it holds an object of the class {shown(name)}, which no network here needs"
            )
        if not isinstance(state, dict):
            raise UnsupportedCheckpointError(f"the state of {name} is no dict")
        return Persistent(name, state)

    def _do_binpersid(self, _):
        raise UnsupportedCheckpointError("it refers to numbers outside of it")

    def _do_empty_set(self, _):
        """Makes a list: nothing is hashed."""
        self.stack.append([])

    _do_additems = reader.Reader._do_appends


def read(path, records: set[str], classes: set[str]) -> Any:
    """Reads a network pickle of protocol 2 to 5.

    Args:
        path: of the file.
        records: as for `NetworkReader`.
        classes: as for `NetworkReader`.

    Returns:
        What the file describes.

    Raises:
        UnsupportedCheckpointError: if the file is damaged, no pickle, or needs more than data.
    """
    data = Path(path).read_bytes()
    if data.startswith((torch_files.ZIP, torch_files.FIRST)):
        raise UnsupportedCheckpointError(
            f"{path} is refused: it is a file of torch.save; the network pickles that training "
            "writes are read"
        )
    return reader.run(NetworkReader(records, classes), data, path)


def arrays(network: Persistent) -> tuple[dict[str, np.ndarray], int]:
    """Returns the parameters and buffers of a network and of the modules in it, by full name.

    Args:
        network: such as `read` gives it.

    Returns:
        Arrays on the bytes of the file, such as "synthesis.b4.const", and how many numbers lie
        below all of them: fewer than theirs where they share.

    Raises:
        UnsupportedCheckpointError: if they are no tensors, or the modules are no tree of the size
            of a network.
    """
    tensors = dict(_tensors(network))
    numbers = {id(tensor.storage): len(tensor.storage.numbers) for tensor in tensors.values()}
    try:
        return {name: tensor.array() for name, tensor in tensors.items()}, sum(numbers.values())
    except reader.DAMAGE as error:
        if isinstance(error, UnsupportedCheckpointError):
            raise
        raise UnsupportedCheckpointError("it is damaged: a tensor has no layout") from None


def _tensors(network: Persistent) -> Iterator[tuple[str, Tensor]]:
    modules, count = [("", 0, network)], 0
    while modules:
        prefix, depth, module = modules.pop()
        count += 1
        if not isinstance(module, Persistent) or count > MAX_MODULES or depth > MAX_DEPTH:
            raise UnsupportedCheckpointError("its modules are not those of a network")
        for name, value in (*module.part("_parameters").items(), *module.part("_buffers").items()):
            tensor = value.tensor if isinstance(value, Parameter) else value
            if isinstance(tensor, Tensor):
                yield prefix + name, tensor
            elif tensor is not None:
                raise UnsupportedCheckpointError("it holds a parameter that is no tensor")
        for name, value in module.part("_modules").items():
            modules.append((f"{prefix}{name}.", depth + 1, value))
