from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ...finding import Finding, Span
from ...rule import Invalid, Rule
from ...syntax_tree import DEEPEST, MOST_SECONDS, Document


class NotChecked(Rule):
    """A file that is not looked at any further: code in it is nested beyond all measure, or it takes too long.

    No other rule says anything of such a file. Generated data is often written so: store it in another way.
    """

    severity = "warning"
    message = "this file is not checked"
    valid = (
        "local x = " + "(" * 100 + "1" + ")" * 100,
        "local x = 1" + " + 1" * 100,
    )
    invalid = (
        Invalid(
            f"""
   local x = {"(" * 260}1{")" * 260}
-- ^^^^^
"""
        ),
    )

    @classmethod
    def too_long(cls) -> Finding:
        """What is said of a file that takes too long."""
        return Finding(
            cls.code, Span(0, 0), f"{cls.message}: it takes more than {MOST_SECONDS:g} seconds", cls.severity
        )

    def scan(self, document: Document) -> Iterator[Finding]:
        node = document.too_deep
        if document.given_up:
            yield self.too_long()
        elif node is not None:
            while node.parent is not None and node.parent.parent is not None:
                node = node.parent
            while node.children:
                node = node.children[0]
            yield self._too_deep(Span(node.start_byte, node.end_byte))
        elif document.window is None and document.errors and _never_closed(document.source) > DEEPEST:
            yield self._too_deep(Span(0, 0))

    def _too_deep(self, span: Span) -> Finding:
        message = f"{self.message}: this is nested more than {DEEPEST} levels deep"
        return Finding(self.code, span, message, self.severity)


def _never_closed(source: bytes) -> int:
    """How many brackets or blocks are open at the end, about: where they are never closed, the tree does not show the
    nesting.
    """
    words = Counter(re.findall(rb"[(){}]|\b(?:do|then|function|end)\b", source))
    blocks = words[b"do"] + words[b"then"] + words[b"function"] - words[b"end"]
    return max(words[b"("] - words[b")"], words[b"{"] - words[b"}"], blocks)
