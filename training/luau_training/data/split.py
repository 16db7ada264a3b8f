"""Split by project and near-duplicate cluster, never by row: nothing in the test has a sibling in training."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import IO

from luau_model.files import replaced

from ..options import Split, StageError
from ..run_folder import manifest, open_run
from .duplicates import DuplicateIndex, signature
from .rows import Row, input_hashes, part_files, read_rows

NAMES = ("train", "validation", "test")


def split(options: Split) -> None:
    """Write ``train.jsonl``, ``validation.jsonl`` and ``test.jsonl``; what is related to a gold task is for training.

    Raises StageError where a side that was asked for stays empty.
    """
    manifest(options.input)
    run = open_run("split", options, resumable=False)
    paths = part_files(options.input)
    groups = related(read_rows(paths), run.path / "similar.sqlite", options.similarity)
    sides = groups.sides(options)
    counts = _write(read_rows(paths), groups, sides, run.path)
    for name, share in zip(NAMES, (1.0, options.validation, options.test), strict=True):
        if share and not counts[name]:
            raise StageError(
                f"The {name} split is empty: {len(sides)} groups of related scripts are too few for these shares. "
                "Collect from more projects, or change --validation and --test."
            )
    run.finish(input_hashes(paths), {"counts": counts, "groups of related scripts": len(sides)})


def _write(rows: Iterable[Row], groups: Groups, sides: dict[int, str], out: Path) -> dict[str, int]:
    counts = dict.fromkeys(NAMES, 0)
    with ExitStack() as stack:
        files: dict[str, IO[str]] = {}
        for name in NAMES:
            new = stack.enter_context(replaced(out / f"{name}.jsonl"))
            files[name] = stack.enter_context(new.open("w", encoding="utf-8"))
        for number, row in enumerate(rows):
            name = sides[groups.root(number)]
            counts[name] += 1
            files[name].write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
    return counts


class Groups:
    """Rows that belong together, by number: a union-find of 8 bytes a row."""

    def __init__(self) -> None:
        self._parent = array("q")
        self._gold: set[int] = set()

    def add(self, *, gold: bool) -> int:
        """The number of a new row, alone for now."""
        number = len(self._parent)
        self._parent.append(number)
        if gold:
            self._gold.add(number)
        return number

    def root(self, number: int) -> int:
        """The first of those that this row belongs with."""
        parent = self._parent
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    def join(self, one: int, other: int) -> None:
        """These two belong together."""
        first, second = sorted((self.root(one), self.root(other)))
        self._parent[second] = first

    def sides(self, options: Split) -> dict[int, str]:
        """The side of each group by its root: in a random order, to the test until it has its share, and so on."""
        sizes: dict[int, int] = {}
        for number in range(len(self._parent)):
            sizes[self.root(number)] = sizes.get(self.root(number), 0) + 1
        taught = {self.root(number) for number in self._gold}
        left = {"test": options.test * len(self._parent), "validation": options.validation * len(self._parent)}
        sides = {}
        for root in sorted(sizes, key=lambda root: hashlib.sha256(f"{options.seed}/{root}".encode()).digest()):
            fitting = [name for name, room in left.items() if sizes[root] <= room + 0.5]
            side = "train" if root in taught or not fitting else fitting[0]
            if side in left:
                left[side] -= sizes[root]
            sides[root] = side
        return sides


def related(rows: Iterable[Row], index_file: Path, similarity: float) -> Groups:
    """Join the rows of one project, and those that are similar."""
    index_file.unlink(missing_ok=True)
    index = DuplicateIndex(index_file, similarity)
    groups = Groups()
    projects: dict[str, int] = {}
    try:
        for row in rows:
            number = groups.add(gold=row.origin == "gold")
            groups.join(number, projects.setdefault(row.project, number))
            found = signature(row.script)
            for other in index.similar(found):
                groups.join(number, other)
            index.add(number, found)
    finally:
        index.close()
        index_file.unlink()
    return groups
