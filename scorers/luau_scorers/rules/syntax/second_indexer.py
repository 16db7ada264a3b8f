from __future__ import annotations

from ...rule import Invalid, Match, Rule


class SecondIndexer(Rule):
    """A table type with two indexers, such as `{ [string]: A, [number]: B }`.

    A table type has one. Write `[string | number]: A | B`.
    """

    severity = "error"
    message = "a table type has one indexer: write `[A | B]: C | D`"
    also_in = ("luau-lsp",)
    query = """
      (object_type (object_field_type) (object_field_type) @here)
    """
    valid = ('type T = { ["a b"]: string, ["c d"]: string, [number]: boolean }',)
    invalid = (
        Invalid(
            """
type T = { [string]: A, [number]: B }
--                      ^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        kinds = [child.named_children[0].type for child in match.nodes["here"]]
        return "literal_type" not in kinds and self.another(match)

    def another(self, match: Match) -> bool:
        here = match["here"]
        siblings = here.parent.named_children if here.parent else []
        indexers = [child for child in siblings if child.type == here.type and child.start_byte < here.start_byte]
        return any(child.named_children[0].type != "literal_type" for child in indexers)
