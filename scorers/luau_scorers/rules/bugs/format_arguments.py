from __future__ import annotations

import re

from tree_sitter import Node

from ...nodes import arguments, method
from ...rule import Invalid, Match, Rule
from ...values import gives_many

DIRECTIVE = re.compile(r"%(?:%|[-+ #0]*\d*(?:\.\d*)?([A-Za-z*]))")
_KNOWN = frozenset("cdiouxXeEfFgGaAqsp*")


class FormatArguments(Rule):
    """`string.format` with more `%d`, `%s` and so on than values, or a directive that it does not know.

    A missing value raises an error when it runs; one too many is dropped.
    """

    severity = "warning"
    message = "the format and its values do not fit"
    also_in = ("luau-lsp",)
    luau_lints = ("FormatString",)
    query = """
      (function_call
        name: (dot_index_expression
          table: (identifier) @library (#eq? @library "string")
          field: (identifier) @format (#eq? @format "format"))
        arguments: (arguments . (string) @text)) @here
      (function_call
        name: (method_index_expression
          table: (parenthesized_expression (string) @text)
          method: (identifier) @format (#eq? @format "format"))) @here
    """
    valid = (
        'print(string.format("%d of %s, 100%%", 1, "coins"), ("%.2f %5.d"):format(read()), ("%s"):rep(2, ", "))',
        'print(string.format("%s %s", ...), string.rep("%s %s", 2), other.format("%s"))',
        "print(string.format(`{a}%s`))",
        'local string = require(script.text)\nprint(string.format("%s"))',
    )
    invalid = (
        Invalid(
            """
print(string.format("%d of %d", 1))
--    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
print(("%d"):format(1, 2))
--    ^^^^^^^^^^^^^^^^^^^
"""
        ),
        Invalid(
            """
print(string.format("%y", 1))
--    ^^^^^^^^^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return bool(_mistake(match))

    def describe(self, match: Match) -> str:
        return _mistake(match)


def _mistake(match: Match) -> str:
    """What is wrong with this call; empty where nothing is."""
    call, pattern = match["here"], match["text"]
    values = arguments(call)
    if not method(call):
        if not match.document.scopes.builtin(match["library"]):
            return ""
        values = values[1:]
    if any(child.type == "interpolation" for child in pattern.named_children):
        return ""
    directives = [found for found in DIRECTIVE.findall(match.text("text")) if found]
    unknown = [each for each in directives if each not in _KNOWN]
    if unknown:
        return f"`%{unknown[0]}` is no directive of string.format"
    return _misfit(len(directives), values)


def _misfit(wanted: int, values: list[Node]) -> str:
    given = len(values)
    open_ended = bool(values) and gives_many(values[-1])
    if (given < wanted and not open_ended) or given - open_ended > wanted:
        return f"the format takes {wanted} value{'s' * (wanted != 1)}, this gives {given}"
    return ""
