"""Near-duplicates by MinHash (Broder 1997) and locality-sensitive hashing, on disk; overlap with tasks by shingles."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import xxhash
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from .heuristics import without_comments

PERMUTATIONS = 128
SHINGLE = 5  # tokens
_TOKEN = re.compile(r"\w+|[^\w\s]")
# A script overlaps a task from this share of the task's shingles, or of its own, on.
OVERLAP = 0.3
# Shingles that so many tasks share are nobody's own.
_COMMON = 3


@dataclass(frozen=True, slots=True)
class Signature:
    """``values`` are PERMUTATIONS minima, uint32 or uint64; ``shingles`` are the hashes that they are of."""

    values: NDArray[np.unsignedinteger]
    shingles: frozenset[int]

    def jaccard(self, other: NDArray[np.unsignedinteger]) -> float:
        """The estimate of the Jaccard similarity, ±0.04."""
        return float(np.mean(self.values == other))


def signature(script: str) -> Signature:
    """Of a script's tokens without its comments."""
    shingles = shingles_of(without_comments(script))
    minima = MinHash(PERMUTATIONS, hashfunc=xxhash.xxh32_intdigest)
    minima.update_batch(shingles)
    return Signature(minima.hashvalues, frozenset(map(xxhash.xxh32_intdigest, shingles)))


def shingles_of(text: str) -> list[bytes]:
    """Each run of SHINGLE tokens, once; of a shorter text all of it."""
    tokens = _TOKEN.findall(text)
    last = max(1, len(tokens) - SHINGLE + 1)
    return list({" ".join(tokens[start : start + SHINGLE]).encode() for start in range(last)})


@cache
def _bands(similarity: float) -> tuple[int, int]:
    """How many bands, of how many rows, find what is that similar."""
    index = MinHashLSH(threshold=similarity, num_perm=PERMUTATIONS)
    return index.b, index.r


def _keys(values: NDArray[np.unsignedinteger], similarity: float) -> list[int]:
    bands, rows = _bands(similarity)
    pieces = (values[band * rows : (band + 1) * rows].tobytes() for band in range(bands))
    return [xxhash.xxh64_intdigest(piece, seed=band) - (1 << 63) for band, piece in enumerate(pieces)]


class DuplicateIndex:
    """Signatures by number, in a SQLite file: memory does not grow with them. Nothing lasts before ``commit``."""

    def __init__(self, path: Path, similarity: float, *, since: int = 0) -> None:
        """Open or make the index; what it has of numbers from ``since`` on is forgotten."""
        self.similarity = similarity
        self._database = sqlite3.connect(path)
        self._database.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;"
            "CREATE TABLE IF NOT EXISTS signatures (number INTEGER PRIMARY KEY, minima BLOB);"
            "CREATE TABLE IF NOT EXISTS bands (key INTEGER, number INTEGER, PRIMARY KEY (key, number)) WITHOUT ROWID;"
        )
        self._database.execute("DELETE FROM signatures WHERE number >= ?", (since,))
        self._database.execute("DELETE FROM bands WHERE number >= ?", (since,))
        self.commit()

    def similar(self, found: Signature) -> list[int]:
        """The numbers of those that are similar enough."""
        keys = _keys(found.values, self.similarity)
        marks = ",".join("?" * len(keys))
        rows = self._database.execute(
            f"SELECT number, minima FROM signatures WHERE number IN (SELECT number FROM bands WHERE key IN ({marks}))",
            keys,
        )
        kind = found.values.dtype
        return [n for n, minima in rows if found.jaccard(np.frombuffer(minima, dtype=kind)) >= self.similarity]

    def add(self, number: int, found: Signature) -> None:
        self._database.execute("INSERT INTO signatures VALUES (?, ?)", (number, found.values.tobytes()))
        keys = {(key, number) for key in _keys(found.values, self.similarity)}
        self._database.executemany("INSERT INTO bands VALUES (?, ?)", keys)

    def commit(self) -> None:
        self._database.commit()

    def close(self) -> None:
        self.commit()
        self._database.close()


class TaskOverlap:
    """Tells scripts that hold much of a task's reference, so that no model is measured on what it was trained on."""

    def __init__(self, references: Iterable[str]) -> None:
        sets = [signature(reference).shingles for reference in references]
        often = Counter(shingle for shingles in sets for shingle in shingles)
        self._sizes: list[int] = []
        self._owners: dict[int, list[int]] = {}
        for task, shingles in enumerate(sets):
            own = [shingle for shingle in shingles if often[shingle] < _COMMON]
            self._sizes.append(max(1, len(own)))
            for shingle in own:
                self._owners.setdefault(shingle, []).append(task)

    def holds(self, found: Signature) -> bool:
        """Whether the script overlaps one of the tasks."""
        hits = Counter(task for shingle in found.shingles for task in self._owners.get(shingle, ()))
        size = max(1, len(found.shingles))
        return any(count / min(self._sizes[task], size) >= OVERLAP for task, count in hits.items())
