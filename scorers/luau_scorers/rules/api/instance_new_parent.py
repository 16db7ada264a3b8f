from __future__ import annotations

from ...nodes import arguments
from ...rule import Invalid, Match, Rule


class InstanceNewParent(Rule):
    """`Instance.new` with the parent as its second argument.

    Everything that is set afterwards is then replicated, rendered and reported one by one. Set the parent last.
    """

    severity = "info"
    message = "set Parent last: with the parent here, each later property is replicated and simulated on its own"
    query = """
      (function_call name: (dot_index_expression
        table: (identifier) @class (#eq? @class "Instance")
        field: (identifier) @new (#eq? @new "new"))) @here
    """
    valid = (
        'local part = Instance.new("Part")\npart.Parent = workspace',
        "local point = Vector2.new(1, 2)",
        'Instance.fromExisting(part, "x")',
    )
    invalid = (
        Invalid(
            """
local part = Instance.new("Part", workspace)
--           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return len(arguments(match["here"])) == 2 and match.document.scopes.builtin(match["class"])
