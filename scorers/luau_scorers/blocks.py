"""Which block or bracket was never closed, or closed twice: found from the tokens, with indentation as the witness."""

from __future__ import annotations

from dataclasses import dataclass, field

from .tokens import Token

_BRACKETS = {b"(": b")", b"{": b"}", b"[": b"]"}
_BLOCKS = frozenset((b"function", b"if", b"for", b"while", b"do", b"repeat"))
# After these an ``if`` is an expression, which has no ``end``.
_VALUE_FOLLOWS = frozenset(
    b"= ( , { [ + - * / // % ^ .. == ~= < > <= >= and or not return in until # += -= *= /= //= %= ^= ..=".split()
)


@dataclass(frozen=True, slots=True)
class Balance:
    """``unclosed`` are openers that lack their end, ``stray`` are closers that close nothing; both in file order.

    ``else_ifs`` are pairs ``else`` ``if`` where the second opens a statement of its own.
    """

    unclosed: tuple[Token, ...]
    stray: tuple[Token, ...]
    else_ifs: tuple[tuple[Token, Token], ...]


def balance(source: bytes, tokens: list[Token]) -> Balance:
    """Pair up what opens and what closes. Where nothing is wrong both lists are empty."""
    plain = _Pairing(source, tokens, by_indentation=False)
    if not plain.stack and not plain.unclosed:
        return Balance((), tuple(plain.stray), tuple(plain.else_ifs))
    informed = _Pairing(source, tokens, by_indentation=True)
    missing = sorted([*informed.unclosed, *(frame.opener for frame in informed.stack)], key=lambda token: token.start)
    missing = missing[: len(plain.stack) + len(plain.unclosed)]
    return Balance(tuple(missing), tuple(plain.stray), tuple(plain.else_ifs))


@dataclass(slots=True)
class _Frame:
    opener: Token
    closer: bytes
    expression: bool = False
    awaits_do: bool = False


@dataclass
class _Pairing:
    source: bytes
    tokens: list[Token]
    by_indentation: bool
    stack: list[_Frame] = field(default_factory=list)
    unclosed: list[Token] = field(default_factory=list)
    stray: list[Token] = field(default_factory=list)
    else_ifs: list[tuple[Token, Token]] = field(default_factory=list)

    def __post_init__(self) -> None:
        value_follows = False
        before: Token | None = None
        for token in self.tokens:
            if before and before.text == b"else" and token.text == b"if" and not value_follows:
                self.else_ifs.append((before, token))
            before = token
            value_follows = token.kind in ("name", "symbol") and self.step(token, value_follows)
        self.stack = [frame for frame in self.stack if not frame.expression]

    def step(self, token: Token, value_follows: bool) -> bool:
        """Take one token; returns whether an ``if`` right after it is an expression."""
        text = token.text
        top = self.stack[-1] if self.stack else None
        in_expression = top is not None and top.expression
        if text in _BRACKETS:
            self.stack.append(_Frame(token, _BRACKETS[text]))
        elif text == b"do" and top is not None and top.awaits_do:
            top.awaits_do = False
        elif text in _BLOCKS:
            expression = text == b"if" and value_follows
            closer = b"until" if text == b"repeat" else b"end"
            self.stack.append(_Frame(token, closer, expression, awaits_do=text in (b"for", b"while")))
        elif text == b"else" and in_expression:
            self.stack.pop()
            return True
        elif text in (b"then", b"elseif", b"else"):
            return in_expression
        elif text in (b"end", b"until", b")", b"}", b"]"):
            self.close(token)
        return text in _VALUE_FOLLOWS

    def close(self, token: Token) -> None:
        while self.stack and self.stack[-1].expression:
            self.stack.pop()
        if self.by_indentation:
            self.drop_deeper(token)
        if not self.stack:
            self.stray.append(token)
        elif self.stack[-1].closer == token.text:
            self.stack.pop()
        elif any(frame.closer == token.text for frame in self.stack):
            while self.stack[-1].closer != token.text:
                self.unclosed.append(self.stack.pop().opener)
            self.stack.pop()
        else:
            self.stray.append(token)

    def drop_deeper(self, token: Token) -> None:
        """Blocks that began further right than this closer's line must have ended before."""
        line = self.source.rfind(b"\n", 0, token.start) + 1
        if self.source[line : token.start].strip():
            return
        while self.stack and len(self.indentation(self.stack[-1].opener)) > token.start - line:
            self.unclosed.append(self.stack.pop().opener)

    def indentation(self, token: Token) -> bytes:
        line = self.source.rfind(b"\n", 0, token.start) + 1
        text = self.source[line : token.start + 1]
        return text[: len(text) - len(text.lstrip(b" \t"))]
