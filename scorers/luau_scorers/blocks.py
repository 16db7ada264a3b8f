"""Which block lacks its ``end``, and where that belongs: found from the tokens, with indentation as the witness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .tokens import Token

_BRACKETS = {b"(": b")", b"{": b"}", b"[": b"]"}
_BLOCKS = frozenset((b"function", b"if", b"for", b"while", b"do", b"repeat"))
# After these an ``if`` is an expression, which has no ``end``.
_VALUE_FOLLOWS = frozenset(
    b"= ( , { [ + - * / // % ^ .. == ~= < > <= >= and or not return in until # += -= *= /= //= %= ^= ..=".split()
)
# What goes on with a statement or closes it, so that it says nothing when it stands no further right than its opener.
_GOES_ON = frozenset(b"end else elseif until ) } ] then do and or , . : :: = == ~= < > <= >= + - * / // % ^ ..".split())


@dataclass(frozen=True, slots=True)
class Lacking:
    """The blocks that ``openers`` begin, innermost first, lack their ends before the token ``place``; all are indexes.

    ``else_if`` is the ``else`` of an ``else if`` in the innermost, which is the likely reason.
    """

    openers: tuple[int, ...]
    place: int
    else_if: int | None


class Closed(NamedTuple):
    """A block with its end; both are indexes."""

    opener: int
    closer: int


@dataclass(slots=True)
class _Frame:
    opener: int
    closer: bytes
    indentation: int
    expression: bool = False
    awaits_do: bool = False
    else_if: int | None = None


def lacking(source: bytes, tokens: Sequence[Token], first: int, last: int) -> Lacking | None:
    """The first block among these tokens that should have ended before the one where it is still open."""
    pairing = _Pairing(source, tokens)
    for index in range(first, last + 1):
        if found := pairing.lacking(index):
            return found
        pairing.step(index)
    return None


def misplaced(source: bytes, tokens: Sequence[Token], last: int) -> Closed | None:
    """The first block whose ``end`` stands elsewhere than its opener's indentation promises."""
    pairing = _Pairing(source, tokens)
    for index in range(last):
        pairing.step(index)
    return pairing.misplaced


class _Pairing:
    def __init__(self, source: bytes, tokens: Sequence[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.stack: list[_Frame] = []
        self.value_follows = False
        self.indentation = 0
        self.misplaced: Closed | None = None

    def starts_line(self, index: int) -> bool:
        """Whether a token is the first of its line; if so its indentation is that of the lines from here on."""
        token = self.tokens[index]
        line = self.source.rfind(b"\n", 0, token.start) + 1
        if index and self.tokens[index - 1].end > line:
            return False
        self.indentation = token.start - line
        return True

    def lacking(self, index: int) -> Lacking | None:
        starts_line = self.starts_line(index)
        frames: list[_Frame] = []
        for frame in reversed(self.stack):
            if not frame.expression:
                mixed = frames and frames[0].closer != frame.closer
                if mixed or not self.should_have_ended(frame, index, starts_line):
                    break
                frames.append(frame)
        return Lacking(tuple(frame.opener for frame in frames), index, frames[0].else_if) if frames else None

    def should_have_ended(self, frame: _Frame, index: int, starts_line: bool) -> bool:
        if frame.closer not in (b"end", b"until"):
            return False
        text = self.tokens[index].text
        if text in (b")", b"}", b"]"):
            return any(outer.closer == text for outer in self.stack)
        if text == b"," and starts_line:
            return any(outer.closer in (b")", b"}") for outer in self.stack)
        left = starts_line and self.indentation < frame.indentation
        level = starts_line and self.indentation == frame.indentation and text not in _GOES_ON
        return left or level or not text

    def step(self, index: int) -> None:
        """Take one token."""
        self.starts_line(index)
        text = self.tokens[index].text
        top = self.stack[-1] if self.stack else None
        in_expression = top is not None and top.expression
        follows = text in _VALUE_FOLLOWS
        if text in _BRACKETS:
            self.stack.append(_Frame(index, _BRACKETS[text], self.indentation))
        elif text == b"do" and top is not None and top.awaits_do:
            top.awaits_do = False
        elif text in _BLOCKS:
            self.open(index, text)
        elif text == b"else" and in_expression:
            self.stack.pop()
            follows = True
        elif text in (b"then", b"elseif", b"else"):
            follows = in_expression
        elif text in (b"end", b"until", b")", b"}", b"]"):
            self.close(index, text)
        self.value_follows = follows and self.tokens[index].kind in ("name", "symbol")

    def open(self, index: int, text: bytes) -> None:
        if text == b"if" and index and self.tokens[index - 1].text == b"else" and self.stack and not self.value_follows:
            self.stack[-1].else_if = index - 1
        closer = b"until" if text == b"repeat" else b"end"
        expression = text == b"if" and self.value_follows
        self.stack.append(_Frame(index, closer, self.indentation, expression, awaits_do=text in (b"for", b"while")))

    def close(self, index: int, text: bytes) -> None:
        while self.stack and self.stack[-1].expression:
            self.stack.pop()
        if not any(frame.closer == text for frame in self.stack):
            return
        while self.stack[-1].closer != text:
            self.stack.pop()
        frame = self.stack.pop()
        moved = text == b"end" and self.starts_line(index) and self.indentation != frame.indentation
        if moved and self.misplaced is None:
            self.misplaced = Closed(frame.opener, index)
