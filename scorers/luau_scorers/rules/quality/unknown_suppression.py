from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from ...finding import Finding
from ...rule import Invalid, Rule, all_rules
from ...suppressions import LUAU_LINTS, nolints, removal, suppressions
from ...syntax_tree import Document


class UnknownSuppression(Rule):
    """A comment that is to silence a rule, but names none that there is.

    It silences nothing. Write `-- luau-lsp-ai: allow(rule)` at the end of a line or above it, or
    `-- luau-lsp-ai: allow-file(rule)` for the whole file; several rules go with commas between them, and a reason may
    follow. After `--!nolint` comes the name of one of Luau's own lints. The fix, which is safe, takes the name away.
    """

    severity = "info"
    message = "this silences nothing"
    valid = (
        "-- luau-lsp-ai: allow(unused-local) plugins read it\nlocal count = 1",
        "local count = 1 -- luau-lsp-ai: allow(unused-local, global-function)",
        'print("-- luau-lsp-ai: allow(nothing)")',
        "--!nolint LocalUnused\nlocal count = 1",
        "--!nolint\nlocal count = 1",
        "local count = 1\n--!nolint AfterCodeItMeansNothing",
    )
    invalid = (
        Invalid(
            """
local count = 1 -- luau-lsp-ai: allow(unused-locals)
--                                    ^^^^^^^^^^^^^
""",
            fixed="""
local count = 1
""",
        ),
        Invalid(
            """
do
    -- luau-lsp-ai: allow-file(speed, unused-local)
--                             ^^^^^
end
""",
            fixed="""
do
    -- luau-lsp-ai: allow-file(unused-local)
end
""",
        ),
        Invalid(
            """
    -- luau-lsp-ai: unused-local
--  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
local count = 1
""",
            fixed="""
local count = 1
""",
        ),
        Invalid(
            """
--!nolint UnusedLocal
--        ^^^^^^^^^^^
""",
            fixed="""
""",
        ),
    )

    def scan(self, document: Document) -> Iterator[Finding]:
        codes = [rule.code for rule in all_rules()]
        for comment in suppressions(document):
            if not comment.names:
                fix = removal(document, comment.comment)
                message = "write `luau-lsp-ai: allow(rule)` or `luau-lsp-ai: allow-file(rule)`"
                yield Finding(self.code, comment.comment, message, self.severity, fix)
            for name in comment.names:
                if name.text not in codes:
                    fix = removal(document, comment.comment, name.span if len(comment.names) > 1 else None)
                    message = f"there is no rule `{name.text}`{_nearest(name.text, codes)}"
                    yield Finding(self.code, name.span, message, self.severity, fix)
        for nolint in nolints(document):
            name = nolint.name
            if name.text and name.text not in LUAU_LINTS:
                message = f"Luau has no lint `{name.text}`{_nearest(name.text, LUAU_LINTS)}"
                yield Finding(self.code, name.span, message, self.severity, removal(document, nolint.comment))


def _nearest(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, n=1)
    return f": is it `{near[0]}`?" if near else ""
