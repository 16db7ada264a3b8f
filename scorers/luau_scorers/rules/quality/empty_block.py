from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...rule import Invalid, Match, Rule


class EmptyBlock(Rule):
    """A branch or a `do` with nothing in it, not even a comment.

    A leftover, or a step that is missing. Turn an empty first branch round with `not`. The fix takes an empty `else`
    away; it is safe.
    """

    severity = "hint"
    message = "there is nothing in this block"
    also_in = ("selene",)
    query = """
      (if_statement "if" @here !consequence) @whole
      (elseif_statement "elseif" @here !consequence) @whole
      (else_statement "else" @here !body) @whole
      (do_statement "do" @here !body) @whole
    """
    valid = (
        "if ready then\n\t-- nothing to do\nelse\n\tprint(1)\nend",
        "if ready then\n\tprint(1)\nelseif done then\n\t-- nothing to do\nend",
        "local function noop() end\nfor _ in pairs(list) do end\nprint(noop)",
    )
    invalid = (
        Invalid(
            """
do
   if ready then
-- ^^
   elseif done then
-- ^^^^^^
   end
end
"""
        ),
        Invalid(
            """
if ready then
    print(1)
   else
-- ^^^^
end
""",
            fixed="""
if ready then
    print(1)
end
""",
        ),
    )

    def check(self, match: Match) -> bool:
        whole = match["whole"]
        return not any(child.type == "comment" for child in whole.named_children) and not _comment_follows(whole)

    def fix(self, match: Match) -> Fix | None:
        whole = match["whole"]
        if whole.type != "else_statement":
            return None
        source, start, end = match.document.source, whole.start_byte, whole.start_byte + len("else")
        if source[end:].lstrip(b" \t\r").startswith(b"\n"):
            start = len(source[:start].rstrip())  # the line goes as well
        return Fix("Take it away", (Edit(Span(start, end), ""),))


def _comment_follows(node: Node) -> bool:
    """Whether a comment stands between an empty branch and the next one, or the end."""
    if node.type not in ("elseif_statement", "else_statement"):
        return False
    after = node.next_named_sibling
    return after is not None and after.type == "comment"
