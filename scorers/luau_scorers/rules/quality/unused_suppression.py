from __future__ import annotations

from collections.abc import Iterator

from ...finding import Finding
from ...rule import Invalid, Rule, all_rules
from ...suppressions import removal, suppressions
from ...syntax_tree import Document


class UnusedSuppression(Rule):
    """A comment that silences a rule where that rule finds nothing.

    The problem is gone, or was never there; left alone, the comment would hide the next one. The fix takes it away,
    which is safe. Nothing is said of files that do not parse: there most rules are silent.
    """

    severity = "hint"
    message = "this silences nothing"
    valid = (
        "-- luau-lsp-ai: allow(unused-local)\n\n-- counts\nlocal count = 1",
        "-- luau-lsp-ai: allow-file(unused-local)\nprint(1)\nlocal count = 1",
    )
    invalid = (
        Invalid(
            """
local count = 1 -- luau-lsp-ai: allow(unused-local)
--                                    ^^^^^^^^^^^^
print(count)
""",
            fixed="""
local count = 1
print(count)
""",
        ),
        Invalid(
            """
    -- luau-lsp-ai: allow(unused-local, global-function) read by plugins
--                                      ^^^^^^^^^^^^^^^
local count = 1
""",
            fixed="""
    -- luau-lsp-ai: allow(unused-local) read by plugins
local count = 1
""",
        ),
    )

    def review(self, document: Document, found: list[Finding]) -> Iterator[Finding]:
        if document.errors:
            return
        codes = {rule.code for rule in all_rules()} - {self.code}
        for comment in suppressions(document):
            for name in comment.names:
                if name.text in codes and not any(comment.covers(finding, name) for finding in found):
                    fix = removal(document, comment.comment, name.span if len(comment.names) > 1 else None)
                    yield Finding(self.code, name.span, f"`{name.text}` finds nothing here", self.severity, fix)
