from __future__ import annotations

from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule

_CONDITIONS = (b"if", b"elseif", b"while", b"until")


class AssignmentInCondition(Slip, Rule):
    """A single `=` in a condition, where `==` compares.

    The fix is safe: an assignment cannot stand there, so the script does not run as it is.
    """

    severity = "error"
    message = "`=` assigns; write `==` to compare"
    also_in = ("luau-lsp", "selene")
    valid = ("if health == 0 then\n\trespawn()\nend",)
    invalid = (
        Invalid(
            """
if health = 0 then
--        ^
	respawn()
end
""",
            fixed="""
if health == 0 then
	respawn()
end
""",
        ),
        Invalid(
            """
repeat
	task.wait()
until (door.Open = true)
--               ^
""",
            fixed="""
repeat
	task.wait()
until (door.Open == true)
""",
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        word = trouble.token(trouble.first_of_line(trouble.at)).text
        in_branch = trouble.expected == "then" or word in _CONDITIONS
        other_sign = trouble.touching(trouble.at) and trouble.after.text == b"<"
        if trouble.here.text != b"=" or other_sign or not in_branch:
            return None
        edit = trouble.replaced(trouble.at, trouble.at, "==")
        return fixed(trouble.span(trouble.at), self.message, "Write ==", edit)
