from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Finding, Span
from ...nodes import FUNCTIONS, arguments, callee
from ...rule import Invalid, Rule
from ...scopes import Variable
from ...syntax_tree import Document
from ...values import gives_many


class ArgumentCount(Rule):
    """A call of a local function with more arguments than it takes, or without one whose type says it must be there.

    What is too much is dropped without a word; what is missing is nil. Only functions of the same file that nothing
    sets again are looked at.
    """

    severity = "warning"
    message = "this call and the function's parameters do not fit"
    also_in = ("luau-lsp", "selene")
    valid = (
        "local function add(a, b) return a + b end\nprint(add(1, 2), add(1), add(read(), 1), add(1, 2, read()))",
        "local function add(a, ...) return a, ... end\nadd(1, 2, 3)",
        "local function add(a: number, b: number?) return a, b end\nadd(1)",
        "local function save(data, now: boolean) print(data, now) end\nsave(1)",
        "local function stub() end\nstub(1)",
        "local function add(a) return a end\nadd = other\nadd(1, 2)",
    )
    invalid = (
        Invalid(
            """
local function add(a, b)
    return a + b
end
print(add(1, 2, 3))
--              ^
"""
        ),
        Invalid(
            """
local add = function(a: number, b: number): number
    return a + b
end
print(add(1))
--    ^^^^^^
"""
        ),
    )

    def check_variable(self, variable: Variable, document: Document) -> Iterator[Finding]:
        function = variable.value
        if function is None or function.type not in FUNCTIONS or variable.writes:
            return
        parameters = _parameters(function)
        if parameters is not None:
            yield from self._misfits(variable, parameters)

    def _misfits(self, variable: Variable, parameters: list[Node]) -> Iterator[Finding]:
        for read in variable.reads:
            call = read.parent
            if call is None or call.type != "function_call" or callee(call) != read:
                continue
            given = arguments(call)
            takes = len(parameters)
            if len(given) > takes and not (len(given) == takes + 1 and gives_many(given[-1])):
                message = f"`{variable.name}` takes {takes or 'no'} argument{'s' * (takes != 1)}: this one is dropped"
                span = Span(given[takes].start_byte, given[-1].end_byte)
                yield Finding(self.code, span, message, self.severity)
            elif len(given) < takes and not (given and gives_many(given[-1])) and _required(parameters[len(given)]):
                message = f"`{variable.name}` needs {takes} arguments, this passes {len(given)}"
                yield Finding(self.code, Span(call.start_byte, call.end_byte), message, self.severity)


def _parameters(function: Node) -> list[Node] | None:
    """A function's parameters; None where it takes any number, or has no body and so stands for another."""
    node = function.child_by_field_name("parameters")
    if node is None or function.child_by_field_name("body") is None:
        return None
    parameters = [child for child in node.named_children if child.type == "parameter"]
    if any(child.type == "vararg_expression" for parameter in parameters for child in parameter.named_children):
        return None
    return parameters


def _required(parameter: Node) -> bool:
    """Whether a call can hardly do without: a flag that is left out is as good as false, whatever its type says."""
    annotation = parameter.named_children[-1]
    return annotation.type == "builtin_type" and annotation.text in (b"number", b"string")
