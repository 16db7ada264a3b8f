"""What the rules find about each global of a file, kept for as long as nothing changes that it was made from."""

from __future__ import annotations

from collections.abc import Iterator

from .carrying import carried
from .checks import asked, guarded
from .finding import Finding
from .syntax_tree import Document
from .units import Change, Key


class GlobalChecks:
    """The findings about each global, and the keys of what was asked for them."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[list[Finding], set[Key]]] = {}

    def findings(self, document: Document) -> Iterator[Finding]:
        """What is found about all globals of the document."""
        known, self._known = self._known, {}
        for name in document.scopes.globals():
            self._known[name] = known.get(name) or _check(name, document)
            yield from self._known[name][0]

    def carry(self, change: Change, keys: set[Key]) -> None:
        """Take in a change of the text, and forget what may be another with it."""
        shift = change.new_end - change.old_end
        known, self._known = self._known, {}
        for name, (found, looked) in known.items():
            if looked.isdisjoint(keys):
                moved = [carried(finding, change.start, change.old_end, shift) for finding in found]
                kept = [new for old, new in zip(found, moved, strict=True) if new and bool(new.fix) == bool(old.fix)]
                if len(kept) == len(found):
                    self._known[name] = kept, looked


def _check(name: str, document: Document) -> tuple[list[Finding], set[Key]]:
    with document.scopes.looked.apart() as looked:
        document.inference.forget_nodes()
        found = [each for rule in asked("check_global") for each in guarded(rule, rule.check_global, name, document)]
    return found, looked
