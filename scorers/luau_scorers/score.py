"""How good is this script? The one definition that serving, filtering, reward and evaluation share."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from tree_sitter import Node

from .engine import Analysis
from .finding import Finding, Severity
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

    ``syntax`` is 1, or at most 0.3 where the script does not parse. ``quality`` is also about completeness: an empty
    script has 0.
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

    Never raises.
    """
    analysis = Analysis(source.encode("utf-8", "replace"))
    findings = tuple(analysis.every_finding())
    groups = {rule.code: rule.group for rule in all_rules()}
    kept = {"syntax": 1.0, "api": 1.0, "bugs": 1.0, "quality": 1.0}
    for finding in findings:
        kept[groups[finding.rule]] *= exp(-PENALTIES[finding.severity])
    mistakes = sum(groups[finding.rule] == "syntax" for finding in findings)
    syntax = BROKEN * 0.5 ** (mistakes - 1) if mistakes else 1.0
    return Report(findings, syntax, kept["api"], kept["bugs"], kept["quality"] * _completeness(analysis.document))


def _completeness(document: Document) -> float:
    statements = {node.text for node in _statements(document.root)}
    return min(1.0, len(statements) / COMPLETE)


_DOES = words(
    "variable_declaration assignment_statement update_statement function_declaration function_call return_statement "
    "if_statement for_statement while_statement repeat_statement"
)
_SHOWS = (b"print", b"warn")


def _statements(node: Node) -> list[Node]:
    """Statements at any depth that do something; comments and printing do not."""
    found: list[Node] = []
    pending = [node]
    while pending:
        node = pending.pop()
        for child in node.named_children:
            if child.type in _DOES and node.type in ("chunk", "block", "ERROR") and not _prints(child):
                found.append(child)
            pending.append(child)
    return found


def _prints(node: Node) -> bool:
    name = node.child_by_field_name("name") if node.type == "function_call" else None
    return name is not None and name.text in _SHOWS
