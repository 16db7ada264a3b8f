"""Problems for people to read: each with its line of code."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property

import click
from luau_scorers.docs import link
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from .inspection import Inspection, Problem
from .report import Counts, Reporter

_COLOURS = {"error": "bold red", "warning": "bold yellow", "info": "bold blue", "hint": "bold cyan"}
_INDENT = "    "
_TAB = "    "
# What a terminal shows of a line: so much, and so much of it before the problem.
_WIDTH, _BEFORE = 140, 80

Styled = list[tuple[str, str]]


class TextReporter(Reporter):
    """``path:line:column: severity: message [rule]``, the code with carets, and the link to the rule's page."""

    def __init__(self, to_stderr: bool = False) -> None:
        self.file = sys.stderr if to_stderr else sys.stdout

    @cached_property
    def console(self) -> Console:
        return Console(file=self.file, highlight=False, soft_wrap=True)

    def add(self, inspection: Inspection) -> None:
        for problem in inspection.problems:
            self.show(_header(inspection.path, problem))
            self.show(_excerpt(problem))
            self.show([(f"{_INDENT}{link(problem.rule)}", "dim")])
        if inspection.scores:
            self.show([(f"{printable(inspection.path)}: {_listed(inspection.scores)}", "")])

    def end(self, counts: Counts) -> None:
        if counts.scores():
            self.show([(f"all files: {_listed(counts.scores())}", "bold")])
        click.echo(counts.summary(), err=True)

    def show(self, line: Styled) -> None:
        if self.console.is_terminal:
            self.console.print(Text.assemble(*line))
        else:
            self.file.write("".join(text for text, _ in line) + "\n")


def printable(text: str) -> str:
    """The text without what would move the cursor, change colours or turn the direction of writing."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text.replace("\t", _TAB))


def _header(path: str, problem: Problem) -> Styled:
    place = problem.range
    return [
        (f"{printable(path)}:{place.line}:{place.column}: ", "bold"),
        (problem.severity, _COLOURS[problem.severity]),
        (f": {printable(problem.message)} ", ""),
        (f"[{problem.rule}]", "dim"),
    ]


def _excerpt(problem: Problem) -> Styled:
    """The line of code and the carets under what is wrong in it."""
    place = problem.range
    start = place.column - 1
    end = place.end_column - 1 if place.end_line == place.line else len(problem.code)
    before, here, after = (
        printable(part) for part in (problem.code[:start], problem.code[start:end], problem.code[end:])
    )
    if cell_len(before) > _BEFORE:
        before = "…" + before[-_BEFORE:]
    room = max(0, _WIDTH - cell_len(before))
    code = before + _cut(here + after, room)
    carets = "^" * max(1, min(cell_len(here), room))
    return [(f"{_INDENT}{code}\n", ""), (f"{_INDENT}{' ' * cell_len(before)}{carets}", _COLOURS[problem.severity])]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[:width] + "…"


def _listed(scores: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in scores.items())
