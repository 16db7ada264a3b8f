from __future__ import annotations

import re

from tree_sitter import Node

from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...statements import statements
from ...syntax_tree import Document, parse

_CODE_LINE = re.compile(
    r"""\s*( (local|return|if|elseif|else|for|while|repeat|until|end)\b.*
    | [\w.:\[\]"']+\s*([-+*/]|\.\.)?=[^=].*
    | [\w.:]+\(.*\)? | [})\]]+[,;)]* )?\s*""",
    re.VERBOSE,
)


class CommentedOutCode(Rule):
    """Code that is switched off by making comments of it.

    Nobody knows whether it is still needed, and it grows old. Version control keeps what was there. Reported only where
    three or more lines in a row are Luau statements and nothing else.
    """

    severity = "hint"
    message = "this is code that was switched off: take it out"
    query = """
      (comment) @here
    """
    valid = (
        "-- counts the coins\n-- of each player\n-- when one joins\nlocal count = 0",
        "-- Example:\n-- local door = Door.new()\n-- door:Open()\n-- door:Close()\nlocal Door = {}",
        "--- local door = Door.new()\n--- door:Open()\n--- door:Close()\nlocal Door = {}",
        "-- players\n-- coins\n-- doors\nlocal list = {}",
    )
    invalid = (
        Invalid(
            """
do
   -- local count = 0
-- ^^^^^^^^^^^^^^^^^^
   -- count += 1
   -- print(count)
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        lines = _lines(match["here"], match.document)
        if len(lines) < 3 or not all(_CODE_LINE.fullmatch(line) for line in lines):
            return False
        document = parse("\n".join(lines).encode())
        return not document.errors and len(statements(document.root)) > 1


def _lines(first: Node, document: Document) -> list[str]:
    """What a run of line comments says, of which this is the first; nothing for another comment."""
    before = document.before(first)
    if before is not None and before.type == "comment" and before.end_point[0] >= first.start_point[0] - 1:
        return []
    lines: list[str] = []
    comment: Node | None = first
    row = first.start_point[0]
    while comment is not None and comment.type == "comment" and comment.start_point[0] == row:
        shown = text(comment)
        if shown.startswith(("--[", "---", "--!")):
            return []
        lines.append(shown[2:].rstrip())
        comment, row = document.after(comment), row + 1
    return lines
