from __future__ import annotations

import re

from tree_sitter import Node

from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...words import words

_WORD = re.compile(r"[A-Za-z]+")
# Words of an identifier: playerCount, PlayerCount and PLAYER_COUNT alike.
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_FILLERS = words("a an the of to in on at for from with by and then our my its this that it all each every new we into")
_VERBS = words("""
    get gets set sets create creates make makes add adds remove removes destroy destroys update updates call calls check
    checks connect connects loop define declare initialize initialise wait waits play plays stop stops clone clones find
    finds store stores increment return returns print prints require import load start starts
    """)
# What a comment says for something that the code has no word for.
_SAID_FOR = {
    "create": "new",
    "make": "new",
    "loop": "for",
    "iterate": "for",
    "through": "for",
    "check": "if",
    "whether": "if",
    "when": "connect",
    "listen": "connect",
    "define": "local",
    "declare": "local",
    "variable": "local",
    "call": "",
    "set": "",
    "assign": "",
    "store": "",
    "increment": "",
    "update": "",
    "function": "",
    "service": "",
    "value": "",
    "event": "",
    "module": "",
}
_PLAIN = ("variable_declaration", "assignment_statement", "function_call")


class CommentRestatesCode(Rule):
    """`-- Get the Players service` over `local Players = game:GetService("Players")`.

    A comment that says what the line says has to be read and kept up to date for nothing. Say why, or say nothing.
    Only short comments whose every word is in the line below are reported.
    """

    severity = "hint"
    message = "this says what the next line says: say why, or nothing"
    query = """
      (comment) @here
    """
    valid = (
        "-- players service\nlocal Players = game:GetService('Players')",
        "-- Players\nlocal Players = game:GetService('Players')",
        "-- the service is not there at once\nlocal Players = game:GetService('Players')",
        "-- set it before the parent, so that nobody sees it jump\npart.Position = start",
        "local count = 0 -- the count\nlocal first = 1",
        "--- the part's position\npart.Position = start",
        "-- set the position\n\npart.Position = start",
    )
    invalid = (
        Invalid(
            """
do
   -- Get the Players service
-- ^^^^^^^^^^^^^^^^^^^^^^^^^^
   local Players = game:GetService("Players")
   -- set the part's position
-- ^^^^^^^^^^^^^^^^^^^^^^^^^^
   part.Position = start
   print(Players)
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        shown, after = match.text("here"), _next_line(match)
        if after is None or shown.startswith(("---", "--[", "--!")) or not _stands_alone(match):
            return False
        said = [word.lower() for word in _WORD.findall(shown) if len(word) > 1]
        said = [word for word in said if word not in _FILLERS]
        line = text(after).partition("\n")[0]
        written = {_stem(part.lower()) for part in _PART.findall(line)} | {"local" if line.startswith("local") else ""}
        return len(said) > 1 and said[0] in _VERBS and all(_is_written(word, written) for word in said)


def _next_line(match: Match) -> Node | None:
    """The plain statement on the line below; the first comment of a block stands before the block in the tree."""
    comment = match["here"]
    after = match.document.after(comment)
    if after is not None and after.type == "block" and after.named_children:
        after = after.named_children[0]
    if after is None or after.type not in _PLAIN or after.start_point[0] != comment.end_point[0] + 1:
        return None
    return after


def _is_written(word: str, written: set[str]) -> bool:
    return _stem(word) in written or _SAID_FOR.get(word, "-") in {"", *written}


def _stem(word: str) -> str:
    for ending in ("ing", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: -len(ending)]
    return word


def _stands_alone(match: Match) -> bool:
    """Whether nothing else is on the comment's line, and no other comment right above it."""
    here, source = match["here"], match.document.source
    before = match.document.before(here)
    if before is not None and before.type == "comment" and before.end_point[0] >= here.start_point[0] - 1:
        return False
    return not source[source.rfind(b"\n", 0, here.start_byte) + 1 : here.start_byte].strip()
