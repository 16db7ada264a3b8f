"""The rows of the data stages, and the folders of JSONL parts that hold them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from luau_model.files import replaced

from ..options import StageError
from ..run_folder import file_hash, write_json

Side = Literal["server", "client", "module", "unknown"]
PART_ROWS = 1000
_READ_AT_MOST = 10 * PART_ROWS
_PROGRESS = "progress.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One script. ``request`` is what it answers, "" before it has a label; ``scores`` are set by the filter;
    ``shows`` are texts that any right answer has in it, where that is known.
    """

    id: str
    script: str
    project: str
    licence: str = ""
    path: str = ""
    side: Side = "unknown"
    request: str = ""
    origin: Literal["collected", "gold"] = "collected"
    scores: Mapping[str, float] = field(default_factory=dict)
    shows: tuple[str, ...] = ()


def row_id(script: str) -> str:
    """The same for the same script, whatever its source: 16 hex digits."""
    return hashlib.sha256(script.encode("utf-8", "replace")).hexdigest()[:16]


def part_files(folder: Path) -> list[Path]:
    """The parts of a folder, in order. Raises StageError where there is none."""
    found = sorted(folder.glob("part-*.jsonl"))
    if not found:
        raise StageError(f"{folder} holds no rows: the stage before dropped everything; its report.md says why.")
    return found


def read_rows(paths: list[Path]) -> Iterator[Row]:
    """Rows one by one, so that memory does not depend on how many there are."""
    for path in paths:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield Row(**json.loads(line))
                except (TypeError, json.JSONDecodeError) as error:
                    raise StageError(f"{path}:{number} is not a row of a data stage: {error}.") from None


def input_hashes(paths: list[Path]) -> dict[str, str]:
    return {path.name: file_hash([path]) for path in paths}


class PartWriter:
    """Writes a stage's rows as parts, and how far it read; a stage that was stopped goes on from there.

    ``before_commit`` may be set to what makes lasting whatever else belongs to the rows written so far. ``digest`` is
    for telling one input from another: the sum of what was read, modulo 2^64.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.before_commit: Callable[[], None] = lambda: None
        self.read = 0
        self.counts: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.digest = 0
        self._parts = 0
        self._buffer: list[Row] = []
        self._aside: list[Mapping[str, str]] = []
        self._committed = 0
        if (folder / _PROGRESS).exists():
            progress = json.loads((folder / _PROGRESS).read_text("utf-8"))
            self.read = self._committed = progress["read"]
            self._parts = progress["parts"]
            self.counts.update(progress["counts"])
            self.rules.update(progress["rules"])
            self.digest = progress["digest"]
        for stale in folder.glob("*-*.jsonl"):
            if int(stale.stem.split("-")[1]) >= self._parts:
                stale.unlink()

    def done(self, row: Row | None, why: str = "", aside: Mapping[str, str] | None = None) -> None:
        """One row of the source is dealt with: kept, or dropped; ``aside`` is what to keep of one that is dropped."""
        self.read += 1
        if aside is not None:
            self._aside.append(aside)
        if row is None:
            self.counts[f"dropped: {why}"] += 1
        else:
            self.counts["kept"] += 1
            self._buffer.append(row)
        if len(self._buffer) >= PART_ROWS or self.read - self._committed >= _READ_AT_MOST:
            self.commit()

    def keep(self, row: Row) -> None:
        """Add a row that is not of the source."""
        self.counts["added"] += 1
        self._buffer.append(row)

    def commit(self) -> None:
        """Make everything so far last."""
        if self.read == self._committed and not self._buffer:
            return
        _write_lines(self.folder / f"part-{self._parts:05}.jsonl", map(asdict, self._buffer))
        _write_lines(self.folder / f"aside-{self._parts:05}.jsonl", self._aside)
        self._parts += bool(self._buffer or self._aside)
        self._buffer.clear()
        self._aside.clear()
        self.before_commit()
        self._committed = self.read
        progress = {"read": self.read, "parts": self._parts, "counts": self.counts, "rules": self.rules}
        write_json(self.folder / _PROGRESS, {**progress, "digest": self.digest})

    def figures(self) -> dict[str, Any]:
        """What the manifest says of the rows."""
        return {"read": self.read, "counts": dict(self.counts), "rules": dict(self.rules.most_common())}


def _write_lines(path: Path, values: Iterable[Mapping[str, Any]]) -> None:
    """Each value as a line of JSON; no file where there is none."""
    lines = [json.dumps(value, ensure_ascii=False) + "\n" for value in values]
    if lines:
        with replaced(path) as new:
            new.write_text("".join(lines), "utf-8")
