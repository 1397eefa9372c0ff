"""LMDB databases of encoded images, such as LSUN's.

Format: mdb.c of LMDB 0.9, http://lmdb.tech.
Read here page by page. The usual library maps the file into memory, where a damaged one can end
the process; here every place is checked, and there is nothing to install.

A file consists of pages. Two of them, the metas, by turns tell where the newest tree starts. A
page of the tree has a header, the places of its nodes, and the nodes: a key and a page in a
branch, a key and a value in a leaf. A long value has pages of its own.
"""

import io
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from ..encoding import MAX_BYTES
from .reading import naming
from .source import Source, register

FILE = "data.mdb"
MAGIC, VERSION = 0xBEEFC0DE, 1
EMPTY = 2**64 - 1  # the root of an empty tree
BRANCH, LEAF = 1, 2  # flags of a page
ELSEWHERE = 1  # flag of a node: its value has pages of its own
MAX_DEPTH = 32  # levels that a tree can have

HEADER = struct.Struct("<10xHHxx")  # flags, end of the places of nodes
META = struct.Struct("<II16xI48xH34xQ8xQ")  # the fields of Meta, behind a header
NODE = struct.Struct("<HHHH")  # low and high part of a number, flags, length of the key
PAGE = struct.Struct("<Q")


class Meta(NamedTuple):
    """Where the tree starts in one of its states."""

    magic: int
    version: int
    page_size: int
    flags: int  # of the tree
    root: int
    transaction: int  # grows from state to state


class Node(NamedTuple):
    """An entry of a page."""

    number: int  # the page below, or the length of the value
    flags: int
    key: bytes
    place: int  # in the page, behind the key


@register("lmdb")
class Lmdb(Source):
    """The values of a database; an image's name is its key."""

    def __init__(self, path: Path):
        self.path = path
        self.names: list[str] = []
        self._values = array("Q")  # place and length of each value
        self._size = path.stat().st_size
        with naming(path), path.open("rb") as file:
            for key, place, length in self._entries(file):
                self.names.append(key.decode("utf-8", "surrogateescape"))
                self._values.extend((place, length))

    @classmethod
    def at(cls, path: Path) -> "Lmdb | None":
        """Returns a database, given by its folder or its file."""
        file = path / FILE if path.is_dir() else path
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            start = opened.read(HEADER.size + 4)
        return cls(file) if start[HEADER.size :] == struct.pack("<I", MAGIC) else None

    def open(self, name: str) -> IO[bytes]:
        """Reads the value of a key."""
        index = 2 * bisect_left(self.names, as_key(name), key=as_key)
        place, length = self._values[index : index + 2]
        with self.path.open("rb") as file:
            return io.BytesIO(self._read(file, place, min(length, MAX_BYTES + 1)))

    def _read(self, file: IO[bytes], place: int, length: int) -> bytes:
        if place + length > self._size:
            raise EOFError("it is cut short or damaged")
        file.seek(place)
        return file.read(length)

    def _entries(self, file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
        """Yields each key with the place and length of its value, in the order of the keys."""
        meta = self._meta(file)
        pages = self._size // meta.page_size  # a tree of more has a cycle
        waiting = [(meta.root, 1)] if meta.root != EMPTY else []
        while waiting:
            number, depth = waiting.pop()
            pages -= 1
            if pages < 0 or depth > MAX_DEPTH:
                raise ValueError("its tree has no end: it is damaged")
            start = number * meta.page_size
            flags, nodes = page(self._read(file, start, meta.page_size))
            if flags == BRANCH:
                waiting += [(node.number, depth + 1) for node in reversed(nodes)]
                continue
            for node in nodes:
                yield node.key, *self._value(file, node, start, meta.page_size)

    def _meta(self, file: IO[bytes]) -> Meta:
        """Returns the newer one of the two states."""
        first = self._meta_at(file, 0)
        if first.page_size not in (2**n for n in range(9, 17)):
            raise ValueError(f"its pages of {first.page_size} bytes are none of LMDB")
        newest = max(first, self._meta_at(file, first.page_size), key=lambda m: m.transaction)
        if newest.flags:
            raise ValueError("its keys have several values, or are not in the order of their bytes")
        return newest

    def _meta_at(self, file: IO[bytes], place: int) -> Meta:
        meta = Meta(*META.unpack(self._read(file, place + HEADER.size, META.size)))
        if (meta.magic, meta.version) != (MAGIC, VERSION):
            raise ValueError(f"it is no LMDB database of version {VERSION}")
        return meta

    def _value(self, file: IO[bytes], node: Node, start: int, page_size: int) -> tuple[int, int]:
        """Returns the place in the file and the length of a value."""
        if node.flags not in (0, ELSEWHERE):
            raise ValueError("it has databases inside: export the one with the images")
        place = start + node.place
        if node.flags == ELSEWHERE:
            (number,) = PAGE.unpack(self._read(file, place, PAGE.size))
            place = number * page_size + HEADER.size
        if place + node.number > self._size:
            raise EOFError("it is cut short or damaged")
        return place, node.number


def page(data: bytes) -> tuple[int, list[Node]]:
    """Returns whether a page is a BRANCH or a LEAF, and its nodes."""
    flags, end = HEADER.unpack_from(data)
    kind = flags & (BRANCH | LEAF)
    if flags & ~16 != kind or kind not in (BRANCH, LEAF) or not HEADER.size <= end <= len(data):
        raise ValueError("a page of its tree is damaged")
    places = struct.unpack_from(f"<{(end - HEADER.size) // 2}H", data, HEADER.size)
    return kind, [node(data, place, kind) for place in places]


def node(data: bytes, place: int, kind: int) -> Node:
    """Returns the node at a place of a page, which is a BRANCH or a LEAF."""
    low, high, last, length = NODE.unpack_from(data, place)
    behind = place + NODE.size + length
    key, number = data[place + NODE.size : behind], low | high << 16
    if kind == BRANCH:  # there `last` is the third part of the number; flags there are none
        return Node(number | last << 32, 0, key, behind)
    return Node(number, last, key, behind)


def as_key(name: str) -> bytes:
    """Returns the key of a name."""
    return name.encode("utf-8", "surrogateescape")
