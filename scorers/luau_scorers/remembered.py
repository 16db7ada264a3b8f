"""Answers that outlive an edit, each with what it was worked out from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from .links import Looked
from .units import Key

A = TypeVar("A", bound=Hashable)
T = TypeVar("T")
# What an answer depends on that was given while another's was still being worked out: it holds for this once.
_UNSETTLED = "unsettled"


class Remembered(Generic[A, T]):
    """Answers to one question about several things. Asked about a thing while working it out, it gives ``unknown``."""

    def __init__(self, looked: Looked, unknown: T) -> None:
        self._looked = looked
        self._unknown = unknown
        self._known: dict[A, tuple[T, set[Key]]] = {}

    def ask(self, about: A, work_out: Callable[[A], T]) -> T:
        """The answer about a thing; what it was worked out from counts as asked."""
        if about not in self._known:
            unsettled = _UNSETTLED, about
            self._known[about] = self._unknown, {unsettled}
            with self._looked.apart() as looked:
                found = work_out(about)
            looked.discard(unsettled)
            self._known[about] = found, looked
        found, looked = self._known[about]
        self._looked.keys |= looked
        return found

    def forget(self, keys: set[Key]) -> None:
        """Forget what may be another when what these stand for is another."""
        self._known = {
            about: (found, looked)
            for about, (found, looked) in self._known.items()
            if looked.isdisjoint(keys) and not any(key[0] == _UNSETTLED for key in looked)
        }
