"""Apply what findings propose."""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Callable, Iterable
from operator import attrgetter

from .finding import Edit, Finding
from .syntax_tree import parse

_place = attrgetter("span.start", "span.end")
# A fix can make another one possible. Those that have not settled by then never will.
_ROUNDS = 10


def fixed(source: bytes, find: Callable[[bytes], Iterable[Finding]], safe_only: bool = True) -> bytes:
    """The source with all fixes, as often as ``find`` finds new ones. A text that parsed still does."""
    text = source
    for _ in range(_ROUNDS):
        better = apply(text, find(text), safe_only)
        if better == text:
            break
        text = better
    return source if parse(text).errors and not parse(source).errors else text


def apply(source: bytes, findings: Iterable[Finding], safe_only: bool = True) -> bytes:
    """The source with the findings' fixes. Of fixes that overlap, the first in the file wins; the rest stay open.

    Lines that a fix adds end as the file's first line does.
    """
    taken: list[Edit] = []
    for finding in sorted(findings, key=lambda finding: finding.span.start):
        fix = finding.fix
        if fix is None or (safe_only and not fix.safe):
            continue
        if not any(_overlaps_one(edit, taken) for edit in fix.edits):
            for edit in fix.edits:
                insort(taken, edit, key=_place)
    return _applied(source, taken)


def _applied(source: bytes, edits: list[Edit]) -> bytes:
    """The source with edits that are in order."""
    has_crlf = source[: source.find(b"\n") + 1].endswith(b"\r\n")
    pieces: list[bytes] = []
    at = 0
    for edit in edits:
        text = edit.text.replace("\r\n", "\n")
        pieces += source[at : edit.span.start], (text.replace("\n", "\r\n") if has_crlf else edit.text).encode()
        at = edit.span.end
    return b"".join((*pieces, source[at:]))


def _overlaps_one(edit: Edit, taken: list[Edit]) -> bool:
    """Whether an edit overlaps one of those taken, which are in order: one of its neighbours, then."""
    index = bisect(taken, _place(edit), key=_place)
    return any(_overlap(edit, other) for other in taken[max(0, index - 1) : index + 1])


def _overlap(one: Edit, other: Edit) -> bool:
    # Two insertions at one place are an overlap as well: which of them comes first would be anybody's guess.
    return one.span == other.span or (one.span.start < other.span.end and other.span.start < one.span.end)
