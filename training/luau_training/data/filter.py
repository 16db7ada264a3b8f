"""Only scripts that the scorers find good, collected and gold; what is dropped is counted by its costliest rule."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection
from dataclasses import replace

from luau_scorers.score import PENALTIES, Report

from .. import tasks
from ..options import Filter
from ..run_folder import manifest, open_run
from ..scoring import score_answer
from ..tasks import Task
from ..workers import in_order
from .rows import PartWriter, Row, Side, input_hashes, part_files, read_rows, row_id

_SCORES = ("syntax", "api", "bugs", "quality", "composite")
_INCOMPLETE = "too little that does something"
# Requests are the same from this share of common words on.
_SAME_REQUEST = 0.7
_WORD = re.compile(r"\w+")


def filter_rows(options: Filter) -> None:
    """Write the rows that score well, and the gold tasks that do; evaluation tasks stay out."""
    manifest(options.input)
    run = open_run("filter", options)
    paths = part_files(options.input)
    writer = PartWriter(run.path)
    known = [_words(task.prompt) for task in tasks.load_all()]
    rows = itertools.islice(read_rows(paths), writer.read, None)
    try:
        for row, worst in in_order(_scored, rows, options.workers):
            why = _why(row, known, options.threshold)
            if why == "score":
                writer.rules[worst] += 1
            writer.done(None if why else row, why)
        if options.gold and not writer.counts["gold tasks"]:
            _add_gold(writer, options.gold_threshold)
    finally:
        writer.commit()
    run.finish(input_hashes(paths), writer.figures())


def _add_gold(writer: PartWriter, threshold: float) -> None:
    for task in tasks.load_all():
        if task.split == "gold":
            writer.counts["gold tasks"] += 1
            row, worst = _scored(gold_row(task))
            if row.scores["composite"] >= threshold:
                writer.keep(row)
            else:
                writer.rules[worst] += 1


def gold_row(task: Task) -> Row:
    """A gold task as a row; scripts that belong together are one answer."""
    script = tasks.as_text(task.scripts)
    side: Side = "unknown" if task.kind == "multi" else task.kind  # type: ignore[assignment]
    return Row(row_id(script), script, f"gold/{task.name}", "mit", task.name, side, task.prompt, "gold")


def _scored(row: Row) -> tuple[Row, str]:
    """The row with its scores, and the rule that cost it most."""
    report = score_answer(row.script)
    scores = {name: round(getattr(report, name), 4) for name in _SCORES}
    return replace(row, scores=scores), _worst(report)


def _worst(report: Report) -> str:
    cost: dict[str, float] = {}
    for finding in report.findings:
        cost[finding.rule] = cost.get(finding.rule, 0) + PENALTIES[finding.severity]
    return max(cost, key=lambda rule: cost[rule]) if cost else _INCOMPLETE


def _why(row: Row, known: Collection[frozenset[str]], threshold: float) -> str:
    """Why a row is dropped; "" where it is kept."""
    if row.request and any(_alike(_words(row.request), words) for words in known):
        return "asks for a task"
    return "" if row.scores["composite"] >= threshold else "score"


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _SAME_REQUEST * max(1, len(one | other))
