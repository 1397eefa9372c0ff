"""Work on many things at once, in order, without holding many.

`Executor.map` takes all items at once, before the first result, until Python 3.14.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ..machine import cores

AHEAD = 4  # things in flight a core: enough to keep the cores busy past a slow one


def ordered_map(function: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
    """Yields `function(item)` in the order of `items`, on all cores, with few of them in memory.

    Threads do: Pillow gives up the interpreter lock while it decodes, resizes and encodes.
    """
    workers = cores()
    pool = ThreadPoolExecutor(workers)
    waiting: deque[Future[Any]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= workers * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
