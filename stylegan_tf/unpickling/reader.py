"""Reads pickles that hold numbers, text, containers, arrays and named records, and nothing else.

Python's own unpickler calls whatever a file names. This one interprets the instructions itself and
knows a short list of names, none of which runs code: a file can describe data or be refused.
"""

import pickletools
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from stylegan_tf.unpickling.arrays import ARRAY_NAMES, StoredArray
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError

MARK = object()
# Instructions whose argument is the value itself.
VALUES = {
    "BININT",
    "BININT1",
    "BININT2",
    "LONG1",
    "LONG4",
    "BINFLOAT",
    "SHORT_BINSTRING",
    "BINSTRING",
    "SHORT_BINUNICODE",
    "BINUNICODE",
    "BINUNICODE8",
    "SHORT_BINBYTES",
    "BINBYTES",
    "BINBYTES8",
    "BYTEARRAY8",
}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
IGNORED = {"PROTO", "FRAME"}
# What instructions raise that do not fit what they work on.
DAMAGE = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(UnicodeError, OverflowError, RecursionError),
)
COPIES = 8  # as many bytes as a file has may be copied so often; real files copy theirs twice


def empty_dict(*arguments) -> dict:
    """Returns a dict with attributes, as the published code keeps arguments: filled by item."""
    if arguments:
        raise UnsupportedCheckpointError("it makes a dict of something else than items")
    return {}


DICTS = dict.fromkeys(["dnnlib.util.EasyDict", "dnnlib.EasyDict", "config.EasyDict"], empty_dict)


class Record:
    """A pickled object of a class that is known by name only: its state, a dict, and no code."""

    def __init__(self, *arguments):
        if arguments:
            raise UnsupportedCheckpointError("it makes a network with arguments")
        self.state = {}

    def set_state(self, state):
        """Takes the pickled attributes."""
        if not isinstance(state, dict):
            raise UnsupportedCheckpointError("the state of a network is no dict")
        self.state = state


class Global(NamedTuple):
    """A name in a pickle, and what it makes of its arguments here."""

    name: str
    make: Any


class Reader:
    """The machine that a pickle is a program for: a stack, a memo, and no other powers."""

    def __init__(self, records: Collection[str]):
        self.names: dict[str, Any] = {**ARRAY_NAMES, **DICTS, **dict.fromkeys(records, Record)}
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.left = 0

    def run(self, data: bytes):
        """Returns the object that a pickle describes."""
        self.left = COPIES * len(data)
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name == "STOP":
                return self.stack.pop()
            self.step(opcode.name, argument)
        raise UnsupportedCheckpointError("it has no end")

    def step(self, name: str, argument) -> None:
        """Runs one instruction."""
        if name in VALUES:
            self.stack.append(argument)
        elif name in CONSTANTS:
            self.stack.append(CONSTANTS[name])
        elif name in TUPLES:
            self.stack.append(tuple(self.take(TUPLES[name])))
        elif name not in IGNORED:
            method = getattr(self, f"_do_{name.lower()}", None)
            if method is None:
                raise UnsupportedCheckpointError(f"it uses the pickle instruction {name}")
            method(argument)

    def take(self, count: int) -> list:
        """Takes so many objects off the stack, in the order in which they were put there."""
        if count > len(self.stack) or any(item is MARK for item in self.stack[-count:] if count):
            raise UnsupportedCheckpointError(
                "it is damaged: an instruction finds too little to work on"
            )
        taken = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return taken

    def take_marked(self) -> list:
        """Takes everything off the stack down to the mark."""
        for index in range(len(self.stack) - 1, -1, -1):
            if self.stack[index] is MARK:
                taken = self.stack[index + 1 :]
                del self.stack[index:]
                return taken
        raise UnsupportedCheckpointError("it is damaged: a mark is missing")

    def top(self, kind):
        """Returns the object on top, which must be of a kind."""
        if not self.stack or not isinstance(self.stack[-1], kind):
            raise UnsupportedCheckpointError(
                f"it is damaged: it has no {kind.__name__} where it fills one"
            )
        return self.stack[-1]

    def count(self, made) -> None:
        """Counts what was copied: a few bytes can ask for copies of anything, again and again."""
        self.spend(size_of(made))

    def spend(self, size: int) -> None:
        """Counts so many bytes, numbers or entries."""
        self.left -= size
        if self.left < 0:
            raise UnsupportedCheckpointError(
                "it asks for many times as much memory as it has bytes"
            )

    def _do_mark(self, _):
        self.stack.append(MARK)

    def _do_empty_dict(self, _):
        self.stack.append({})

    def _do_empty_list(self, _):
        self.stack.append([])

    def _do_tuple(self, _):
        self.stack.append(tuple(self.take_marked()))

    def _do_memoize(self, _):
        self.memo[len(self.memo)] = self.top(object)

    def _do_binput(self, index):
        self.memo[index] = self.top(object)

    _do_long_binput = _do_binput

    def _do_binget(self, index):
        if index not in self.memo:
            raise UnsupportedCheckpointError("it is damaged: it recalls what it never stored")
        self.stack.append(self.memo[index])

    _do_long_binget = _do_binget

    def _do_append(self, _):
        (item,) = self.take(1)
        self.top(list).append(item)

    def _do_appends(self, _):
        items = self.take_marked()
        self.top(list).extend(items)

    def _do_setitem(self, _):
        self.fill(self.take(2))

    def _do_setitems(self, _):
        self.fill(self.take_marked())

    def fill(self, pairs: list) -> None:
        """Puts keys and values, by turns, into the dict on top."""
        if len(pairs) % 2 or not all(isinstance(key, str) for key in pairs[::2]):
            raise UnsupportedCheckpointError("it is damaged: the keys of a dict are not names")
        self.top(dict).update(zip(pairs[::2], pairs[1::2], strict=True))

    def _do_global(self, argument):
        self.push_global(argument.replace(" ", "."))

    def _do_stack_global(self, _):
        names = self.take(2)
        if not all(isinstance(name, str) for name in names):
            raise UnsupportedCheckpointError("it is damaged: a name is no text")
        self.push_global(".".join(names))

    def push_global(self, name: str) -> None:
        """Looks a name up in the list; this is where code would come in."""
        if name not in self.names:
            raise UnsupportedCheckpointError(
                f"it names {name[:100]}, which a network does not need"
            )
        self.stack.append(Global(name, self.names[name]))

    def _do_newobj(self, _):
        kind, arguments = self.take(2)
        if not isinstance(kind, Global) or not isinstance(arguments, tuple):
            raise UnsupportedCheckpointError("it is damaged: it calls what is not a known name")
        made = kind.make(*arguments)
        self.count(made)
        self.stack.append(made)

    _do_reduce = _do_newobj

    def _do_build(self, _):
        (state,) = self.take(1)
        target = self.top(object)
        if isinstance(target, dict) and isinstance(state, dict):
            target.update(state)  # EasyDict
        elif hasattr(target, "set_state"):
            target.set_state(state)
        else:
            raise UnsupportedCheckpointError("it changes an object that has no state")
        self.count(target)


def size_of(made) -> int:
    """Returns the number of bytes, numbers or entries of what was made."""
    if isinstance(made, StoredArray):
        return 0 if made.array is None else made.array.nbytes
    return len(made) if isinstance(made, (bytes, dict)) else 0


def read(path, records: set[str]):
    """Reads a pickle of protocol 2 to 5.

    Args:
        path: of the file.
        records: names ("module.Class") of classes whose objects become `Record`s.

    Returns:
        What the file describes; `array_of` gives the arrays in it, which share the file's bytes.

    Raises:
        UnsupportedCheckpointError: if the file is damaged, no pickle, or needs more than data.
    """
    return parse(Path(path).read_bytes(), path, records)


def parse(data: bytes, path, records: set[str]):
    """Does what `read` does, of bytes; `path` is for the message of an error."""
    return run(Reader(records), data, path)


def run(machine: Reader, data: bytes, path):
    """Returns what a machine makes of the bytes of a file; its errors name the file."""
    try:
        return machine.run(data)
    except UnsupportedCheckpointError as refusal:
        raise UnsupportedCheckpointError(f"{path} is refused: {refusal}") from None
    except DAMAGE as error:
        reason = " ".join(str(error).split())[:200]
        raise UnsupportedCheckpointError(f"{path} is damaged or no pickle: {reason}") from None
