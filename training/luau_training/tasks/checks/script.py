"""One file of an answer, and places in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from luau_scorers.engine import Analysis
from luau_scorers.finding import Finding
from luau_scorers.handlers import function_meant
from luau_scorers.nodes import descendants, string_value, text
from luau_scorers.scopes import Variable
from luau_scorers.syntax_tree import Document
from tree_sitter import Node

INDEXES = ("dot_index_expression", "method_index_expression")


class Place(NamedTuple):
    """A node, and the script that it is in."""

    script: Script
    node: Node

    @property
    def key(self) -> tuple[str, int, int, str]:
        return self.script.name, self.node.start_byte, self.node.end_byte, self.node.type

    @property
    def line(self) -> int:
        return self.node.start_point[0] + 1


@dataclass(frozen=True)
class Script:
    """One file of an answer."""

    name: str
    document: Document

    @property
    def stem(self) -> str:
        """The name that other scripts require it by."""
        return self.name.split("/")[-1].split(".")[0]

    @cached_property
    def nodes(self) -> list[Node]:
        return list(descendants(self.document.root))

    @cached_property
    def variables(self) -> list[Variable]:
        """Every local that the script names."""
        named = (self.document.scopes.variable(node) for node in self.nodes if node.type == "identifier")
        return list({id(variable): variable for variable in named if variable is not None}.values())

    @cached_property
    def findings(self) -> list[Finding]:
        return Analysis(self.document.source).every_finding()

    @cached_property
    def methods(self) -> dict[str, list[Node]]:
        """The functions that are fields of a table, by the field's name."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name, function in self._fields(node):
                if function is not None:
                    found.setdefault(name, []).append(function)
        return found

    def _fields(self, node: Node) -> Iterator[tuple[str, Node | None]]:
        name = node.child_by_field_name("name")
        if node.type == "function_declaration" and name is not None and name.type in INDEXES:
            yield field_name(name), node
        elif node.type == "field" and name is not None:
            value = node.child_by_field_name("value")
            yield string_value(name) or text(name), function_meant(value, self.document.scopes)
        elif node.type == "assignment_statement" and len(node.named_children) == 2:
            targets, values = (part.named_children for part in node.named_children)
            for target, value in zip(targets, values, strict=False):
                if target.type in INDEXES:
                    yield field_name(target), function_meant(value, self.document.scopes)


def field_name(index: Node) -> str:
    """``name`` in ``x.name`` and ``x:name``."""
    return text(index.child_by_field_name("field") or index.child_by_field_name("method"))
