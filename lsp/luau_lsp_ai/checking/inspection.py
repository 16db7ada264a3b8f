"""One file, checked: what the worker processes do. All that goes in and comes out can be sent between processes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .. import files
from ..lines import Lines

if TYPE_CHECKING:
    from luau_scorers.finding import Finding, Severity, Span
    from luau_scorers.score import Report

log = logging.getLogger(__name__)

SCORES = ("syntax", "api", "bugs", "quality", "composite")

STDIN = Path("-")
# Roblox takes scripts of 200,000 characters; what is larger than this was not written by a person.
MOST_BYTES = 4_000_000


@dataclass(frozen=True)
class Wanted:
    """What to do with each file. With ``diff`` nothing is written."""

    fix: Literal["none", "safe", "unsafe"] = "none"
    diff: bool = False
    score: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """A place in a text; lines and columns count from 1, columns in characters, and the end is outside."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding as it is shown, with the text of its first line."""

    rule: str
    severity: Severity
    message: str
    range: Range
    code: str
    fix: str  # what its fix does; empty where there is none
    is_safe: bool
    edits: tuple[tuple[Range, str], ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What came of one file. ``unreadable`` is a sentence, and then the rest is empty.

    ``output`` is the fixed text of standard input; ``mended`` counts the problems that are gone.
    """

    path: str
    unreadable: str = ""
    problems: tuple[Problem, ...] = ()
    mended: int = 0
    diff: str = ""
    output: bytes = b""
    scores: Mapping[str, float] = field(default_factory=dict)  # by name; empty where they are not wanted


def inspect(path: Path, wanted: Wanted) -> Inspection:
    """Check a file, and fix it where that is wanted."""
    try:
        data = _read(path)
        return _inspect(path, data, wanted)
    except click.UsageError as error:
        return Inspection(str(path), unreadable=error.message)
    except Exception as error:  # the other files are to be checked all the same
        log.exception("checking %s failed", path)
        return Inspection(str(path), unreadable=f"{path} can't be checked: {type(error).__name__}.")


def _inspect(path: Path, data: bytes, wanted: Wanted) -> Inspection:
    from luau_scorers.config import Config
    from luau_scorers.engine import analyse
    from luau_scorers.fixes import fixed
    from luau_scorers.score import score

    config = Config.find(path)
    before = found = analyse(data, config, path)
    text = data
    if wanted.fix != "none":
        text = fixed(data, lambda text: analyse(text, config, path), wanted.fix == "safe")
    diff = _diff(path, data, text) if wanted.diff else ""
    if text != data:
        found = analyse(text, config, path)
        if not wanted.diff and path != STDIN:
            files.write(path, text)
    return Inspection(
        str(path),
        problems=tuple(_problems(text, found)),
        mended=max(0, len(before) - len(found)),
        diff=diff,
        output=text if path == STDIN else b"",
        scores=_scores(score(text.decode())) if wanted.score else {},
    )


def _read(path: Path) -> bytes:
    """The file's bytes, which are text. Raises click.UsageError where they are not."""
    name = "Standard input" if path == STDIN else str(path)
    try:
        if path == STDIN:
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise click.UsageError(f"{name} has more than {MOST_BYTES // 1_000_000} MB: no script is that large.")
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise click.UsageError(f"{name} is UTF-16 and not UTF-8 text.")
        if b"\0" in data:
            raise click.UsageError(f"{name} is binary and not text: it has NUL bytes.")
        data.decode()
    except OSError as error:
        raise click.UsageError(f"{name} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{name} is not UTF-8 text.") from None
    return data


def _scores(report: Report) -> dict[str, float]:
    return {name: getattr(report, name) for name in SCORES}


def _diff(path: Path, before: bytes, after: bytes) -> str:
    old, new = (text.decode().splitlines(keepends=True) for text in (before, after))
    lines = unified_diff(old, new, f"a/{path.as_posix()}", f"b/{path.as_posix()}")
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def _problems(data: bytes, found: list[Finding]) -> Iterator[Problem]:
    places = _Places(data)
    for finding in found:
        fix = finding.fix
        yield Problem(
            finding.rule,
            finding.severity,
            finding.message,
            places.range(finding.span),
            places.code(finding.span.start),
            fix.title if fix else "",
            fix is not None and fix.safe,
            tuple((places.range(edit.span), edit.text) for edit in fix.edits) if fix else (),
        )


class _Places(Lines):
    """Offsets as lines and columns. Made for offsets that grow, so that a long line is read but once."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._last = (0, 0, 1)  # a line, an offset in it, and the column there

    def range(self, span: Span) -> Range:
        return Range(*self._place(span.start), *self._place(span.end))

    def code(self, offset: int) -> str:
        line = self.line_of(offset)
        return self.data[self.starts[line] : self.line_end(line)].decode().removeprefix("\ufeff")

    def _place(self, offset: int) -> tuple[int, int]:
        line = self.line_of(offset)
        last_line, last, column = self._last
        if line != last_line or offset < last:
            last, column = self.starts[line], 1
        between = self.data[last : min(offset, self.line_end(line))].decode("utf-8", "ignore")
        column += len(between.removeprefix("\ufeff") if last == 0 else between)
        self._last = line, offset, column
        return line + 1, column
