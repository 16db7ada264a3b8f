"""Problems for other programs: JSON, and the commands that GitHub shows at the lines of a pull request."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
from luau_scorers.docs import link

from .inspection import Inspection, Problem, Range
from .report import Counts, Reporter


class JsonReporter(Reporter):
    """One object: ``files``, each with its path and its ``findings`` or why it is ``unreadable``, and ``scores``."""

    def __init__(self) -> None:
        self.separator = "\n"

    def begin(self) -> None:
        click.echo('{"files": [', nl=False)

    def add(self, inspection: Inspection) -> None:
        file: dict[str, Any] = {"path": inspection.path}
        if inspection.unreadable:
            file["unreadable"] = inspection.unreadable
        else:
            file["findings"] = [_finding(problem) for problem in inspection.problems]
        if inspection.scores:
            file["scores"] = inspection.scores
        click.echo(self.separator + json.dumps(file), nl=False)
        self.separator = ",\n"

    def end(self, counts: Counts) -> None:
        scores = f', "scores": {json.dumps(counts.scores())}' if counts.scores() else ""
        click.echo(f"\n]{scores}}}")


def _finding(problem: Problem) -> dict[str, Any]:
    fix = None
    if problem.fix:
        edits = [{"range": asdict(place), "text": text} for place, text in problem.edits]
        fix = {"title": problem.fix, "safe": problem.is_safe, "edits": edits}
    return {
        "rule": problem.rule,
        "severity": problem.severity,
        "message": problem.message,
        "range": asdict(problem.range),
        "url": link(problem.rule),
        "fix": fix,
    }


_LEVELS = {"error": "error", "warning": "warning", "info": "notice", "hint": "notice"}


class GithubReporter(Reporter):
    """A workflow command for each problem."""

    def add(self, inspection: Inspection) -> None:
        for problem in inspection.problems:
            place = _place(problem.range)
            properties = f"file={_property(inspection.path)},{place},title={_property(problem.rule)}"
            click.echo(f"::{_LEVELS[problem.severity]} {properties}::{_escaped(problem.message)}")


def _place(place: Range) -> str:
    # GitHub takes columns for places within one line only.
    if place.line != place.end_line:
        return f"line={place.line},endLine={place.end_line}"
    return f"line={place.line},col={place.column},endLine={place.end_line},endColumn={place.end_column}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
