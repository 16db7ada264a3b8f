"""Where and how to insert lines, so that they look as the file does."""

from __future__ import annotations

import re

from tree_sitter import Node

from .finding import Edit, Span
from .syntax_tree import Document

_BLANK = re.compile(r"(?<=\n)[ \t]+(?=\n)")


def starts_line(node: Node, document: Document) -> bool:
    """Whether nothing but blanks stands before a node on its line."""
    return not _before(node, document).strip()


def lines_before(node: Node, lines: str, document: Document) -> Edit:
    """Put lines before a statement, indented as it is. A tab in them is one step."""
    indent = _indent(node, document)
    return Edit(Span(node.start_byte, node.start_byte), _indented(lines + "\n", indent))


def lines_after(node: Node, lines: str, document: Document) -> Edit:
    """Put lines after a statement, indented as it is. A tab in them is one step."""
    return Edit(Span(node.end_byte, node.end_byte), _indented("\n" + lines, _indent(node, document)))


def _indented(lines: str, indent: str) -> str:
    step = "    " if indent.startswith(" ") else "\t"
    return _BLANK.sub("", lines.replace("\t", step).replace("\n", "\n" + indent))


def _indent(node: Node, document: Document) -> str:
    before = _before(node, document)
    return before[: len(before) - len(before.lstrip())]


def _before(node: Node, document: Document) -> str:
    line = document.source.rfind(b"\n", 0, node.start_byte) + 1
    return document.source[line : node.start_byte].decode("utf-8", "replace")
