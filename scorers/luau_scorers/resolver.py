"""What each name in one statement of a file's main body refers to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tree_sitter import Node

VariableKind = Literal["local", "function", "parameter", "loop"]


@dataclass(eq=False, slots=True)
class Local:
    """A local name, from its declaration to the end of its block.

    ``value`` is what it is declared with, where that is one expression of its own. ``in_types`` is true where a type
    may use the name. ``exported`` where other scripts read it. ``hides`` is the local of the same name that its
    declaration puts out of reach: of the same block, or of a loop around this one.
    """

    name: str
    declared: Node
    kind: VariableKind
    value: Node | None = None
    reads: list[Node] = field(default_factory=list)
    writes: list[Node] = field(default_factory=list)
    in_types: bool = False
    exported: bool = False
    hides: Local | None = None

    @property
    def is_read(self) -> bool:
        """Whether anything reads it."""
        return bool(self.reads)


@dataclass(slots=True)
class Uses:
    """Where a statement uses a name of the file's main body, or a global."""

    reads: list[Node] = field(default_factory=list)
    writes: list[Node] = field(default_factory=list)
    in_types: bool = False


@dataclass(slots=True)
class Names:
    """All names of one statement.

    ``declared`` are the locals it adds to the main body, ``inner`` those inside of it, in order; ``outer`` is what it
    uses of what it does not declare. ``meant`` maps the byte where a use starts to what is meant: a local, or the name
    of something outside.
    """

    declared: list[Local] = field(default_factory=list)
    inner: list[Local] = field(default_factory=list)
    outer: dict[str, Uses] = field(default_factory=dict)
    meant: dict[int, Local | str] = field(default_factory=dict)


def resolve(statement: Node, source: bytes) -> Names:
    """Resolve every name in a statement of the main body. A broken one gives what can be had."""
    resolver = _Resolver(source)
    resolver.visit(statement)
    return resolver.found


class _Resolver:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.found = Names()
        self.blocks: list[dict[str, Local]] = [{}]

    def text(self, node: Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def visit(self, node: Node) -> None:
        pending = [node]
        while pending:
            node = pending.pop()
            kind = node.type
            if kind == "identifier":
                self.read(node)
            elif handler := _HANDLERS.get(kind):
                handler(self, node)
            elif kind.endswith("_type") or kind in _TYPES:
                self.type_names(node)
            elif kind not in _LEAVES:
                pending += reversed(node.named_children)

    def children(self, node: Node) -> None:
        for child in node.named_children:
            self.visit(child)

    def block(self, node: Node) -> None:
        self.blocks.append({})
        self.children(node)
        self.blocks.pop()

    def lookup(self, name: str) -> Local | None:
        for block in reversed(self.blocks):
            if name in block:
                return block[name]
        return None

    def declare(self, name: Node, kind: VariableKind, value: Node | None = None) -> Local:
        local = Local(self.text(name), name, kind, value)
        local.hides = self.blocks[-1].get(local.name) if kind != "loop" else self.lookup(local.name)
        self.blocks[-1][local.name] = local
        (self.found.declared if len(self.blocks) == 1 else self.found.inner).append(local)
        self.found.meant[name.start_byte] = local
        return local

    def use(self, node: Node) -> Local | Uses:
        """What a name means at this place."""
        name = self.text(node)
        if local := self.lookup(name):
            self.found.meant[node.start_byte] = local
            return local
        self.found.meant[node.start_byte] = name
        return self.outer(name)

    def outer(self, name: str) -> Uses:
        uses = self.found.outer.get(name)
        if uses is None:
            uses = self.found.outer[name] = Uses()
        return uses

    def read(self, node: Node) -> None:
        self.use(node).reads.append(node)

    def write(self, node: Node) -> None:
        self.use(node).writes.append(node)

    def type_names(self, node: Node) -> None:
        if node.type == "identifier":
            name = self.text(node)
            (self.lookup(name) or self.outer(name)).in_types = True
        for child in node.named_children:
            self.type_names(child)

    def types_after_names(self, node: Node) -> list[Node]:
        """The names that a list declares; types in between are noted as such."""
        names = []
        for index, child in enumerate(node.children):
            if node.field_name_for_child(index) == "name":
                names.append(child)
            elif child.is_named:
                self.type_names(child)
        return names

    def local(self, node: Node) -> None:
        names: list[Node] = []
        values: list[Node] = []
        for child in node.named_children:
            parts = child.named_children if child.type == "assignment_statement" else [child]
            for part in parts:
                if part.type == "variable_list":
                    names = self.types_after_names(part)
                elif part.type == "expression_list":
                    values = part.named_children
                    self.children(part)
        exported = node.children[0].type == "export"
        for index, name in enumerate(names):
            local = self.declare(name, "local", values[index] if index < len(values) else None)
            local.exported = exported

    def assignment(self, node: Node) -> None:
        for child in reversed(node.named_children):
            if child.type != "variable_list":
                self.visit(child)
                continue
            for target in child.named_children:
                if target.type == "identifier":
                    self.write(target)
                else:
                    self.visit(target)

    def update(self, node: Node) -> None:
        self.children(node)
        self.assignment(node)

    def function(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        method = False
        if name is not None and name.type == "identifier":
            words = {child.type for child in node.children}
            if not words & {"local", "const", "export"}:
                self.write(name)
            else:
                self.declare(name, "function", node).exported = "export" in words
        elif name is not None:
            self.visit(name)
            method = name.type == "method_index_expression"
        self.body(node, name if method else None)

    def body(self, node: Node, method: Node | None = None) -> None:
        self.blocks.append({})
        if method is not None:
            self.blocks[-1]["self"] = Local("self", method, "parameter")
        for index, child in enumerate(node.children):
            role = node.field_name_for_child(index)
            if role == "parameters":
                self.parameters(child)
            elif role == "body":
                self.block(child)
            elif role != "name" and child.is_named:
                self.type_names(child)
        self.blocks.pop()

    def parameters(self, node: Node) -> None:
        for parameter in node.named_children:
            parts = parameter.named_children
            for index, part in enumerate(parts):
                if index == 0 and part.type == "identifier":
                    self.declare(part, "parameter")
                else:
                    self.type_names(part)

    def loop(self, node: Node) -> None:
        self.blocks.append({})
        for child in node.named_children:
            if child.type == "for_numeric_clause":
                self.numeric_clause(child)
            elif child.type == "for_generic_clause":
                self.generic_clause(child)
            else:
                self.visit(child)
        self.blocks.pop()

    def numeric_clause(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        for index, child in enumerate(node.children):
            if node.field_name_for_child(index) in ("start", "end", "step"):
                self.visit(child)
            elif child.is_named and child != name:
                self.type_names(child)
        if name is not None:
            self.declare(name, "loop")

    def generic_clause(self, node: Node) -> None:
        names: list[Node] = []
        for child in node.named_children:
            if child.type == "variable_list":
                names = self.types_after_names(child)
            else:
                self.visit(child)
        for name in names:
            self.declare(name, "loop")

    def repeat(self, node: Node) -> None:
        # The condition sees the locals of the body.
        self.blocks.append({})
        for child in node.named_children:
            if child.type == "block":
                self.children(child)
            else:
                self.visit(child)
        self.blocks.pop()

    def index(self, node: Node) -> None:
        if table := node.child_by_field_name("table"):
            self.visit(table)

    def table_field(self, node: Node) -> None:
        in_brackets = bool(node.children) and node.children[0].type == "["
        for index, child in enumerate(node.children):
            if child.is_named and (in_brackets or node.field_name_for_child(index) != "name"):
                self.visit(child)

    def cast(self, node: Node) -> None:
        value, *types = node.named_children
        self.visit(value)
        for part in types:
            self.type_names(part)


_LEAVES = frozenset(("comment", "number", "string_content", "true", "false", "nil", "vararg_expression"))
_TYPES = frozenset(("type_definition", "type_function", "type_arguments", "generic_type_list"))
_HANDLERS = {
    "block": _Resolver.block,
    "variable_declaration": _Resolver.local,
    "assignment_statement": _Resolver.assignment,
    "update_statement": _Resolver.update,
    "function_declaration": _Resolver.function,
    "function_definition": _Resolver.body,
    "for_statement": _Resolver.loop,
    "repeat_statement": _Resolver.repeat,
    "dot_index_expression": _Resolver.index,
    "method_index_expression": _Resolver.index,
    "field": _Resolver.table_field,
    "cast_expression": _Resolver.cast,
}
