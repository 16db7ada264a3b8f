"""All rules over one file, and again over what an edit may have changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tree_sitter import Query, QueryCursor, Tree

from .broken import Broken
from .checks import asked, check, guarded
from .config import Config
from .finding import Finding, Span
from .global_checks import GlobalChecks
from .rule import Match, Rule
from .rules.syntax.not_checked import NotChecked
from .scopes import Update
from .side import forget_shown
from .suppressions import suppress
from .syntax_tree import BESIDE, LUAU, Clock, Document, Side, edited, parse, reparse, successor
from .units import Change, Key, Unit


def analyse(source: bytes, config: Config | None = None, path: Path | None = None) -> list[Finding]:
    """Everything that the rules have to say about a file, in order. Never raises on any bytes.

    The path, where there is one, tells on which side the script runs.
    """
    config = config or Config()
    return Analysis(source, config.side(path) if path else None).findings(config)


class Analysis:
    """A file under analysis. Its text may change; then only what the change may matter to is looked at anew.

    What is found is what a new analysis of the text would find. Only while a text that did parse does not, what was
    found before stays where it was, but for the statements that are being edited: there are its syntax errors.
    """

    def __init__(self, source: bytes, side: Side | None = None) -> None:
        self._start(source, side)

    def _start(self, source: bytes, side: Side | None) -> None:
        self.document = parse(source, side)
        self._broken: Broken | None = None
        self._globals = GlobalChecks()
        self._unchecked = list(NotChecked().scan(self.document))

    def edit(self, change: Change, source: bytes) -> None:
        """Take in that the text is ``source`` now, which is another than before where ``change`` says."""
        document, broken = self.document, self._broken
        before = broken.document if broken else document
        old = edited(before.tree, before.source, source, change)
        tree = None if self._unchecked else reparse(source, old, change)
        if tree is None:
            self._start(source, document.side)
        elif tree.root_node.has_error and not document.errors:
            self._broken = broken or Broken(document, self.every_finding())
            self._broken.edit(change, source, tree)
        else:
            self._go_on(source, tree, *(broken.edited(before.source, source, change) if broken else (old, change)))

    def _go_on(self, source: bytes, tree: Tree, old: Tree, change: Change) -> None:
        before = self.document
        self._broken = None
        self.document, update = successor(before, source, tree, old, change)
        _settle(before, self.document, change, update.keys)
        self._globals.carry(change, update.keys)
        units = self.document.scopes.units
        for unit in _beside(self.document, update, change):
            unit.checked = unit.shows = None
        for unit in units:
            if unit.checked is not None and unit.checked.depends(update.keys):
                unit.checked = None

    @property
    def newest(self) -> Document:
        """The text as it is now; ``document`` is that of the last one that did parse, while it does not."""
        return self._broken.document if self._broken else self.document

    def findings(self, config: Config | None = None) -> list[Finding]:
        """What is found, but for what comments in the file and the project's config silence, in order."""
        kept = suppress(self.newest, self.every_finding())
        return config.apply(self.newest, kept) if config else kept

    def every_finding(self) -> list[Finding]:
        """What is found before comments in the file and the project's config have a say: what a score comes from.

        What stands in a broken part of the tree is reported by the syntax rules alone: the others would be guessing.
        """
        document = self.document
        if self._broken is not None:
            return sorted(self._broken.findings(), key=_order)
        if self._unchecked:
            return list(self._unchecked)
        try:
            found = list(self._found())
        except TimeoutError:
            return [NotChecked.too_long()]
        for rule in asked("review"):
            found += guarded(rule, rule.review, document, found)
        return sorted(found, key=_order)

    def _found(self) -> Iterator[Finding]:
        document, units = self.document, self.document.scopes.units
        self._check_units()
        broken = bool(document.errors)
        for unit in units:
            yield from unit.checked.findings(unit.start, broken)
        for rule in asked("scan"):
            if not isinstance(rule, NotChecked):  # which was asked before
                yield from guarded(rule, rule.scan, document)
        if not broken:
            yield from self._globals.findings(document)
            gathered: dict[str, list[tuple[Unit, Any]]] = defaultdict(list)
            for unit in units:
                for code, each in unit.checked.gathered.items():
                    gathered[code] += ((unit, one) for one in each)
            for rule in asked("conclude"):
                if rule.code in gathered:
                    yield from guarded(rule, rule.conclude, gathered[rule.code], document)

    def _check_units(self) -> None:
        """Ask the rules about each unit that they were not asked about. Raises TimeoutError."""
        clock = Clock()
        document, units = self.document, self.document.scopes.units
        for index, unit in enumerate(units):
            if unit.checked is None:
                unit.checked = check(document, unit, _room(document, index))
                if clock.is_over():
                    raise TimeoutError


def check_rule(rule: type[Rule], document: Document) -> list[Finding]:
    """What one rule alone has to say, exceptions and all: for tests."""
    one = rule()
    matches = [Match(document, nodes) for _, nodes in QueryCursor(Query(LUAU, rule.query)).matches(document.root)]
    found = [one.finding(match) for match in matches if one.check(match)]
    for unit in document.scopes.units:
        for variable in document.scopes.variables_of(unit):
            found += one.check_variable(variable, document)
    for name in document.scopes.globals():
        found += one.check_global(name, document)
    gathered = [(unit, each) for unit in document.scopes.units for each in one.gather(unit, document)]
    found += one.conclude(gathered, document) if gathered else ()
    found += one.scan(document)
    if rule.review is not Rule.review:
        found += one.review(document, Analysis(document.source, document.side).every_finding())
    return sorted(set(found), key=_order)


def _settle(before: Document, document: Document, change: Change, keys: set[Key]) -> None:
    """Find out which facts about the file as a whole are others than before, and add their keys."""
    keys.update(document.carry_mentions(before, change))
    _forget(document, keys)
    for key, (work_out, known) in before.facts.items():
        if document.fact(key, work_out) != known:
            keys.add(key)
            _forget(document, {key})


def _forget(document: Document, keys: set[Key]) -> None:
    """Forget what was worked out from what these stand for, but for findings."""
    document.inference.shared.forget(keys)
    forget_shown(document, keys)


def _beside(document: Document, update: Update, change: Change) -> Iterator[Unit]:
    """The statements right before and after new ones, comments between included, to which it matters what stands there.

    These are those whose rules asked, and those on the same line.
    """
    units, source = document.scopes.units, document.source
    new = units[update.first : update.last]
    start = min([change.start, *(unit.start for unit in new[:1])])
    end = max([change.new_end, *(unit.end for unit in new[-1:])])
    for indexes in (range(update.first - 1, -1, -1), range(update.last, len(units))):
        for index in indexes:
            unit = units[index]
            between = source[unit.end : start] if index < update.first else source[end : unit.start]
            if b"\n" not in between or unit.checked is None or unit.checked.depends({BESIDE}):
                yield unit
            if unit.node.type != "comment":
                break


def _room(document: Document, index: int) -> Span:
    units = document.scopes.units
    if units[index].node.type == "function_declaration":
        return Span(units[index].start, units[index].end)
    start = units[index - 1].end if index else 0
    return Span(start, units[index + 1].start if index + 1 < len(units) else len(document.source))


def _order(finding: Finding) -> tuple[int, int, str]:
    return finding.span.start, finding.span.end, finding.rule
