from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix
from ...nodes import FUNCTIONS, arguments
from ...rule import Invalid, Match, Rule


class NeedlessWrapper(Rule):
    """`event:Connect(function(player) greet(player) end)`: a function that only calls another with the same arguments.

    Connect the other one itself: `event:Connect(greet)`. The fix does that; it is safe, and offered only for a local
    function that nothing sets again and that takes no more than it is given here.
    """

    severity = "hint"
    message = "this function only calls another: pass that one itself"
    query = """
      (function_call
        name: (method_index_expression method: (identifier) @method (#any-of? @method "Connect" "Once"))
        arguments: (arguments . (function_definition
          parameters: (parameters) @parameters
          body: (block . (function_call name: (identifier) @function) @call .)) @here .))
    """
    valid = (
        "local function greet(player) print(player) end\nevent:Connect(greet)",
        "local function greet(player, late) print(player, late) end\nevent:Connect(function(p) greet(p) end)",
        "local function greet(...) print(...) end\nevent:Connect(function(p) greet(p) end)",
        "local function greet(n) print(n) end\nevent:Connect(function(p) greet(p.Name) end)",
        "local greet\nfunction greet(p) print(p) end\nevent:Connect(function(p) greet(p) end)",
        "event:Connect(function(p) print(p) end)",
        "local function f(p) print(p) end\nevent:Connect(function(p)\n\t-- why it is so\n\tf(p)\nend)",
        "local function greet(p) print(p) end\nlist:Map(function(p) greet(p) end)",
    )
    invalid = (
        Invalid(
            """
local function greet(player)
    print(player.Name)
end
Players.PlayerAdded:Connect(function(player) greet(player) end)
--                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
local function greet(player)
    print(player.Name)
end
Players.PlayerAdded:Connect(greet)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        if any(child.type == "comment" for child in match["here"].named_children):
            return False
        variable = match.document.scopes.variable(match["function"])
        function = variable.value if variable is not None and not variable.writes else None
        if variable is None or function is None or function.type not in FUNCTIONS:
            return False
        if variable.declared.start_byte > match["here"].start_byte:
            return False
        takes = _names(function.child_by_field_name("parameters"))
        given = [argument.text or b"" for argument in arguments(match["call"])]
        return b"..." not in takes and len(takes) <= len(given) and given == _names(match["parameters"])[: len(given)]

    def fix(self, match: Match) -> Fix:
        return Fix("Pass it itself", (Edit(match.span("here"), match.text("function")),))


def _names(parameters: Node | None) -> list[bytes]:
    """The names of a function's parameters, without their types."""
    children = parameters.named_children if parameters is not None else []
    return [child.named_children[0].text or b"" for child in children if child.named_children]
