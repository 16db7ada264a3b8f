"""SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from luau_scorers.docs import URL, link, page
from luau_scorers.rule import all_rules

from .. import __version__
from .inspection import STDIN, Inspection, Problem, Range
from .report import Counts, Reporter

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note", "hint": "note"}


class SarifReporter(Reporter):
    """One run, whose results are written as they come."""

    def __init__(self) -> None:
        self.rules = {rule.code: index for index, rule in enumerate(all_rules())}
        self.unreadable: list[str] = []
        self.separator = "\n"

    def begin(self) -> None:
        tool = {"driver": {"name": "luau-lsp-ai", "version": __version__, "informationUri": URL, "rules": _rules()}}
        head = f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{"columnKind": "unicodeCodePoints", "tool": '
        click.echo(f'{head}{json.dumps(tool)}, "results": [', nl=False)

    def add(self, inspection: Inspection) -> None:
        if inspection.unreadable:
            self.unreadable.append(inspection.unreadable)
        for problem in inspection.problems:
            result = _result(inspection.path, problem, self.rules[problem.rule])
            click.echo(self.separator + json.dumps(result), nl=False)
            self.separator = ",\n"

    def end(self, counts: Counts) -> None:
        notes = [{"level": "error", "message": {"text": sentence}} for sentence in self.unreadable]
        invocation = {"executionSuccessful": not notes, "toolExecutionNotifications": notes}
        click.echo(f'\n], "invocations": [{json.dumps(invocation)}]}}]}}')


def _rules() -> list[dict[str, Any]]:
    return [
        {
            "id": rule.code,
            "name": rule.__name__,
            "shortDescription": {"text": rule.message},
            "help": {"text": rule.message, "markdown": page(rule)},
            "helpUri": link(rule.code),
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
            "properties": {"tags": [rule.group]},
        }
        for rule in all_rules()
    ]


def _result(path: str, problem: Problem, rule_index: int) -> dict[str, Any]:
    artifact = {"uri": _uri(path)}
    location = {"physicalLocation": {"artifactLocation": artifact, "region": _region(problem.range)}}
    result: dict[str, Any] = {
        "ruleId": problem.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[problem.severity],
        "message": {"text": problem.message},
        "locations": [location],
    }
    if problem.edits:
        replacements = [
            {"deletedRegion": _region(place), "insertedContent": {"text": text}} for place, text in problem.edits
        ]
        change = {"artifactLocation": artifact, "replacements": replacements}
        result["fixes"] = [{"description": {"text": problem.fix}, "artifactChanges": [change]}]
    return result


def _region(place: Range) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _uri(path: str) -> str:
    if path == str(STDIN):
        return "stdin"
    return Path(path).as_uri() if Path(path).is_absolute() else quote(Path(path).as_posix())
