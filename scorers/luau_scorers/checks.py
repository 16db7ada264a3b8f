"""All rules over one statement of a file's main body, and what their answers depend on."""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain
from typing import Any, ParamSpec, TypeVar

from tree_sitter import Node, Query, QueryCursor

from .carrying import moved
from .finding import Finding, Span
from .rule import Match, Rule, all_rules
from .scopes import EVERYTHING
from .syntax_tree import LUAU, Document
from .units import Key, Unit

log = logging.getLogger(__name__)
Fit = tuple[int, dict[str, list[Node]]]  # a query's pattern, and the nodes by what they are captured as
P = ParamSpec("P")
T = TypeVar("T")
# Bytes that are searched at a time: a query cannot be stopped.
_AT_A_TIME = 1 << 16


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a unit when it started at byte ``start``, and the keys of what was asked for it.

    ``matched`` holds in a file that does not parse as well, ``others`` does not. ``gathered`` is by the rule's code.
    """

    start: int
    matched: tuple[Finding, ...]
    others: tuple[Finding, ...]
    gathered: Mapping[str, Sequence[Any]]
    looked: frozenset[Key]

    def findings(self, start: int, broken: bool) -> Iterator[Finding]:
        """What was found, moved to where the unit starts now."""
        shift = start - self.start
        for finding in self.matched if broken else chain(self.matched, self.others):
            yield moved(finding, shift) if shift else finding

    def depends(self, keys: set[Key]) -> bool:
        """Whether one of these being another may change what is found."""
        return not self.looked.isdisjoint(keys)


def check(document: Document, unit: Unit, room: Span) -> Checked:
    """Ask all rules about a unit. ``room`` is the place between the units before and after it."""
    document.inference.forget_nodes()
    with document.scopes.looked.apart() as looked:
        matched = tuple(dict.fromkeys(_matched(document, fits(unit))))
        others = tuple(dict.fromkeys(_of_variables(document, unit)))
        asking = ((rule.code, guarded(rule, rule.gather, unit, document)) for rule in asked("gather"))
        gathered = {code: found for code, found in asking if found}
        if any(_reaches_out(finding, room) for finding in chain(matched, others)):
            looked.add(EVERYTHING)
    return Checked(unit.start, matched, others, gathered, frozenset(looked))


def _matched(document: Document, fits: Sequence[Fit]) -> Iterator[Finding]:
    owners = _compiled()[1]
    for pattern, nodes in fits:
        if document.broken and _touches(nodes["here"][0], document.broken):
            continue
        rule, match = owners[pattern], Match(document, nodes)
        try:
            if rule.check(match):
                yield rule.finding(match)
        except Exception:
            log.exception("the rule %s failed", rule.code)


def _of_variables(document: Document, unit: Unit) -> Iterator[Finding]:
    for variable in document.scopes.variables_of(unit):
        for rule in asked("check_variable"):
            yield from guarded(rule, rule.check_variable, variable, document)


def fits(unit: Unit) -> list[Fit]:
    """Where the rules' queries fit in a unit. No query is about more than one statement of the main body."""
    cursor = QueryCursor(_compiled()[0])
    if unit.end - unit.start <= _AT_A_TIME:
        return [fit for fit in cursor.matches(unit.node) if "here" in fit[1]]
    found: list[Fit] = []
    for start in range(unit.start, unit.end, _AT_A_TIME):
        end = start + _AT_A_TIME
        cursor.set_byte_range(start, end)
        fitting = (fit for fit in cursor.matches(unit.node) if "here" in fit[1])
        found += (fit for fit in fitting if start <= fit[1]["here"][0].start_byte < end)
    return found


def guarded(rule: Rule, ask: Callable[P, Iterable[T]], *about: P.args, **more: P.kwargs) -> list[T]:
    """All that a rule answers; nothing where it fails, so that one rule's failure is not another's."""
    try:
        return list(ask(*about, **more))
    except Exception:
        log.exception("the rule %s failed", rule.code)
        return []


def _touches(node: Node, broken: Sequence[tuple[int, int]]) -> bool:
    """Whether a node touches one of the broken places, which are in order."""
    first = bisect_left(broken, node.start_byte, key=lambda place: place[1])
    return first < len(broken) and broken[first][0] <= node.end_byte


def _reaches_out(finding: Finding, room: Span) -> bool:
    spans = [finding.span, *(edit.span for edit in finding.fix.edits)] if finding.fix else [finding.span]
    return any(span.start < room.start or span.end > room.end for span in spans)


@cache
def asked(hook: str) -> tuple[Rule, ...]:
    """The rules that have this method of their own."""
    return tuple(rule for rule in _instances() if getattr(type(rule), hook) is not getattr(Rule, hook))


@cache
def _instances() -> tuple[Rule, ...]:
    return tuple(rule() for rule in all_rules())


@cache
def _compiled() -> tuple[Query, list[Rule]]:
    """All rules' queries as one, so that the tree is walked once, and the rule behind each of its patterns."""
    texts = [f"{rule.query}\n" for rule in _instances()]
    starts = list(accumulate((len(text.encode()) for text in texts), initial=0))
    query = Query(LUAU, "".join(texts))
    places = map(query.start_byte_for_pattern, range(query.pattern_count))
    return query, [_instances()[bisect_right(starts, place) - 1] for place in places]
