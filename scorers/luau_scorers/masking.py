"""Blank out what the grammar does not know, byte for byte, so that offsets stay.

The grammar knows neither all of Luau's types nor ``const`` and attributes. Everything about types is replaced with
blanks; what is left is statements and expressions, which it parses well. Where a type cannot be read to its end, it
stays as it is.
"""

from __future__ import annotations

from .tokens import KEYWORDS, Token, tokenize

_OPEN = {b"(": b")", b"{": b"}", b"[": b"]", b"<": b">"}
_END = Token("other", b"", 0, 0)
# After these a statement cannot begin, so that ``type`` or ``const`` is an ordinary name there.
_WITHIN = frozenset(b"and or not return in until if elseif while local function const = , ( [ { . : ..".split())


def mask(source: bytes) -> bytes:
    """The same source, as many bytes long, without types. Never raises."""
    masker = _Masker(source)
    masker.run()
    return bytes(masker.out)


class _Masker:
    def __init__(self, source: bytes) -> None:
        self.out = bytearray(source)
        self.tokens = tokenize(source)
        self.at = 0
        if source.startswith(b"\xef\xbb\xbf#!"):
            self.blank(0, source.find(b"\n") % (len(source) + 1))

    def run(self) -> None:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            before = self.at
            if handler := _HANDLERS.get(token.text):
                handler(self)
            elif token.kind == "number" and token.text.endswith(b"i"):
                self.blank(token.end - 1, token.end)
            self.at = max(self.at, before + 1)

    def peek(self, index: int) -> Token:
        return self.tokens[index] if 0 <= index < len(self.tokens) else _END

    def text(self, index: int) -> bytes:
        return self.peek(index).text

    def is_name(self, index: int) -> bool:
        token = self.peek(index)
        return token.kind == "name" and token.text not in KEYWORDS

    def blank(self, start: int, end: int) -> None:
        self.out[start:end] = bytes(c if c in b"\r\n" else 32 for c in self.out[start:end])

    def blank_tokens(self, first: int, last: int) -> None:
        """Blank the tokens from the first up to and without the last."""
        if first < last:
            self.blank(self.tokens[first].start, self.tokens[last - 1].end)

    def at_statement(self) -> bool:
        before = self.peek(self.at - 1)
        ends = before.kind != "symbol" or before.text in (b")", b"]", b"}", b";", b">")
        return ends and before.text not in _WITHIN

    def annotation(self, index: int) -> int:
        """Blank ``: type`` where there is one; returns what comes after."""
        if self.text(index) != b":":
            return index
        end = self.type_end(index + 1)
        if end is None:
            return index + 1
        self.blank_tokens(index, end)
        return end

    def names(self) -> None:
        """``local a: T, b: U`` and ``for k: K, v: V``."""
        index = self.at + 1
        while self.is_name(index):
            index = self.annotation(index + 1)
            if self.text(index) != b",":
                break
            index += 1
        self.at = index

    def const(self) -> None:
        if not self.at_statement() or not (self.is_name(self.at + 1) or self.text(self.at + 1) == b"function"):
            return
        token = self.tokens[self.at]
        self.out[token.start : token.end] = b"local"
        if self.text(self.at + 1) != b"function":
            self.names()

    def function(self) -> None:
        index = self.at + 1
        while self.is_name(index) or self.text(index) in (b".", b":"):
            index += 1
        if self.text(index) == b"<":
            end = self.balanced(index)
            if end is None:
                return
            self.blank_tokens(index, end)
            index = end
        if self.text(index) == b"(":
            index = self.parameters(index + 1)
            self.at = self.annotation(index + 1) if self.text(index) == b")" else index

    def parameters(self, index: int) -> int:
        while self.is_name(index) or self.text(index) == b"...":
            index = self.annotation(index + 1)
            if self.text(index) != b",":
                break
            index += 1
        return index

    def cast(self) -> None:
        end = self.type_end(self.at + 1)
        if end is not None:
            self.blank_tokens(self.at, end)
            self.at = end

    def attribute(self) -> None:
        index = self.at + 1
        end = self.balanced(index) if self.text(index) == b"[" else index + 1
        if end is not None:
            self.blank_tokens(self.at, min(end, len(self.tokens)))
            self.at = end

    def export(self) -> None:
        if self.at_statement() and self.text(self.at + 1) in (b"type", b"local", b"function", b"const"):
            self.blank_tokens(self.at, self.at + 1)
        else:
            self.plain_name(b"exp_rt")

    def type_statement(self) -> None:
        if self.text(self.at - 1) != b"export" and not self.at_statement():
            return
        following = self.text(self.at + 1)
        if following == b"function":
            self.blank_tokens(self.at, self.at + 1)
        elif self.is_name(self.at + 1) and self.text(self.at + 2) in (b"=", b"<"):
            self.type_alias()
        else:
            self.plain_name(b"typ_")

    def plain_name(self, name: bytes) -> None:
        """Rename a variable that the grammar would take for a keyword."""
        if self.text(self.at + 1) in (b"=", b",", b".", b"[") and self.text(self.at - 1) != b".":
            token = self.tokens[self.at]
            self.out[token.start : token.end] = name

    def type_alias(self) -> None:
        index: int | None = self.at + 2
        if self.text(self.at + 2) == b"<":
            index = self.balanced(self.at + 2)
        if index is None or self.text(index) != b"=":
            return
        end = self.type_end(index + 1)
        if end is not None:
            self.blank_tokens(self.at, end)
            self.at = end

    def instantiation(self) -> None:
        """``f<<T>>(x)``"""
        first, second = self.peek(self.at), self.peek(self.at + 1)
        if second.text == b"<" and first.end == second.start:
            end = self.balanced(self.at)
            if end is not None:
                self.blank_tokens(self.at, end)
                self.at = end

    def type_end(self, index: int) -> int | None:
        """Where the type that starts at this token ends, or None where there is no type."""
        if self.text(index) in (b"|", b"&"):
            index += 1
        while True:
            end = self.simple_type_end(index)
            if end is None:
                return None
            while self.text(end) == b"?":
                end += 1
            if self.text(end) not in (b"|", b"&"):
                return end
            index = end + 1

    def simple_type_end(self, index: int) -> int | None:
        token = self.peek(index)
        if token.text in (b"(", b"<"):
            end = self.balanced(index)
            if end is not None and token.text == b"<":
                return self.simple_type_end(end)
            if end is not None and self.text(end) == b"->":
                return self.type_end(end + 1)
            return end
        if token.text == b"{":
            return self.balanced(index)
        if token.text == b"...":
            return self.type_end(index + 1)
        if token.kind == "string" or token.text in (b"nil", b"true", b"false"):
            return index + 1
        return self.named_type_end(index) if self.is_name(index) else None

    def named_type_end(self, index: int) -> int | None:
        if self.text(index) == b"typeof" and self.text(index + 1) == b"(":
            return self.balanced(index + 1)
        index += 1
        while self.text(index) == b"." and self.is_name(index + 1):
            index += 2
        if self.text(index) == b"...":
            return index + 1
        return self.balanced(index) if self.text(index) == b"<" else index

    def balanced(self, index: int) -> int | None:
        """What comes after the bracket that closes the one here, or None where none does."""
        expected: list[bytes] = []
        while index < len(self.tokens):
            text = self.tokens[index].text
            if text in _OPEN:
                expected.append(_OPEN[text])
            elif text in _OPEN.values():
                if not expected or expected.pop() != text:
                    return None
                if not expected:
                    return index + 1
            index += 1
        return None


_HANDLERS = {
    b"local": _Masker.names,
    b"for": _Masker.names,
    b"const": _Masker.const,
    b"function": _Masker.function,
    b"::": _Masker.cast,
    b"@": _Masker.attribute,
    b"export": _Masker.export,
    b"type": _Masker.type_statement,
    b"<": _Masker.instantiation,
}
