"""Named classes and functions that users add to: losses, penalties, metrics and others.

A dict would do, but for two things: the nearest name is named for one that is misspelt, and a cell
of a notebook that registers can be run again.
"""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from stylegan_tf.messages import did_you_mean

T = TypeVar("T")
HINT = " --plugin MODULE imports the module that registers one of yours"


class Registry(Generic[T]):
    """What there is of a kind, by name.

    Args:
        kind: what one of them is called in messages, such as "loss".
    """

    def __init__(self, kind: str):
        self.kind = kind
        self._entries: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Returns a decorator that files what it decorates under a name.

        Raises:
            ValueError: if the name is taken by something else.
        """

        def add(entry: T) -> T:
            known = self._entries.get(name)
            if known is not None and not _is_reloaded(known, entry):
                raise ValueError(f"there is a {self.kind} {name!r} already: {known!r}")
            self._entries[name] = entry
            return entry

        return add

    def get(self, name: str) -> T:
        """Returns what is registered under a name.

        Raises:
            ValueError: if there is none, naming the nearest ones.
        """
        if name in self._entries:
            return self._entries[name]
        raise ValueError(f"there is no {self.kind} {name!r}{did_you_mean(name, self)}{HINT}")

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)


def _is_reloaded(known: object, entry: object) -> bool:
    """Whether a module that registers was run again, as notebooks do.

    An entry may be what is registered with more beside it, and then has it as `__wrapped__`.
    """
    known, entry = (getattr(one, "__wrapped__", one) for one in (known, entry))
    place = ("__module__", "__qualname__")
    return all(getattr(known, name, None) == getattr(entry, name, known) for name in place)
