"""Lists of words."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set: for lists that are easier to read without quotes."""
    return frozenset(text.split())
