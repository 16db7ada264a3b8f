"""A text that does not parse while it is being edited: what was found before stays, but for what is edited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Tree

from .carrying import carried
from .checks import asked, guarded
from .finding import Finding, Span
from .syntax_tree import Document, edited
from .units import Change

# So many statements around what is edited are read for what is wrong.
_AROUND = 2


class Broken:
    """``document`` is the newest text, ``last`` the last one that did parse, and ``found`` what was found there."""

    def __init__(self, last: Document, found: Sequence[Finding]) -> None:
        self.document = last
        self._last = last
        self._found = found
        self._tree = last.tree
        self._change: Change | None = None

    def edited(self, before: bytes, source: bytes, change: Change) -> tuple[Tree, Change]:
        """The tree of the text that did parse, told of all changes since and of this one, and all of them in one."""
        return edited(self._tree, before, source, change), self._change.then(change) if self._change else change

    def edit(self, change: Change, source: bytes, tree: Tree) -> None:
        """Take in one more change, and the newest text with its tree."""
        self._tree, self._change = self.edited(self.document.source, source, change)
        self.document = Document(source, tree, self._last.side, window=self._around(self._change, _AROUND))

    def findings(self) -> Iterator[Finding]:
        """What was found outside of the statements that are edited, and what is wrong with the syntax."""
        assert self._change is not None
        touched = self._around(self._change, 0)
        shift = self._change.new_end - self._change.old_end
        for finding in self._found:
            if (moved := carried(finding, touched.start, touched.end - shift, shift)) is not None:
                yield moved
        for rule in asked("scan"):
            yield from guarded(rule, rule.scan, self.document)

    def _around(self, change: Change, more: int) -> Span:
        """The statements that a change touches and so many more on each side, as a place in the newest text."""
        units = self._last.scopes.units
        first = sum(unit.end < change.start for unit in units) - more
        last = len(units) - sum(unit.start > change.old_end for unit in units) + more
        start = units[first].start if 0 <= first < len(units) else 0 if more else change.start
        end = units[last - 1].end if 0 < last <= len(units) else len(self._last.source) if more else change.old_end
        return Span(min(start, change.start), max(end, change.old_end) + change.new_end - change.old_end)
