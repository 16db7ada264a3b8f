"""Luau's tokens, as far as they are needed where the tree is of no help: comments left out, types not told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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


# What is never right in Luau is read before the others, where what it means elsewhere is known, or after them.
_TOKEN = re.compile(
    rb"""
    (?P<skip> [\ \t\r\n\f\v]+ | --\[(?P<level>=*)\[ .*? \](?P=level)\] | --(?!\[=*\[)[^\n]* )
  | (?P<other> --\[ .* | !==? | ! | && | \|\| | \+\+ | === | => )
  | (?P<name> [A-Za-z_][A-Za-z0-9_]* )
  | (?P<number> \.?[0-9] [0-9._]* (?: [eE][+-]? )? [A-Za-z0-9_]* )
  | (?P<string> \[(?P<long>=*)\[ .*? (?: \](?P=long)\] | \Z )
      | "(?: [^"\\\n] | \\z\s* | \\\r\n | \\. )* "?
      | '(?: [^'\\\n] | \\z\s* | \\\r\n | \\. )* '? )
  | (?P<symbol> \.\.\. | \.\.=? | :: | -> | // =? | [-+*/%^]= (?!=) | ==(?!=) | ~= | <= | [-+*/%^#<>=(){}\[\];:,.@&|?] )
  | (?P<interpolated> ` )
  | (?P<odd> . [\x80-\xbf]* )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(?:z\s*|\r\n|.)?", re.DOTALL)
_KINDS: dict[str | None, Kind] = {
    "name": "name",
    "number": "number",
    "string": "string",
    "interpolated": "string",
    "symbol": "symbol",
    "other": "other",
    "odd": "other",
}


def tokenize(source: bytes, start: int = 0, stop: int | None = None) -> list[Token]:
    """All tokens between two places of a file, without comments and blanks. Never raises."""
    if start == 0:
        start = 3 if source.startswith(b"\xef\xbb\xbf") else 0
        if source.startswith(b"#!", start):
            start = source.find(b"\n", start) % (len(source) + 1)
    return _tokens(source, start, len(source) if stop is None else stop)


def pieces(source: bytes, tokens: Iterable[Token]) -> Iterator[Token]:
    """The same tokens, with each backtick string in pieces: `` `a { ``, what is inside, `` } b` ``."""
    for token in tokens:
        if token.text[:1] == b"`" and b"{" in token.text:
            yield from _pieces(source, token.start, token.end)
        else:
            yield token


def _pieces(source: bytes, start: int, stop: int) -> Iterator[Token]:
    at = start + 1
    while at < stop and source[at] != 0x7B:
        at += 2 if source[at] == 0x5C else 1
    if at >= stop:
        yield Token("string", source[start:stop], start, stop)
        return
    yield Token("string", source[start : at + 1], start, at + 1)
    depth = 1
    at += 1
    while at < stop:
        kind, end = _next(source, at)
        depth += {0x7B: 1, 0x7D: -1}.get(source[at], 0)
        if not depth:
            yield from _pieces(source, at, stop)
            return
        if kind == "string" and source[at] == 0x60:
            yield from _pieces(source, at, end)
        elif kind is not None:
            yield Token(kind, source[at:end], at, end)
        at = end


def _tokens(source: bytes, at: int, stop: int) -> list[Token]:
    tokens: list[Token] = []
    while at < stop:
        for found in _TOKEN.finditer(source, at, stop):
            # The groups inside a token's own group end first, so the last one to match is the token's.
            group = found.lastgroup
            if group == "interpolated":
                at = _interpolated_end(source, found.start())
                tokens.append(Token("string", source[found.start() : at], found.start(), at))
                break
            if group != "skip":
                tokens.append(Token(_KINDS[group], found.group(), *found.span()))
        else:
            return tokens
    return tokens


def _next(source: bytes, at: int) -> tuple[Kind | None, int]:
    found = _TOKEN.match(source, at)
    if found is None or found.lastgroup == "interpolated":
        return "string", _interpolated_end(source, at)
    return _KINDS.get(found.lastgroup), found.end()


def _interpolated_end(source: bytes, at: int) -> int:
    """Where the backtick string that starts here ends; its ``{}`` may hold strings of their own, to any depth."""
    at += 1
    depths = [0]  # for each string that is open, innermost last: the braces that are open in it
    while depths and at < len(source):
        character = source[at]
        if depths[-1]:
            if character == 0x60:
                depths.append(0)
                at += 1
            else:
                depths[-1] += {0x7B: 1, 0x7D: -1}.get(character, 0)
                at = _next(source, at)[1]
        elif character == 0x60:
            depths.pop()
            at += 1
        elif character == 0x0A:
            return at  # a line's end is not part of it, unless escaped: it has no end
        else:
            depths[-1] = int(character == 0x7B)
            escape = _ESCAPE.match(source, at)
            at = escape.end() if escape else at + 1
    return min(at, len(source))
