"""How good is this script? The one definition that serving, filtering, reward and evaluation share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp

from tree_sitter import Node

from .engine import Analysis
from .finding import Finding, Severity
from .nodes import BODIES
from .rule import all_rules
from .syntax_tree import Document
from .words import words

# What one finding takes away: its group's score is multiplied with exp(-penalty).
PENALTIES: dict[Severity, float] = {"error": 0.8, "warning": 0.45, "info": 0.15, "hint": 0.05}
# Exponents of the weighted geometric mean. With a mean of this kind no group makes up for another that is bad.
# Syntax stands outside: its score multiplies the rest whole, since a script that does not parse does nothing.
WEIGHTS = {"api": 0.35, "bugs": 0.35, "quality": 0.3}
# A broken script's syntax score, halved again for each error after the first.
BROKEN = 0.3
# So many different statements make a script that does something; with fewer, quality falls in proportion.
COMPLETE = 6


@dataclass(frozen=True)
class Report:
    """Four scores in [0, 1], and the findings that they come from, by place; offsets are bytes of the UTF-8 text.

    ``syntax`` is 1, or at most 0.3 where the script does not parse: then it does nothing, and the others are 0.
    ``quality`` is also about completeness: an empty script has 0.
    """

    findings: tuple[Finding, ...]
    syntax: float
    api: float
    bugs: float
    quality: float

    @property
    def composite(self) -> float:
        """All four in one: syntax x api^0.35 x bugs^0.35 x quality^0.3, so that one warning alone leaves 0.85."""
        rest: float = self.api ** WEIGHTS["api"] * self.bugs ** WEIGHTS["bugs"] * self.quality ** WEIGHTS["quality"]
        return self.syntax * rest


def score(source: str) -> Report:
    """Judge a script, by its text alone: neither comments in it that silence rules nor a project's config count.

    A text that is the same lines several times over is judged as these lines once. Never raises.
    """
    analysis = Analysis(_once(source).encode("utf-8", "replace"))
    findings = tuple(analysis.every_finding())
    groups = {rule.code: rule.group for rule in all_rules()}
    mistakes = sum(groups[finding.rule] == "syntax" for finding in findings)
    if mistakes:
        return Report(findings, BROKEN * 0.5 ** (mistakes - 1), 0.0, 0.0, 0.0)
    kept = {"api": 1.0, "bugs": 1.0, "quality": 1.0}
    for finding in findings:
        kept[groups[finding.rule]] *= exp(-PENALTIES[finding.severity])
    return Report(
        findings, 1.0, kept["api"], kept["bugs"], kept["quality"] * _completeness(analysis.document, findings)
    )


def _once(source: str) -> str:
    """The text without what repeats all of it: its first ``period`` lines, where the others are these again."""
    ends = [(line.strip(), end) for line, end in _lines(source) if line.strip()]
    lines = [line for line, _ in ends]
    if not lines or lines.count(lines[0]) == 1:
        return source
    borders = [0]  # how many lines at the start are also the last ones up to here (Knuth, Morris, Pratt)
    for line in lines[1:]:
        length = borders[-1]
        while length and lines[length] != line:
            length = borders[length - 1]
        borders.append(length + (lines[length] == line))
    period = len(lines) - borders[-1]
    return source if len(lines) % period or period == len(lines) else source[: ends[period - 1][1]]


def _lines(source: str) -> Iterator[tuple[str, int]]:
    """Each line, and where it ends."""
    end = 0
    for line in source.splitlines(keepends=True):
        end += len(line)
        yield line, end


def _completeness(document: Document, findings: Sequence[Finding]) -> float:
    """How much of a whole script this is, by its different statements; those with something wrong do not count."""
    wrong = {_statement_at(document.root, finding.span.start) for finding in findings}
    spans = [finding.span for finding in findings]
    different: set[bytes | None] = set()
    for node in _statements(document.root):
        inside = any(span.start <= node.start_byte and node.end_byte <= span.end for span in spans)
        if not inside and node.start_byte not in wrong:
            different.add(node.text)
        if len(different) == COMPLETE:
            break
    return len(different) / COMPLETE


def _statement_at(root: Node, at: int) -> int | None:
    """Where the innermost statement around a byte starts."""
    node = root.descendant_for_byte_range(at, at)
    while node is not None and not _is_statement(node):
        node = node.parent
    return node.start_byte if node is not None else None


_DOES = words(
    "variable_declaration assignment_statement update_statement function_declaration function_call return_statement "
    "if_statement for_statement while_statement repeat_statement"
)
_SHOWS = (b"print", b"warn")


def _statements(root: Node) -> Iterator[Node]:
    """Statements at any depth that do something; comments, printing and locals that nobody wants do not."""
    pending = [root]
    while pending:
        node = pending.pop()
        if _is_statement(node) and not _prints(node) and not _is_unwanted(node):
            yield node
        pending += node.named_children


def _is_statement(node: Node) -> bool:
    return node.type in _DOES and node.parent is not None and node.parent.type in BODIES


def _prints(node: Node) -> bool:
    name = node.child_by_field_name("name") if node.type == "function_call" else None
    return name is not None and name.text in _SHOWS


def _is_unwanted(node: Node) -> bool:
    """``local _name = value``: the name says that nothing reads it."""
    assigned = node.named_children[0] if node.type == "variable_declaration" and node.named_children else None
    names = assigned.named_children[0] if assigned is not None and assigned.type == "assignment_statement" else assigned
    return names is not None and all(
        (name.text or b"").startswith(b"_") for name in names.children_by_field_name("name")
    )
