"""All rules over one file."""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from pathlib import Path
from time import thread_time
from typing import TypeVar

from tree_sitter import Node, Query, QueryCursor

from .config import Config
from .finding import Finding
from .rule import Match, Rule, all_rules
from .rules.syntax.not_checked import NotChecked
from .suppressions import suppress
from .syntax_tree import LUAU, MOST_SECONDS, Document, parse

log = logging.getLogger(__name__)
T = TypeVar("T")
# Bytes; between them the clock is looked at. A query cannot be stopped.
_AT_A_TIME = 1 << 16


def analyse(source: bytes, config: Config | None = None, path: Path | None = None) -> list[Finding]:
    """Everything that the rules have to say about a file, in order. Never raises on any bytes.

    The path, where there is one, tells on which side the script runs.
    """
    config = config or Config()
    return analyse_document(parse(source, side=config.side(path) if path else None), config)


def analyse_document(document: Document, config: Config | None = None) -> list[Finding]:
    """The same for a file that is parsed already."""
    kept = suppress(document, every_finding(document))
    return config.apply(document, kept) if config else kept


def every_finding(document: Document) -> list[Finding]:
    """What is found before comments in the file and the project's config have a say: what a score comes from.

    What stands in a broken part of the tree is reported by the syntax rules alone: the others would be guessing.
    """
    unchecked = list(NotChecked().scan(document))
    if unchecked:
        return unchecked
    until = thread_time() + MOST_SECONDS
    found: list[Finding] = []
    query, owners = _compiled()
    broken = [(node.start_byte, node.end_byte) for node in document.errors]
    cursor = QueryCursor(query)
    for start in range(0, len(document.source) + 1, _AT_A_TIME):
        cursor.set_byte_range(start, start + _AT_A_TIME)
        for pattern, nodes in cursor.matches(document.root):
            if "here" in nodes and not _touches(nodes["here"][0], broken):
                found += _guarded(owners[pattern], _matched, Match(document, nodes))
        if thread_time() > until:
            return [NotChecked.too_long()]
    for rule in _scanning():
        if rule.group == "syntax" or not broken:
            found += _guarded(rule, _scanned, document)
        if thread_time() > until:
            return [NotChecked.too_long()]
    for rule in _reviewing():
        found += _guarded(rule, _reviewed, (document, found))
    return sorted(set(found), key=_order)


def check_rule(rule: type[Rule], document: Document) -> list[Finding]:
    """What one rule alone has to say, exceptions and all: for tests."""
    matches = QueryCursor(Query(LUAU, rule.query)).matches(document.root)
    found = [finding for _, nodes in matches for finding in _matched(rule(), Match(document, nodes))]
    others = every_finding(document) if rule.review is not Rule.review else []
    return sorted({*found, *rule().scan(document), *rule().review(document, others)}, key=_order)


def _order(finding: Finding) -> tuple[int, int, str]:
    return finding.span.start, finding.span.end, finding.rule


def _matched(rule: Rule, match: Match) -> list[Finding]:
    return [rule.finding(match)] if rule.check(match) else []


def _scanned(rule: Rule, document: Document) -> list[Finding]:
    return list(rule.scan(document))


def _reviewed(rule: Rule, subject: tuple[Document, list[Finding]]) -> list[Finding]:
    return list(rule.review(*subject))


def _touches(node: Node, broken: list[tuple[int, int]]) -> bool:
    """Whether a node touches one of the broken places, which are in order."""
    first = bisect_left(broken, node.start_byte, key=lambda place: place[1])
    return first < len(broken) and broken[first][0] <= node.end_byte


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
def _reviewing() -> tuple[Rule, ...]:
    return tuple(rule for rule in _instances() if type(rule).review is not Rule.review)


@cache
def _compiled() -> tuple[Query, list[Rule]]:
    """All rules' queries as one, so that the tree is walked once, and the rule behind each of its patterns."""
    texts = [f"{rule.query}\n" for rule in _instances()]
    starts = list(accumulate((len(text.encode()) for text in texts), initial=0))
    query = Query(LUAU, "".join(texts))
    places = map(query.start_byte_for_pattern, range(query.pattern_count))
    return query, [_instances()[bisect_right(starts, place) - 1] for place in places]
