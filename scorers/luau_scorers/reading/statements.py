"""Reads statements and whole files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .cursor import Failure
from .expressions import ExpressionReader

BLOCK_ENDS = frozenset((b"", b"end", b"else", b"elseif", b"until"))
_COMPOUND = frozenset(b"+= -= *= /= //= %= ^= ..=".split())
# After these a word such as ``type`` or ``continue`` is an ordinary name.
_NAME_USES = frozenset(b"= , . : [ ( { < ::".split()) | _COMPOUND


class StatementReader(ExpressionReader):
    """Reads a whole file. ``mended`` decides what to do where that fails."""

    def file(self) -> None:
        """Read to the end of the file."""
        while self.text:
            last = self.block()
            self.mended(partial(self.stray, last))

    def stray(self, last: bool) -> bool:
        """Nothing but the end of the file or, unless a ``return`` came last, a statement may follow."""
        if self.text and (last or self.text in BLOCK_ENDS):
            raise self.failure("statement")
        return False

    def mended(self, read: Callable[[], bool]) -> bool:
        """Read one statement. A reader that knows how to go on after a failure overrides this."""
        return read()

    def block(self) -> bool:
        """Read statements; returns whether one came that must be the last."""
        last = False
        while self.text not in BLOCK_ENDS and not last:
            last = self.mended(self.statement)
            self.take(b";")
        return last

    def statement(self) -> bool:
        """Read a statement; returns whether it must be the last of its block."""
        text = self.text
        if keyword := _KEYWORDS.get(text):
            keyword(self)
        elif text in (b"return", b"break"):
            self.at += 1
            if text == b"return" and self.text not in BLOCK_ENDS and self.text != b";":
                self.values()
            return True
        elif text == b"continue" and self.ahead().text not in _NAME_USES and self.ahead().kind != "string":
            self.at += 1
            return True
        elif not self.soft_keyword(text):
            self.expression_statement()
        return False

    def soft_keyword(self, text: bytes) -> bool:
        """``type``, ``export`` and ``const``, which are names elsewhere."""
        after = self.ahead()
        named = after.kind == "name" and after.text not in (b"and", b"or")
        if text == b"export" and after.text == b"type":
            self.at += 2
            self.type_declaration()
        elif text == b"export" and after.text in (b"local", b"function", b"const"):
            self.at += 1
            self.statement()
        elif text == b"type" and named:
            self.at += 1
            self.type_declaration()
        elif text == b"const" and named:
            self.at += 1
            self.declaration(needs_value=True)
        else:
            return False
        return True

    def type_declaration(self) -> None:
        if self.take(b"function"):
            self.name()
            self.function_body()
            return
        self.name()
        if self.text == b"<":
            self.generics(with_defaults=True)
        self.expect(b"=")
        self.type()

    def expression_statement(self) -> None:
        start = self.at
        shape = self.primary()
        if shape == "call" and self.text not in (b",", b"="):
            return
        if self.text in _COMPOUND or self.text in (b",", b"="):
            if shape != "variable":
                raise Failure(start, "variable")
            self.assignment()
        else:
            raise self.failure("use", start)

    def assignment(self) -> None:
        if self.text in _COMPOUND:
            self.at += 1
            self.value()
            return
        while self.take(b","):
            start = self.at
            if self.primary() != "variable":
                raise Failure(start, "variable")
        self.expect(b"=")
        self.values()

    def if_statement(self) -> None:
        opener = self.at
        self.at += 1
        self.value()
        self.expect(b"then", opener)
        self.block()
        while self.text == b"elseif":
            branch = self.at
            self.at += 1
            self.value()
            self.expect(b"then", branch)
            self.block()
        if self.take(b"else"):
            self.block()
        self.expect(b"end", opener)

    def while_statement(self) -> None:
        opener = self.at
        self.at += 1
        self.value()
        self.body(opener)

    def body(self, opener: int) -> None:
        self.expect(b"do", opener)
        self.block()
        self.expect(b"end", opener)

    def do_statement(self) -> None:
        self.body(self.at)

    def repeat_statement(self) -> None:
        opener = self.at
        self.at += 1
        self.block()
        self.expect(b"until", opener)
        self.value()

    def for_statement(self) -> None:
        opener = self.at
        self.at += 1
        self.binding()
        if self.take(b"="):
            self.value()
            self.expect(b",")
            self.value()
            if self.take(b","):
                self.value()
        else:
            while self.take(b","):
                self.binding()
            self.expect(b"in", opener)
            self.values()
        self.body(opener)

    def function_statement(self) -> None:
        self.at += 1
        self.name()
        while self.take(b"."):
            self.name()
        if self.take(b":"):
            self.name()
        self.function_body()

    def local_statement(self) -> None:
        self.at += 1
        self.declaration()

    def declaration(self, needs_value: bool = False) -> None:
        """What follows ``local`` or ``const``."""
        if self.take(b"function"):
            self.name()
            self.function_body()
            return
        self.binding()
        while self.take(b","):
            self.binding()
        if self.take(b"="):
            self.values()
        elif needs_value:
            raise self.failure("=")

    def attributed_statement(self) -> None:
        self.attributes()
        if self.text in (b"local", b"const", b"export") and self.ahead().text == b"function":
            self.at += 1
        if self.text != b"function":
            raise self.failure("function")
        if self.tokens[self.at - 1].text in (b"local", b"const", b"export"):
            self.declaration()
        else:
            self.function_statement()


_KEYWORDS: dict[bytes, Callable[[StatementReader], None]] = {
    b"if": StatementReader.if_statement,
    b"while": StatementReader.while_statement,
    b"do": StatementReader.do_statement,
    b"for": StatementReader.for_statement,
    b"repeat": StatementReader.repeat_statement,
    b"function": StatementReader.function_statement,
    b"local": StatementReader.local_statement,
    b"@": StatementReader.attributed_statement,
}
