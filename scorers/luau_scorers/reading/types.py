"""Reads types."""

from __future__ import annotations

from .cursor import Cursor


class TypeReader(Cursor):
    """Goes over a type or a list of them, and raises Failure at the first token that does not fit."""

    def value(self) -> None:
        """An expression, as in ``typeof(x)``."""
        raise NotImplementedError

    def type(self) -> None:
        """One type, with all that ``|``, ``&`` and ``?`` add to it."""
        mixed = {self.text} & {b"|", b"&"}
        if mixed:
            self.at += 1
        self.simple_type()
        self.type_suffix(mixed)

    def type_suffix(self, seen: set[bytes]) -> None:
        while self.text in (b"|", b"&", b"?"):
            seen = seen | {b"&" if self.text == b"&" else b"|"}
            if len(seen) > 1:
                raise self.failure("unmixed type")
            self.at += 1
            if self.tokens[self.at - 1].text != b"?":
                self.simple_type()

    def simple_type(self) -> None:
        token = self.tokens[self.at]
        if token.text in (b"nil", b"true", b"false") or (token.kind == "string" and not token.text.startswith(b"`")):
            self.at += 1
        elif token.text == b"typeof" and self.ahead().text == b"(":
            opener = self.at + 1
            self.at += 2
            self.value()
            self.expect(b")", opener)
        elif self.at_name():
            self.named_type()
        elif token.text == b"{":
            self.table_type()
        elif token.text in (b"(", b"<"):
            if not self.function_type():
                raise self.failure("->")
        else:
            raise self.failure("type")

    def named_type(self) -> None:
        self.at += 1
        if self.take(b"."):
            self.name()
        if self.text == b"<":
            self.type_arguments()

    def type_arguments(self) -> None:
        """What stands between ``<`` and ``>`` where a generic type is used."""
        opener = self.at
        self.at += 1
        if self.take(b">"):
            return
        self.type_or_pack()
        while self.take(b","):
            self.type_or_pack()
        self.expect(b">", opener)

    def type_or_pack(self) -> None:
        if self.take(b"..."):
            self.type()
        elif self.at_name() and self.ahead().text == b"...":
            self.at += 2
        elif self.text != b"(":
            self.type()
        elif self.function_type():
            self.type_suffix(set())

    def function_type(self) -> bool:
        """A function's type or a type in brackets; false where it turns out to be a list of types."""
        generic = self.text == b"<"
        if generic:
            self.generics()
        opener = self.at
        self.expect(b"(")
        single = self.type_list(opener)
        if self.take(b"->"):
            self.return_type()
            return True
        if generic:
            raise self.failure("->")
        return single

    def type_list(self, opener: int) -> bool:
        """Types up to the closing bracket; returns whether this is one type without a name."""
        if self.take(b")"):
            return False
        count = 0
        single = more = True
        while more:
            count += 1
            if self.text == b"..." or (self.at_name() and self.ahead().text in (b"...", b":")):
                single = False
            if self.at_name() and self.ahead().text == b":":
                self.at += 2
            self.type_or_pack()
            more = self.take(b",")
        self.expect(b")", opener)
        return single and count == 1

    def return_type(self) -> None:
        if self.text in (b"(", b"<"):
            if self.function_type():
                self.type_suffix(set())
        else:
            self.type_or_pack()

    def generics(self, with_defaults: bool = False) -> None:
        """The names between ``<`` and ``>`` where a generic function or type is declared."""
        opener = self.at
        self.at += 1
        more = True
        packs = defaults = False
        while more:
            self.name()
            pack = self.take(b"...")
            if packs and not pack:
                raise self.failure("...")
            packs = pack
            if with_defaults and self.take(b"="):
                self.type_or_pack()
                defaults = True
            elif defaults:
                raise self.failure("=")
            more = self.take(b",")
        self.expect(b">", opener)

    def table_type(self) -> None:
        opener = self.at
        self.at += 1
        first = True
        while self.text != b"}":
            if self.text in (b"read", b"write") and self.ahead().text != b":":
                self.at += 1
            if self.text == b"[":
                self.indexer()
            elif self.at_name() and self.ahead().text == b":":
                self.at += 2
                self.type()
            elif first:
                self.type()
                break
            else:
                raise self.failure("name")
            first = False
            if not (self.take(b",") or self.take(b";")):
                break
        self.expect(b"}", opener)

    def indexer(self) -> None:
        opener = self.at
        self.at += 1
        self.type()
        self.expect(b"]", opener)
        self.expect(b":")
        self.type()
