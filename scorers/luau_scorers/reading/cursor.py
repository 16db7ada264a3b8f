"""The tokens under a reader's eye, and where it stopped."""

from __future__ import annotations

from collections.abc import Sequence

from ..tokens import KEYWORDS, Token


class Failure(Exception):
    """The token ``at`` cannot stand where it is.

    ``expected`` is what could: a word or sign as it is written, or "value", "name", "type", "statement" ... .
    ``opener`` is the token that waits for the closer which was expected.
    """

    def __init__(self, at: int, expected: str, opener: int | None = None) -> None:
        super().__init__(expected)
        self.at = at
        self.expected = expected
        self.opener = opener


class Cursor:
    """A place in a list of tokens; the last of them is an empty one for the end of the file."""

    def __init__(self, source: bytes, tokens: Sequence[Token]) -> None:
        self.source = source
        self.tokens = list(tokens)
        self.at = 0

    @property
    def text(self) -> bytes:
        return self.tokens[self.at].text

    def ahead(self, steps: int = 1) -> Token:
        """A token further on, without going there."""
        return self.tokens[min(self.at + steps, len(self.tokens) - 1)]

    def take(self, text: bytes) -> bool:
        """Go on if this is the next token."""
        if self.tokens[self.at].text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: bytes, opener: int | None = None) -> None:
        if not self.take(text):
            raise self.failure(text.decode(), opener)

    def name(self) -> None:
        if not self.at_name():
            raise self.failure("name")
        self.at += 1

    def at_name(self) -> bool:
        """Whether a name that is no keyword comes next."""
        token = self.tokens[self.at]
        return token.kind == "name" and token.text not in KEYWORDS

    def failure(self, expected: str, opener: int | None = None) -> Failure:
        return Failure(self.at, expected, opener)

    def touching(self) -> bool:
        """Whether nothing stands between the next token and the one after it."""
        return self.tokens[self.at].end == self.ahead().start

    def on_new_line(self) -> bool:
        """Whether the next token stands on a later line than the one before it."""
        before = self.tokens[self.at - 1].end if self.at else 0
        return self.source.find(b"\n", before, self.tokens[self.at].start) >= 0
