"""Comments that silence rules.

``-- luau-lsp-ai: allow(rule, rule)`` at the end of a line silences the rules on that line; alone on a line, on the next
line of code. ``-- luau-lsp-ai: allow-file(rule)`` silences them in the whole file. What follows the bracket is a reason
for readers. Luau's own ``--!nolint`` above the first line of code silences all rules but those of syntax, and
``--!nolint Name`` the rules that mean the same as Luau's lint of that name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node

from .finding import Edit, Finding, Fix, Span
from .rule import all_rules
from .syntax_tree import Document

# The names of Luau's lints, in its own order.
LUAU_LINTS = tuple(
    """
    UnknownGlobal DeprecatedGlobal GlobalUsedAsLocal LocalShadow SameLineStatement MultiLineStatement LocalUnused
    FunctionUnused ImportUnused BuiltinGlobalWrite PlaceholderRead UnreachableCode UnknownType ForRange
    UnbalancedAssignment ImplicitReturn DuplicateLocal FormatString TableLiteral UninitializedLocal DuplicateFunction
    DeprecatedApi TableOperations DuplicateCondition MisleadingAndOr CommentDirective IntegerParsing
    ComparisonPrecedence RedundantNativeAttribute
    """.split()
)

_OURS = re.compile(rb"--[ \t]*luau-lsp-ai:[^\r\n]*")
_ALLOW = re.compile(rb"--[ \t]*luau-lsp-ai:[ \t]*(?P<what>allow|allow-file)[ \t]*\((?P<names>[^()]*)\)")
_BLANK = re.compile(rb"\s*")
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:#![^\n]*)?")  # byte-order mark and shebang line
_NAME = re.compile(rb"[^\s,]+")
_NOLINT = re.compile(rb"--!nolint(?:[ \t]+(?P<name>[^\s]+))?[ \t]*(?=[\r\n]|\Z)")


@dataclass(frozen=True, slots=True)
class Name:
    """A rule's name in a comment, right or wrong."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Nolint:
    """A comment for Luau's own linter; its name is empty where it silences all lints."""

    comment: Span
    name: Name


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment that silences the rules it names for findings that start in ``covered``.

    It names none where it can't be read.
    """

    comment: Span
    names: tuple[Name, ...]
    covered: Span

    def covers(self, finding: Finding, name: Name) -> bool:
        """Whether this name in it silences this finding."""
        return finding.rule == name.text and self.covered.start <= finding.span.start < self.covered.end

    def silences(self, finding: Finding) -> bool:
        """Whether it silences this finding."""
        return any(self.covers(finding, name) for name in self.names)


def suppress(document: Document, found: list[Finding]) -> list[Finding]:
    """The findings that no comment silences."""
    comments = suppressions(document)
    by_luau = _silenced_by_luau(document)
    if not comments and not by_luau:
        return found
    return [
        finding
        for finding in found
        if finding.rule not in by_luau and not any(comment.silences(finding) for comment in comments)
    ]


def suppressions(document: Document) -> list[Suppression]:
    """The comments of ours in a file, in order."""
    source = document.source
    if b"luau-lsp-ai:" not in source:
        return []
    return [
        _read(document, found)
        for found in _OURS.finditer(source)
        if _comment_at(document, found.start()) == Span(found.start(), found.end())
    ]


def nolints(document: Document) -> list[Nolint]:
    """The ``--!nolint`` comments that Luau heeds: those above all code."""
    out: list[Nolint] = []
    if b"--!nolint" not in document.source:
        return out
    for found in _NOLINT.finditer(document.source):
        comment = _comment_at(document, found.start())
        if comment is not None and _above_code(document, comment.start):
            name = (found["name"] or b"").decode("utf-8", "replace")
            out.append(Nolint(comment, Name(name, Span(*found.span("name")) if name else comment)))
    return out


def removal(document: Document, comment: Span, name: Span | None = None) -> Fix:
    """Take a comment away, with its line where it stands alone; or one of several names in it."""
    source = document.source
    if name is not None:
        rest = re.compile(rb"[ \t]*,[ \t]*").match(source, name.end)
        if rest:
            return Fix("Remove this name", (Edit(Span(name.start, rest.end()), ""),))
        end_of_others = len(source[: name.start].rstrip(b", \t"))
        return Fix("Remove this name", (Edit(Span(end_of_others, name.end), ""),))
    line_start, line_end = _line(source, comment.start)
    before = source[line_start : comment.start]
    start = line_start + len(before.rstrip(b" \t"))
    if before.strip():
        return Fix("Remove the comment", (Edit(Span(start, comment.end), ""),))
    return Fix("Remove the comment", (Edit(Span(line_start, line_end), ""),))


def allowance(document: Document, finding: Finding) -> Fix | None:
    """Silence a finding where it is; None where no comment can, or should: what does not parse does not run."""
    if any(rule.group == "syntax" for rule in all_rules() if rule.code == finding.rule):
        return None
    at, title = finding.span.start, f"Allow {finding.rule} here"
    for comment in suppressions(document):
        if comment.names and comment.covered.start <= at < comment.covered.end:
            end = comment.names[-1].span.end
            return Fix(title, (Edit(Span(end, end), f", {finding.rule}"),))
    start, end = _line(document.source, at)
    end = start + len(document.source[start:end].rstrip(b"\r\n"))
    words = f"-- luau-lsp-ai: allow({finding.rule})"
    if not _inside_of_something(document, end):
        return Fix(title, (Edit(Span(end, end), f" {words}"),))
    code = _next_code(document, start)
    if start <= code < end and not _inside_of_something(document, start):
        indent = document.source[start:code].decode("utf-8", "replace")
        return Fix(title, (Edit(Span(start, start), f"{indent}{words}\n"),))
    return None


def _inside_of_something(document: Document, at: int) -> bool:
    """Whether what stands before this place, a string or a comment, would take in a comment put here."""
    node: Node | None = document.root.descendant_for_byte_range(max(0, at - 1), at)
    while node is not None:
        ends = node.end_byte if node.type == "comment" else node.end_byte - 1
        if node.type in ("comment", "string") and node.start_byte < at <= ends:
            return True
        node = node.parent
    return False


def _read(document: Document, found: re.Match[bytes]) -> Suppression:
    source = document.source
    comment = Span(found.start(), found.end())
    allow = _ALLOW.match(source, comment.start, comment.end)
    if allow is None:
        return Suppression(comment, (), comment)
    names = tuple(
        Name(name.group().decode("utf-8", "replace"), Span(name.start(), name.end()))
        for name in _NAME.finditer(source, allow.start("names"), allow.end("names"))
    )
    if allow["what"] == b"allow-file":
        return Suppression(comment, names, Span(0, len(source) + 1))
    line_start, line_end = _line(source, comment.start)
    if not source[line_start : comment.start].strip():
        line_start, line_end = _line(source, _next_code(document, line_end))
    return Suppression(comment, names, Span(line_start, line_end))


def _line(source: bytes, at: int) -> tuple[int, int]:
    """Where the line that holds this byte starts, and where the next one does."""
    end = source.find(b"\n", at)
    return source.rfind(b"\n", 0, at) + 1, len(source) if end < 0 else end + 1


def _next_code(document: Document, at: int) -> int:
    """The first byte from here on that is neither blank nor in a comment."""
    source = document.source
    while at < len(source):
        at = _end(_BLANK.match(source, at))
        comment = _comment_at(document, at)
        if comment is None:
            break
        at = comment.end
    return at


def _comment_at(document: Document, at: int) -> Span | None:
    """The comment that starts at this byte, without the line's end; None where none does."""
    node: Node | None = document.root.descendant_for_byte_range(at, at + 1)
    while node is not None and node.start_byte == at:
        if node.type == "comment":
            return Span(at, at + len(document.source[at : node.end_byte].rstrip(b"\r\n")))
        node = node.parent
    return None


def _above_code(document: Document, at: int) -> bool:
    return _next_code(document, _end(_HEAD.match(document.source))) >= at


def _end(match: re.Match[bytes] | None) -> int:
    """Where something ends that can be empty, so that it always matches."""
    assert match is not None
    return match.end()


def _silenced_by_luau(document: Document) -> frozenset[str]:
    """The codes of the rules that ``--!nolint`` silences."""
    names = {nolint.name.text for nolint in nolints(document)}
    return frozenset(
        rule.code
        for rule in all_rules()
        if ("" in names and rule.group != "syntax") or not names.isdisjoint(rule.luau_lints)
    )
