"""Collect scripts that are worth learning from, each once, and none that a task is measured by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from .. import tasks
from ..options import Collect
from ..run_folder import open_run
from ..workers import in_order
from .duplicates import DuplicateIndex, Signature, TaskOverlap, signature
from .heuristics import side_of, weakness
from .rows import PartWriter, Row, row_id
from .sources import Raw, raw_scripts


@dataclass(frozen=True, slots=True)
class _Examined:
    row: Row
    weakness: str
    signature: Signature | None
    size: int


def collect(options: Collect) -> None:
    """Write the rows worth keeping, as parts, and a manifest that counts what was dropped and why."""
    run = open_run("collect", options)
    writer = PartWriter(run.path)
    index = DuplicateIndex(run.path / "duplicates.sqlite", options.similarity, since=writer.read)
    writer.before_commit = index.commit
    overlap = TaskOverlap(script for task in tasks.load_all() for script in task.scripts.values())
    scripts = raw_scripts(options, writer.read)
    try:
        for found in in_order(partial(_examine, options=options), scripts, options.workers):
            reason = found.weakness or _repeats(found.signature, index, overlap)
            if not reason and found.signature is not None:
                index.add(writer.read, found.signature)
            writer.counts["bytes read"] += found.size
            writer.digest = (writer.digest + int(found.row.id, 16)) % 2**64
            writer.done(None if reason else found.row, reason)
    finally:
        writer.commit()
        index.close()
    (run.path / "duplicates.sqlite").unlink()
    run.finish({options.source: f"{writer.digest:016x}"}, writer.figures())


def _examine(raw: Raw, options: Collect) -> _Examined:
    script = raw.script.replace("\r\n", "\n").replace("\r", "\n").strip("\n") + "\n"
    reason = weakness(raw, options)
    row = Row(row_id(script), script, raw.project, raw.licence, raw.path, side_of(raw.path, script))
    return _Examined(row, reason, None if reason else signature(script), len(raw.script.encode("utf-8", "replace")))


def _repeats(found: Signature | None, index: DuplicateIndex, overlap: TaskOverlap) -> str:
    if found is None:
        return ""
    if overlap.holds(found):
        return "overlaps a task"
    return "near-duplicate" if index.similar(found) else ""
