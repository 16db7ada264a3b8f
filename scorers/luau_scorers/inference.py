"""What class or datatype the value of an expression has, where that is certain.

A type is written as the API table writes it: ``Player``, ``Vector3``, ``{ Player }``, ``Enum.Material`` for an item;
``Enums.Material`` is the enum itself. A value that may be nil counts as what it is otherwise. A class stands for its
subclasses as well: what is known as a ``BasePart`` may be a ``MeshPart``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tree_sitter import Node

from .guards import Guard, guards
from .links import Shared
from .nodes import arguments, callee, calls_builtin, method, receiver, string_value
from .passing import Given, Handed, iterated, passed, values
from .remembered import Remembered
from .resolver import Local
from .roblox_api import Api, Member
from .scopes import Variable

if TYPE_CHECKING:
    from .syntax_tree import Document

_GLOBALS = {
    "game": "DataModel",
    "Game": "DataModel",
    "workspace": "Workspace",
    "Workspace": "Workspace",
    "script": "LuaSourceContainer",
    "plugin": "Plugin",
    "Enum": "Enums",
}
# The argument of these names the class of what they return; nothing but an instance has such methods.
CLASS_FINDERS = (
    "FindFirstChildOfClass",
    "FindFirstChildWhichIsA",
    "FindFirstAncestorOfClass",
    "FindFirstAncestorWhichIsA",
)
# Whatever the remote is reached by, these hand over the player first.
_PLAYER_FIRST = ("OnServerEvent", "OnServerInvoke")
_INSTANCE_SIGNALS = ("GetInstanceAddedSignal", "GetInstanceRemovedSignal")
# Methods for which the table names a wider type than is true.
_RETURNS = {("Players", "GetPlayers"): "{ Player }", ("Player", "GetMouse"): "Mouse"}
_SIMPLE_TYPE = re.compile(r"([A-Za-z_]\w*)\??")
_ARRAY = re.compile(r"\{ *(\w+) *\}")


class Inference:
    """The types of one file's expressions, each worked out when it is first asked for.

    ``shared`` has those of the main body's locals, from an earlier version of the text as far as they still hold.
    """

    def __init__(self, document: Document, shared: Remembered[Shared, str | None] | None = None) -> None:
        self.document = document
        self.scopes = document.scopes
        self.api = Api.load()
        self._types: dict[int, str | None] = {}
        self._variables: dict[Variable, str | None] = {}
        self.shared = shared or Remembered[Shared, "str | None"](document.scopes.looked, None)
        self._guards: dict[Variable, list[Guard]] = {}

    def forget_nodes(self) -> None:
        """Forget all but what is known of the main body's locals, and what that depends on.

        To be called before another statement is looked at, so that what is asked for it is asked anew.
        """
        self._types, self._variables, self._guards = {}, {}, {}

    def class_of(self, node: Node) -> str | None:
        """The class or the datatype of an expression's value; None where it is not certain, or of another kind."""
        found = self.type_of(node)
        return found if found is not None and not found.startswith("{") else None

    def type_of(self, node: Node) -> str | None:
        """The same, arrays included."""
        if node.id not in self._types:
            self._types[node.id] = None  # what depends on itself is not known
            self._types[node.id] = self._infer(node)
        return self._types[node.id]

    def member(self, cls: str, name: str) -> Member | None:
        """A member of a class or of a datatype's values."""
        if self.api.cls(cls) is not None:
            return self.api.member(cls, name)
        owner, dot, _ = cls.partition(".")
        datatype = self.api.datatype({"Enum": "EnumItem", "Enums": "Enum"}[owner] if dot else cls)
        return datatype.members.get(name) if datatype else None

    def _infer(self, node: Node) -> str | None:
        if node.type == "identifier":
            return self._name(node)
        if node.type == "dot_index_expression":
            return self._index(node)
        if node.type == "function_call":
            return self._call(node)
        if node.type == "parenthesized_expression":
            return self.type_of(node.named_children[0])
        if node.type == "cast_expression":
            return self._annotation(node.named_children[-1])
        if node.type == "binary_expression":
            return self._operation(node)
        return None

    def known(self, written: str | None) -> str | None:
        """A type of the table without what makes it optional, where it is a class, a datatype or an array of them."""
        name = (written or "").removesuffix("?")
        if array := _ARRAY.fullmatch(name):
            return name if self.known(array[1]) else None
        if name.startswith("Enum."):
            return name
        return name if self.api.cls(name) or self.api.datatype(name) else None

    # Names

    def _name(self, node: Node) -> str | None:
        variable = self.scopes.variable(node)
        if variable is None:
            name = self.document.text(node)
            return _GLOBALS.get(name) if name in _GLOBALS and self.scopes.builtin(node) else None
        declared = self._variable(variable)
        for guard in self._guards_of(variable, node):
            holds = guard.start <= node.start_byte < guard.end and self.known(guard.cls) is not None
            if holds and (declared is None or self.api.is_a(guard.cls, declared)):
                declared = guard.cls
        return declared

    def _guards_of(self, variable: Variable, node: Node) -> list[Guard]:
        if variable not in self._guards:
            reads = variable.reads if isinstance(variable, Local) else self.scopes.tests(variable, node)
            self._guards[variable] = [] if variable.writes else list(guards(reads, self.scopes))
        return self._guards[variable]

    def _variable(self, variable: Variable) -> str | None:
        if isinstance(variable, Shared):
            return self.shared.ask(variable, self._shared_variable)
        if variable not in self._variables:
            self._variables[variable] = None
            self._variables[variable] = self._declared(variable)
        return self._variables[variable]

    def _shared_variable(self, variable: Shared) -> str | None:
        kept = self._types, self._variables, self._guards
        self.forget_nodes()
        found = self._declared(variable)
        self._types, self._variables, self._guards = kept
        return found

    def _declared(self, variable: Variable) -> str | None:
        if variable.name == "self" and variable.declared.type != "identifier":
            return None
        colon = variable.declared.next_sibling
        if colon is not None and colon.type == ":":
            annotated = self._annotation(colon.next_named_sibling)
            return None if annotated and self._contradicted(variable, annotated) else annotated
        if variable.kind == "local":
            return self._same(values(variable))
        if variable.writes:
            return None
        if variable.kind == "loop":
            return self._element(iterated(variable.declared))
        return self._same(passed(variable.declared, self.scopes)) if variable.kind == "parameter" else None

    def _contradicted(self, variable: Variable, annotated: str) -> bool:
        """Whether a local is given something that its annotation rules out: then the annotation is a slip."""
        given = {self.type_of(value) for value in values(variable) if isinstance(value, Node)} - {None, annotated}
        known = [kind for kind in given if kind and variable.kind == "local"]
        return any(not self.api.is_a(kind, annotated) and not self.api.is_a(annotated, kind) for kind in known)

    def _annotation(self, node: Node | None) -> str | None:
        simple = _SIMPLE_TYPE.fullmatch(self.document.text(node)) if node is not None else None
        if simple is None or simple[1] in self.document.fact(("types",), lambda document: document.scopes.own_types()):
            return None
        return self.known(simple[1])

    def _same(self, values: Iterable[Given]) -> str | None:
        """The type that all these have; nil is left out, and None means that one of them is not known."""
        found: str | None = None
        for value in values:
            if isinstance(value, Node) and value.type == "nil":
                continue
            kind = self.type_of(value) if isinstance(value, Node) else self._handed(value)
            if kind is None or (found is not None and kind != found):
                return None
            found = kind
        return found

    def _element(self, array: Node | None) -> str | None:
        """What is in an array, or in ``ipairs`` of it."""
        if array is not None and any(calls_builtin(array, name, self.scopes) for name in ("ipairs", "pairs")):
            array = next(iter(arguments(array)), array)
        found = _ARRAY.fullmatch(self.type_of(array) or "") if array is not None else None
        return found[1] if found else None

    def _handed(self, handed: Handed | None) -> str | None:
        """What an event hands to the parameter of a function that is connected to it."""
        if handed is None:
            return None
        signal, index = handed.signal, handed.index
        if signal.type == "function_call":
            return "Instance" if index == 0 and method(signal) in _INSTANCE_SIGNALS else None
        table, field = signal.child_by_field_name("table"), signal.child_by_field_name("field")
        if signal.type != "dot_index_expression" or table is None or field is None:
            return None
        name = self.document.text(field)
        if name in _PLAYER_FIRST:
            return "Player" if index == 0 else None
        owner = self.class_of(table)
        event = self.member(owner, name) if owner else None
        if event is None or event.kind != "event" or index >= len(event.parameters):
            return None
        return self.known(event.parameters[index])

    # Expressions

    def _index(self, node: Node) -> str | None:
        table, field = node.child_by_field_name("table"), node.child_by_field_name("field")
        if table is None or field is None:
            return None
        name = self.document.text(field)
        if (static := self._static(table)) is not None:
            constant = self.api.datatype(static)
            found = constant.static.get(name) if constant else None
            return self.known(found.type) if found and found.kind == "property" else None
        owner = self.class_of(table)
        if owner is None:
            return None
        if owner == "Enums":
            return f"Enums.{name}" if self.api.enum(name) is not None else None
        if owner.startswith("Enums."):
            return owner.replace("Enums", "Enum") if name in (self.api.enum(owner[6:]) or ()) else None
        member = self.member(owner, name)
        if member is None or member.kind in ("method", "callback"):
            return None
        return "RBXScriptSignal" if member.kind == "event" else self.known(member.type)

    def _static(self, table: Node) -> str | None:
        """The datatype that a name such as ``Vector3`` stands for."""
        if table.type != "identifier" or not self.scopes.builtin(table):
            return None
        name = self.document.text(table)
        return name if name not in _GLOBALS and self.api.datatype(name) else None

    def _call(self, call: Node) -> str | None:
        called, given = callee(call), arguments(call)
        if called is None:
            return None
        if called.type == "dot_index_expression":
            return self._static_call(called, given)
        name, of = method(call), receiver(call)
        if of is None:
            return None
        named = string_value(given[0]) if given else None
        if name in CLASS_FINDERS:
            return named if named and self.api.cls(named) else None
        owner = self.class_of(of)
        if owner is None:
            return None
        if owner == "DataModel" and name in ("GetService", "FindService"):
            return named if named in self.api.services() else None
        if name == "Clone":
            return owner
        member = self.member(owner, name)
        if member is None or member.kind != "method":
            return None
        return _RETURNS.get((member.owner, name)) or self.known(member.type)

    def _static_call(self, called: Node, given: list[Node]) -> str | None:
        table, field = called.child_by_field_name("table"), called.child_by_field_name("field")
        static = self._static(table) if table is not None else None
        if static is None or field is None:
            return None
        if static == "Instance":
            named = string_value(given[0]) if given and self.document.text(field) == "new" else None
            return named if named and self.api.cls(named) else None
        datatype = self.api.datatype(static)
        found = datatype.static.get(self.document.text(field)) if datatype else None
        return self.known(found.type) if found else None

    def _operation(self, node: Node) -> str | None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or len(node.children) < 2:
            return None
        operator = node.children[1].type
        if operator == "and":
            return self.type_of(right)
        if operator == "or":
            return self._same((left, right))
        known = self.class_of(left)
        if operator in ("+", "-") and known in ("Vector3", "Vector2", "UDim2", "UDim", "CFrame"):
            return known
        return known if operator in ("*", "/") and known in ("Vector3", "Vector2") else None
