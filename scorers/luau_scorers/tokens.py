"""Luau's tokens, as far as they are needed where the tree is of no help: comments left out, types not told apart."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["name", "number", "string", "symbol", "other"]

KEYWORDS = frozenset(
    b"""
    and break do else elseif end false for function if in local nil not or repeat return then true until while
    """.split()
)


class Token(NamedTuple):
    """One token; ``start`` and ``end`` are byte offsets. Keywords are names; ``other`` is no Luau at all."""

    kind: Kind
    text: bytes
    start: int
    end: int


_TOKEN = re.compile(
    rb"""
    (?P<skip> [\ \t\r\n\f\v]+ | --\[(?P<level>=*)\[ .*? (?: \](?P=level)\] | \Z ) | --[^\n]* )
  | (?P<name> [A-Za-z_][A-Za-z0-9_]* )
  | (?P<number> \.?[0-9] (?: [eEpP][+-][0-9] | [A-Za-z0-9_] | \.(?!\.) )* )
  | (?P<string> \[(?P<long>=*)\[ .*? (?: \](?P=long)\] | \Z )
      | "(?: [^"\\\n] | \\z\s* | \\\r\n | \\. )* "?
      | '(?: [^'\\\n] | \\z\s* | \\\r\n | \\. )* '? )
  | (?P<symbol> \.\.\. | \.\.=? | :: | -> | // =? | [-+*/%^]= (?!=) | ==(?!=) | ~= | <= | [-+*/%^#<>=(){}\[\];:,.@&|?] )
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS: dict[str, Kind] = {"name": "name", "number": "number", "string": "string", "symbol": "symbol"}
# Read before the others: never right in Luau, and what they mean elsewhere is known.
_FOREIGN = re.compile(rb"!==?|!|&&|\|\||\+\+|===|=>")


def tokenize(source: bytes) -> list[Token]:
    """All tokens of a file, without comments and blanks. Never raises."""
    start = 3 if source.startswith(b"\xef\xbb\xbf") else 0
    if source.startswith(b"#!", start):
        start = source.find(b"\n", start) % (len(source) + 1)
    return _tokens(source, start, len(source))


def _tokens(source: bytes, at: int, stop: int) -> list[Token]:
    tokens: list[Token] = []
    while at < stop:
        kind, end = _next(source, at)
        if kind is not None:
            tokens.append(Token(kind, source[at:end], at, end))
        at = end
    return tokens


def _next(source: bytes, at: int) -> tuple[Kind | None, int]:
    if source[at] == 0x60:
        return "string", _interpolated_end(source, at)
    if found := _FOREIGN.match(source, at):
        return "other", found.end()
    found = _TOKEN.match(source, at)
    if not found:
        return "other", _character_end(source, at)
    # The groups inside a token's own group end first, so the last one to match is the token's.
    return _KINDS.get(found.lastgroup or ""), found.end()


def _character_end(source: bytes, at: int) -> int:
    at += 1
    while at < len(source) and source[at] & 0xC0 == 0x80:
        at += 1
    return at


def _interpolated_end(source: bytes, at: int) -> int:
    """Where the backtick string that starts here ends; its ``{}`` may hold strings of their own."""
    at += 1
    depth = 0
    while at < len(source):
        character = source[at]
        if depth:
            depth += {0x7B: 1, 0x7D: -1}.get(character, 0)
            at = _next(source, at)[1]
        elif character == 0x60:
            return at + 1
        else:
            depth = int(character == 0x7B)
            at += 2 if character == 0x5C else 1
    return len(source)
