from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...nodes import arguments, method, string_value
from ...rule import Invalid, Rule
from ...statements import enclosing_statement
from ...syntax_tree import Document


class RepeatedService(Rule):
    """`game:GetService("Players")` once more, where a local holds it already.

    Take each service once, at the top of the script. The fix uses the local; it is safe.
    """

    severity = "hint"
    message = "a local holds this service already"
    valid = (
        'local Players = game:GetService("Players")\nlocal Teams = game:GetService("Teams")\nprint(Players, Teams)',
        'run(function() return game:GetService("Players") end)\nlocal Players = game:GetService("Players")\nf(Players)',
        'local Players = game:GetService("Players")\nPlayers = nil\nprint(game:GetService("Players"))',
    )
    invalid = (
        Invalid(
            """
local Players = game:GetService("Players")
for _, player in game:GetService("Players"):GetPlayers() do
--               ^^^^^^^^^^^^^^^^^^^^^^^^^^
    print(player, Players)
end
""",
            fixed="""
local Players = game:GetService("Players")
for _, player in Players:GetPlayers() do
    print(player, Players)
end
""",
        ),
        Invalid(
            """
local Players = game:GetService("Players")
local function count()
    local Players = game:GetService("Players")
--                  ^^^^^^^^^^^^^^^^^^^^^^^^^^
    return #Players:GetPlayers()
end
print(count(), Players)
"""
        ),
    )

    def check_global(self, name: str, document: Document) -> Iterator[Finding]:
        scopes = document.scopes
        held: dict[str, str] = {}
        for read in scopes.global_reads(name) if name == "game" else ():
            call, service = _request(read)
            if call is None or service is None:
                continue
            if service in held:
                local = held[service]
                message = f"the local `{local}` holds this service already"
                span = Span(call.start_byte, call.end_byte)
                is_only = len(list(scopes.variables_named(local))) == 1
                fix = Fix(f"Use {local}", (Edit(span, local),)) if is_only else None
                yield Finding(self.code, span, message, self.severity, fix)
            elif name_node := _holder(call):
                variable = scopes.variable(name_node)
                if variable is not None and not variable.writes:
                    held[service] = variable.name


def _request(game: Node) -> tuple[Node | None, str | None]:
    """The call ``game:GetService("Name")`` that this ``game`` begins, and the name."""
    call = game.parent.parent if game.parent is not None else None
    if (
        call is None
        or call.type != "function_call"
        or method(call) != "GetService"
        or call.start_byte != game.start_byte
    ):
        return None, None
    given = arguments(call)
    return call, string_value(given[0]) if len(given) == 1 else None


def _holder(call: Node) -> Node | None:
    """The local of the file's main body that is declared with this call and nothing else."""
    statement = enclosing_statement(call)
    in_main_body = statement.parent is not None and statement.parent.type == "chunk"
    if statement.type != "variable_declaration" or not in_main_body:
        return None
    names, values = statement.named_children[0].named_children[:2]
    if values.named_children != [call] or len(names.named_children) != 1:
        return None
    return names.named_children[0]
