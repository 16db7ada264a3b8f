"""The base class of all rules, and the one place that finds them."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from tree_sitter import Node

from .finding import Finding, Fix, Severity, Span
from .scopes import Variable
from .syntax_tree import Document
from .units import Unit


@dataclass(frozen=True, slots=True)
class Invalid:
    """Luau that the rule must report.

    A ``-- ^^^`` comment under a line marks each range that must be reported, and nothing else may be.
    ``fixed`` is the text after every fix is applied, or None when the rule offers no fix for it.
    """

    code: str
    fixed: str | None = None


class Match:
    """One place where a rule's query fits: ``match["name"]`` is the node captured as ``@name``."""

    __slots__ = ("document", "nodes")

    def __init__(self, document: Document, nodes: dict[str, list[Node]]) -> None:
        self.document = document
        self.nodes = nodes

    def __getitem__(self, capture: str) -> Node:
        return self.nodes[capture][0]

    def text(self, capture: str) -> str:
        return self.document.text(self.nodes[capture][0])

    def span(self, capture: str) -> Span:
        node = self.nodes[capture][0]
        return Span(node.start_byte, node.end_byte)


class Rule:
    """One check. The module's file name is the rule's code; the class docstring is its page in the docs.

    Most rules are a query and a check. Others look at each local or each global, at what they gather from the file's
    statements, or at the file as a whole.
    """

    severity: ClassVar[Severity]
    message: ClassVar[str]
    query: ClassVar[str] = ""  # tree-sitter query; the reported node is captured as @here
    valid: ClassVar[tuple[str, ...]]
    invalid: ClassVar[tuple[Invalid, ...]]
    also_in: ClassVar[tuple[str, ...]] = ()  # the tools that report the same: "luau-lsp", "selene"
    luau_lints: ClassVar[tuple[str, ...]] = ()  # Luau's own lints that mean the same, as ``--!nolint`` names them
    reports_globals: ClassVar[bool] = False  # what is reported is a global's name, which a config file may declare

    code: ClassVar[str]  # set from the module's name
    group: ClassVar[str]  # set from the folder's name

    def __init_subclass__(cls) -> None:
        *_, group, module = cls.__module__.split(".")
        cls.code, cls.group = module.replace("_", "-"), group

    def check(self, match: Match) -> bool:
        """Whether this match is really a problem."""
        return True

    def describe(self, match: Match) -> str:
        """The message for this match."""
        return self.message

    def fix(self, match: Match) -> Fix | None:
        """How to repair it, if that is known."""
        return None

    def check_variable(self, variable: Variable, document: Document) -> Iterator[Finding]:
        """What a local and all its uses show."""
        return iter(())

    def check_global(self, name: str, document: Document) -> Iterator[Finding]:
        """What all uses of a global show. It is asked after each edit, for every global of the file."""
        return iter(())

    def gather(self, unit: Unit, document: Document) -> Sequence[Any]:
        """What ``conclude`` wants to know of one statement of the main body. Offsets in it count from its start."""
        return ()

    def conclude(self, gathered: Sequence[tuple[Unit, Any]], document: Document) -> Iterator[Finding]:
        """What all that was gathered from the file shows."""
        return iter(())

    def scan(self, document: Document) -> Iterator[Finding]:
        """What only the whole file shows. It is asked after each edit."""
        return iter(())

    def review(self, document: Document, found: list[Finding]) -> Iterator[Finding]:
        """What only the findings of all other rules show."""
        return iter(())

    def finding(self, match: Match) -> Finding:
        return Finding(self.code, match.span("here"), self.describe(match), self.severity, self.fix(match))


@cache
def all_rules() -> tuple[type[Rule], ...]:
    """Every rule under ``rules/``, by code. Adding a file there is all it takes to add a rule."""
    from . import rules

    for info in pkgutil.walk_packages(rules.__path__, rules.__name__ + "."):
        importlib.import_module(info.name)
    return tuple(sorted(Rule.__subclasses__(), key=lambda rule: rule.code))


_CARETS = re.compile(rb"^\s*-- *(\^+) *$")


def marked(code: str) -> tuple[bytes, list[Span]]:
    """Split an example into its Luau and the ranges its caret comments mark."""
    out: list[bytes] = []
    spans: list[Span] = []
    previous = 0
    for line in code.encode().splitlines(keepends=True):
        if found := _CARETS.match(line.rstrip(b"\n")):
            spans.append(Span(previous + found.start(1), previous + found.end(1)))
            continue
        previous = sum(map(len, out))
        out.append(line)
    return b"".join(out), spans
