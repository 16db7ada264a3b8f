"""Apply what findings propose."""

from __future__ import annotations

from collections.abc import Iterable

from .finding import Edit, Finding


def apply(source: bytes, findings: Iterable[Finding], safe_only: bool = True) -> bytes:
    """The source with the findings' fixes. Of fixes that overlap, the first in the file wins; the rest stay open."""
    taken: list[Edit] = []
    for finding in sorted(findings, key=lambda finding: finding.span.start):
        fix = finding.fix
        if fix is None or (safe_only and not fix.safe):
            continue
        if not any(_overlap(edit, other) for edit in fix.edits for other in taken):
            taken += fix.edits
    for edit in sorted(taken, key=lambda edit: (edit.span.start, edit.span.end), reverse=True):
        source = source[: edit.span.start] + edit.text.encode() + source[edit.span.end :]
    return source


def _overlap(one: Edit, other: Edit) -> bool:
    # Two insertions at one place are an overlap as well: which of them comes first would be anybody's guess.
    return one.span == other.span or (one.span.start < other.span.end and other.span.start < one.span.end)
