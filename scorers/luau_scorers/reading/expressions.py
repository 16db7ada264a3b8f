"""Reads expressions."""

from __future__ import annotations

import re
from typing import Literal

from .types import TypeReader

UNARY = frozenset(b"not - #".split())
BINARY = frozenset(b"+ - * / // % ^ .. == ~= < <= > >= and or".split())
_NUMBER = re.compile(rb"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|(?:[0-9]+|0[xX][0-9A-Fa-f]+|0[bB][01]+)i?")
Shape = Literal["variable", "call", "group"]


class ExpressionReader(TypeReader):
    """Goes over an expression, and raises Failure at the first token that does not fit."""

    def block(self) -> bool:
        """Statements, as in a function's body."""
        raise NotImplementedError

    def value(self) -> None:
        while True:
            while self.text in UNARY:
                self.at += 1
            self.operand()
            if self.take(b"::"):
                self.type()
            if self.text == b">" and self.ahead().text == b"=" and self.touching():
                self.at += 1
            elif self.text not in BINARY:
                return
            self.at += 1

    def values(self) -> None:
        self.value()
        while self.take(b","):
            self.value()

    def operand(self) -> None:
        token = self.tokens[self.at]
        if token.kind == "number":
            if not _NUMBER.fullmatch(token.text.replace(b"_", b"")):
                raise self.failure("number")
            self.at += 1
        elif token.text in (b"nil", b"true", b"false", b"..."):
            self.at += 1
        elif token.kind == "string":
            self.string()
        elif token.text in (b"function", b"@"):
            self.attributes()
            self.expect(b"function")
            self.function_body()
        elif token.text == b"{":
            self.table()
        elif token.text == b"if":
            self.if_expression()
        else:
            self.primary()

    def primary(self) -> Shape:
        """A name or a value in brackets, with the calls and indexes that follow; returns what it is."""
        shape: Shape = "variable"
        if self.text == b"(":
            opener = self.at
            self.at += 1
            self.value()
            self.expect(b")", opener)
            shape = "group"
        elif self.at_name():
            self.at += 1
        else:
            raise self.failure("value")
        while (further := self.suffix()) is not None:
            shape = further
        return shape

    def suffix(self) -> Shape | None:
        token = self.tokens[self.at]
        if token.text == b".":
            self.at += 1
            self.name()
            return "variable"
        if token.text == b"[":
            self.at += 1
            self.value()
            self.expect(b"]", self.at - 1)
            return "variable"
        if token.text == b"<" and self.ahead().text == b"<":
            self.instantiation()
            return "group"
        if token.text == b":":
            self.at += 1
            self.name()
            if self.text == b"<" and self.ahead().text == b"<":
                self.instantiation()
            if not self.at_arguments():
                raise self.failure("arguments")
        elif not self.at_arguments():
            return None
        self.arguments()
        return "call"

    def at_arguments(self) -> bool:
        token = self.tokens[self.at]
        return token.text in (b"(", b"{") or (token.kind == "string" and token.text[:1] not in (b"`", b"}"))

    def instantiation(self) -> None:
        opener = self.at
        self.at += 1
        self.type_arguments()
        self.expect(b">", opener)

    def arguments(self) -> None:
        if self.text == b"{":
            self.table()
        elif self.text != b"(":
            self.string()
        else:
            if self.on_new_line():
                raise self.failure("same line")
            opener = self.at
            self.at += 1
            if not self.take(b")"):
                self.values()
                self.expect(b")", opener)

    def string(self) -> None:
        token = self.tokens[self.at]
        if not closed(token.text):
            raise self.failure("end of string")
        self.at += 1
        while token.text[:1] in (b"`", b"}") and token.text[-1:] == b"{":
            if self.text == b"{" and token.end == self.tokens[self.at].start:
                raise self.failure("single brace")
            self.value()
            token = self.tokens[self.at]
            if token.kind != "string" or token.text[:1] != b"}":
                raise self.failure("}")
            self.at += 1

    def table(self) -> None:
        opener = self.at
        self.at += 1
        while self.text != b"}":
            if self.text == b"[":
                bracket = self.at
                self.at += 1
                self.value()
                self.expect(b"]", bracket)
                self.expect(b"=")
            elif self.at_name() and self.ahead().text == b"=":
                self.at += 2
            self.value()
            if not (self.take(b",") or self.take(b";")):
                break
        self.expect(b"}", opener)

    def if_expression(self) -> None:
        opener = self.at
        self.at += 1
        while True:
            self.value()
            self.expect(b"then", opener)
            self.value()
            if not self.take(b"elseif"):
                break
        self.expect(b"else", opener)
        self.value()

    def function_body(self) -> None:
        """All of a function that follows its name."""
        word = self.at - 1
        while self.tokens[word].text != b"function":
            word -= 1
        if self.text == b"<":
            self.generics()
        opener = self.at
        self.expect(b"(")
        if not self.take(b")"):
            self.parameters()
            self.expect(b")", opener)
        if self.take(b":"):
            self.return_type()
        self.block()
        self.expect(b"end", word)

    def parameters(self) -> None:
        while True:
            if self.take(b"..."):
                if self.take(b":"):
                    self.type_or_pack()
                return
            self.binding()
            if not self.take(b","):
                return

    def binding(self) -> None:
        """A name that is declared, with its type."""
        self.name()
        if self.take(b":"):
            self.type()

    def attributes(self) -> bool:
        """Any number of ``@name`` and ``@[name {...}]``; returns whether there was one."""
        found = False
        while self.text == b"@":
            found = True
            touching = self.touching()
            self.at += 1
            if not touching:
                raise self.failure("attribute")
            opener = self.at
            if not self.take(b"["):
                self.name()
                continue
            while True:
                self.name()
                if self.at_arguments():
                    self.arguments()
                if not self.take(b","):
                    break
            self.expect(b"]", opener)
        return found


def closed(text: bytes) -> bool:
    """Whether a string's token has its end."""
    first = text[:1]
    if first == b"[":
        closer = text[: text.index(b"[", 1) + 1].replace(b"[", b"]")
        return text.endswith(closer) and len(text) >= 2 * len(closer)
    if first in (b"`", b"}"):
        return len(text) > 1 and text[-1:] in (b"`", b"{")
    escapes = len(text[:-1]) - len(text[:-1].rstrip(b"\\"))
    return len(text) > 1 and text[-1:] == first and escapes % 2 == 0
