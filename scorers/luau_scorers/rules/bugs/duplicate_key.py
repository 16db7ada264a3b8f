from __future__ import annotations

from tree_sitter import Node

from ...finding import Finding, Span
from ...nodes import string_value, text
from ...rule import Invalid, Match, Rule
from ...values import number_value


class DuplicateKey(Rule):
    """The same key twice in one table.

    The later value replaces the first one without a word. Reported at the second place.
    """

    severity = "warning"
    message = "this key is in the table already"
    also_in = ("luau-lsp", "selene")
    luau_lints = ("TableLiteral",)
    query = """
      (table_constructor (field name: (_))) @here
    """
    valid = (
        'local t = { a = 1, b = 2, ["c"] = 3, [d] = 4, [d] = 5 }',
        'local t = { 1, [2] = "b" }',
        "local ranks = {\n\t[-1] = 'guest', -- nobody\n\t[0] = 'player', -- all\n\t[1] = 'owner',\n}",
    )
    invalid = (
        Invalid(
            """
local prices = {
    sword = 10,
    ["sword"] = 20,
--  ^^^^^^^^^^^^^^
}
"""
        ),
        Invalid(
            """
local names = { "a", "b", [1] = "c" }
--                        ^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return _repeated(match["here"]) is not None

    def finding(self, match: Match) -> Finding:
        field = _repeated(match["here"]) or match["here"]
        message = f"`{text(field.child_by_field_name('name'))}` is in this table already: the later value replaces it"
        return Finding(self.code, Span(field.start_byte, field.end_byte), message, self.severity)


def _repeated(table: Node) -> Node | None:
    """The first field whose key came before."""
    seen: set[str | float] = set()
    place = 0
    for field in table.named_children:
        if field.type != "field":
            continue
        name = field.child_by_field_name("name")
        if name is None:
            place += 1
        key = place if name is None else _key(name)
        if name is not None and key in seen:
            return field
        if key is not None:
            seen.add(key)
    return None


def _key(name: Node) -> str | float | None:
    return text(name) if _is_plain(name) else string_value(name) or number_value(name)


def _is_plain(name: Node) -> bool:
    before = name.prev_sibling
    return name.type == "identifier" and (before is None or before.type != "[")
