"""All rules over one file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeVar

from tree_sitter import Node, Query, QueryCursor

from .finding import Finding
from .rule import Match, Rule, all_rules
from .syntax_tree import LUAU, Document, parse

log = logging.getLogger(__name__)
T = TypeVar("T")


def analyse(source: bytes) -> list[Finding]:
    """Everything that any rule has to say about a file, in order. Never raises on any bytes."""
    return analyse_document(parse(source))


def analyse_document(document: Document) -> list[Finding]:
    """The same for a file that is parsed already.

    What stands in a broken part of the tree is reported by the syntax rules alone: the others would be guessing.
    """
    found: list[Finding] = []
    query, owners = _compiled()
    broken = [(node.start_byte, node.end_byte) for node in document.errors]
    for pattern, nodes in QueryCursor(query).matches(document.root):
        if "here" in nodes and not _touches(nodes["here"][0], broken):
            found += _guarded(owners[pattern], _matched, Match(document, nodes))
    for rule in _scanning():
        if rule.group == "syntax" or not broken:
            found += _guarded(rule, _scanned, document)
    return sorted(set(found), key=lambda finding: (finding.span.start, finding.span.end, finding.rule))


def check_rule(rule: type[Rule], document: Document) -> list[Finding]:
    """What one rule alone has to say, exceptions and all: for tests."""
    matches = QueryCursor(Query(LUAU, rule.query)).matches(document.root)
    found = [finding for _, nodes in matches for finding in _matched(rule(), Match(document, nodes))]
    return sorted({*found, *rule().scan(document)}, key=lambda finding: finding.span.start)


def _matched(rule: Rule, match: Match) -> list[Finding]:
    return [rule.finding(match)] if rule.check(match) else []


def _scanned(rule: Rule, document: Document) -> list[Finding]:
    return list(rule.scan(document))


def _touches(node: Node, broken: list[tuple[int, int]]) -> bool:
    return any(start <= node.end_byte and node.start_byte <= end for start, end in broken)


def _guarded(rule: Rule, run: Callable[[Rule, T], list[Finding]], subject: T) -> list[Finding]:
    try:
        return run(rule, subject)
    except Exception:
        log.exception("the rule %s failed", rule.code)
        return []


@cache
def _instances() -> tuple[Rule, ...]:
    return tuple(rule() for rule in all_rules())


@cache
def _scanning() -> tuple[Rule, ...]:
    return tuple(rule for rule in _instances() if type(rule).scan is not Rule.scan)


@cache
def _compiled() -> tuple[Query, list[Rule]]:
    """All rules' queries as one, so that the tree is walked once, and the rule behind each of its patterns."""
    return Query(LUAU, "\n".join(rule.query for rule in _instances())), list(_owners())


def _owners() -> Iterator[Rule]:
    for rule in _instances():
        for _ in range(Query(LUAU, rule.query).pattern_count):
            yield rule
