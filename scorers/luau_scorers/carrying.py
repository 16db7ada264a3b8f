"""Findings of an earlier text, moved to where they are after a change."""

from __future__ import annotations

from .finding import Edit, Finding, Fix, Span


def shifted(span: Span, shift: int) -> Span:
    """The place so many bytes further on."""
    return Span(span.start + shift, span.end + shift)


def moved(finding: Finding, shift: int) -> Finding:
    """A finding so many bytes further on."""
    fix = finding.fix
    if fix is not None:
        fix = Fix(fix.title, tuple(Edit(shifted(edit.span, shift), edit.text) for edit in fix.edits), fix.safe)
    return Finding(finding.rule, shifted(finding.span, shift), finding.message, finding.severity, fix)


def carried(finding: Finding, start: int, end: int, shift: int) -> Finding | None:
    """A finding after the bytes from ``start`` to ``end`` were changed, and what follows moved by ``shift``.

    None where its place was touched. A fix that was touched is lost.
    """
    span = _carried(finding.span, start, end, shift)
    if span is None:
        return None
    return Finding(finding.rule, span, finding.message, finding.severity, _fix(finding.fix, start, end, shift))


def _carried(span: Span, start: int, end: int, shift: int) -> Span | None:
    if span.end < start:
        return span
    return shifted(span, shift) if span.start > end else None


def _fix(fix: Fix | None, start: int, end: int, shift: int) -> Fix | None:
    spans = [_carried(edit.span, start, end, shift) for edit in fix.edits] if fix else []
    if fix is None or None in spans:
        return None
    edits = tuple(Edit(span, edit.text) for span, edit in zip(spans, fix.edits, strict=True) if span is not None)
    return Fix(fix.title, edits, fix.safe)
