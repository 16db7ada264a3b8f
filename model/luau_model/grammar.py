"""Luau for constrained decoding: the grammar in llama.cpp's notation (GBNF)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

ROOT = "root"
RESERVED = (
    *("and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not"),
    *("or", "repeat", "return", "then", "true", "until", "while"),
)
_FIRST = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_REST = "0123456789" + _FIRST


@cache
def source() -> str:
    """The whole grammar; its root is ROOT."""
    return "\n".join([files(__package__).joinpath("luau.gbnf").read_text("utf-8"), *_name_rules()])


def _name_rules() -> list[str]:
    """Rules for ``name``: any identifier that is not a reserved word.

    GBNF cannot say "but not", so there is a rule for each beginning of a reserved word: what may follow it.
    """
    beginnings = sorted({word[:size] for word in RESERVED for size in range(len(word) + 1)})
    return [_rule(beginning, beginnings) for beginning in beginnings] + [f"name-rest ::= {_class(_REST)}*"]


def _rule(beginning: str, beginnings: list[str]) -> str:
    on_track = [longer[-1] for longer in beginnings if longer[:-1] == beginning and longer]
    off_track = [char for char in (_REST if beginning else _FIRST) if char not in on_track]
    choices = [f'"{char}" name-{beginning}{char}' for char in on_track] + [f"{_class(off_track)} name-rest"]
    if beginning and beginning not in RESERVED:
        choices.append('""')
    return f"name{'-' if beginning else ''}{beginning} ::= {' | '.join(choices)}"


def _class(chars: Sequence[str]) -> str:
    """A character class, in ranges: llama.cpp compares with each part of a class for each candidate."""
    starts = [char for char in chars if chr(ord(char) - 1) not in chars]
    ends = [char for char in chars if chr(ord(char) + 1) not in chars]
    return f"[{''.join(f'{start}-{end}' for start, end in zip(starts, ends, strict=True))}]"
