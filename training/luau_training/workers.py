"""Work spread over processes, in order, with a bounded number of items on their way."""

from __future__ import annotations

import itertools
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")
_CHUNK = 16


def in_order(work: Callable[[_In], _Out], items: Iterable[_In], workers: int) -> Iterator[_Out]:
    """``map(work, items)`` over that many processes; ``work`` and what it takes and gives must pickle."""
    if workers == 1:
        yield from map(work, items)
        return
    pending: deque[Future[list[_Out]]] = deque()
    source = iter(items)
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            while chunk := list(itertools.islice(source, _CHUNK)):
                pending.append(pool.submit(_all, work, chunk))
                if len(pending) > 3 * workers:
                    yield from pending.popleft().result()
            while pending:
                yield from pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _all(work: Callable[[_In], _Out], chunk: list[_In]) -> list[_Out]:
    return [work(item) for item in chunk]
