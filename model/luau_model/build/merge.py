"""Merging by rows: ``W + scale · B · A`` in float32, for a few rows of one tensor at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from gguf import GGMLQuantizationType as Type
from numpy.typing import NDArray

from . import nf4
from .adapter import Update
from .architecture import interleaved
from .checkpoint import Tensor
from .quantize import Importance, quantized, row_bytes

MergeBase = Literal["original", "nf4"]
# Weights that are worked on at a time by one thread: some 25 MB with all its copies.
_CHUNK = 1 << 20
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Planned:
    """One tensor of the file to come: where its rows come from and what becomes of them.

    ``heads`` is how many heads its rows are if they must be interleaved, else 0. ``nf4`` sends the base's weights
    through the 4-bit form first.
    """

    name: str
    source: Tensor
    update: Update | None
    kind: Type
    heads: int = 0
    nf4: bool = False
    importance: Importance | None = None

    @property
    def nbytes(self) -> int:
        return self.source.height * row_bytes(self.kind, self.source.width)

    def chunks(self) -> list[tuple[int, int]]:
        """Ranges of rows, in order; no head is cut."""
        unit = self.source.height // self.heads if self.heads else 1
        step = max(1, _CHUNK // (self.source.width * unit)) * unit
        return [(start, min(start + step, self.source.height)) for start in range(0, self.source.height, step)]


class Merger:
    """Gives the finished rows of one tensor. Threads may share it."""

    def __init__(self, planned: Planned) -> None:
        self._planned = planned
        self._maxima: tuple[Floats, Floats] | None = None
        if planned.nf4:
            source = planned.source
            step = max(1, _CHUNK // source.width)
            self._maxima = nf4.matrix_maxima(source.height, source.width, source.rows, step)
        update = planned.update
        if update is not None:
            self._a = update.a.whole().T if update.embedding else update.b.whole()
            self._b = update.b.whole().T if update.embedding else update.a.whole()
            self._magnitude = update.magnitude.whole().reshape(-1, 1) if update.magnitude is not None else None

    def merged(self, start: int, stop: int) -> Floats:
        """Rows ``start`` to ``stop`` of the merged matrix, in Hugging Face's order. Raises BuildError on NaN."""
        planned = self._planned
        rows = planned.source.rows(start, stop)
        if self._maxima is not None:
            blocks = slice(start * planned.source.width // nf4.BLOCK, stop * planned.source.width // nf4.BLOCK)
            rows = nf4.round_trip(rows, self._maxima[0][blocks], self._maxima[1][blocks])
        if planned.update is None:
            return rows
        delta: Floats = self._a[start:stop] @ self._b
        delta *= np.float32(planned.update.scale)
        delta += rows
        if self._magnitude is not None:
            delta *= self._magnitude[start:stop] / np.linalg.norm(delta, axis=1, keepdims=True)
        return delta

    def finished(self, start: int, stop: int) -> NDArray[np.uint8]:
        """The same rows as they stand in the file."""
        planned = self._planned
        rows = self.merged(start, stop)
        if planned.heads:
            rows = interleaved(rows, planned.heads * (stop - start) // planned.source.height)
        return quantized(rows, planned.kind, planned.importance)
