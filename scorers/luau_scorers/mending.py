"""Reads a script that does not parse, asks the rules what went wrong at each place, and reads on as they say."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

from tree_sitter import Node

from .finding import Edit, Finding, Fix, Severity, Span
from .reading.cursor import Failure
from .reading.statements import BLOCK_ENDS, StatementReader
from .rule import all_rules
from .syntax_tree import Document
from .tokens import Token, pieces, tokenize

# So many mistakes of one file are told; who makes more starts at the top anyway.
MOST = 50
# The tree takes a `(` on a new line for a call, which Luau does not.
_ON_NEW_LINE = re.compile(rb"\n[ \t]*\(")


@dataclass(frozen=True)
class Trouble:
    """The place where reading failed.

    ``at`` is the token that cannot stand there, ``expected`` what could, ``opener`` the token that waits for it.
    ``statement`` is where the innermost statement begins, ``top`` the one at the left margin, and ``ended`` is the
    place right after a ``return`` or ``break``.
    """

    source: bytes
    tokens: list[Token]
    at: int
    expected: str
    opener: int | None
    statement: int
    top: int
    ended: int

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    @property
    def before(self) -> Token:
        return self.token(self.at - 1)

    @property
    def after(self) -> Token:
        return self.token(self.at + 1)

    def token(self, index: int) -> Token:
        """The token at an index, or the empty one at the end of the file where there is none."""
        return self.tokens[index] if 0 <= index < len(self.tokens) else self.tokens[-1]

    def text(self, index: int) -> str:
        return self.token(index).text.decode("utf-8", "replace")

    def line(self, index: int) -> int:
        """The number of the line on which a token stands, from 1."""
        return self.source.count(b"\n", 0, self.token(index).start) + 1

    def line_start(self, index: int) -> int:
        return self.source.rfind(b"\n", 0, self.token(index).start) + 1

    def line_end(self, index: int) -> int:
        end = self.source.find(b"\n", self.token(index).start)
        return len(self.source) if end < 0 else end - (self.source[end - 1 : end] == b"\r")

    def first_of_line(self, index: int) -> int:
        """The first token on the line of this one."""
        start = self.line_start(index)
        while index > 0 and self.tokens[index - 1].start >= start:
            index -= 1
        return index

    def starts_line(self, index: int) -> bool:
        return index == 0 or self.line_start(index) > self.token(index - 1).start

    def ends_line(self, index: int) -> bool:
        return index + 1 >= len(self.tokens) - 1 or self.starts_line(index + 1)

    def indentation(self, index: int) -> bytes:
        """The blanks at the start of a token's line."""
        line = self.source[self.line_start(index) : self.token(index).start]
        return line[: len(line) - len(line.lstrip())]

    def touching(self, index: int) -> bool:
        """Whether nothing stands between a token and the next one."""
        return self.token(index).end == self.token(index + 1).start

    def span(self, first: int, last: int | None = None) -> Span:
        return Span(self.token(first).start, self.token(first if last is None else last).end)

    def replaced(self, first: int, last: int, text: str) -> Edit:
        """An edit that puts this text in the place of some tokens."""
        return Edit(self.span(first, last), text)

    def closing(self, brace: int) -> int | None:
        """The ``}`` that goes with a ``{``, if there is one."""
        depth = 0
        for index in range(brace, len(self.tokens)):
            depth += {b"{": 1, b"}": -1}.get(self.tokens[index].text, 0)
            if depth == 0:
                return index
        return None

    @cached_property
    def previous_end(self) -> int:
        """Where the last token before the trouble ends."""
        return self.before.end if self.at else 0


@dataclass(frozen=True)
class Mistake:
    """What a person did. ``reads`` are the edits after which the rest can be read; without any, reading stops here."""

    span: Span
    message: str
    reads: tuple[Edit, ...] = ()
    fix: Fix | None = None


def fixed(span: Span, message: str, title: str, *edits: Edit, safe: bool = True) -> Mistake:
    """A mistake whose fix is what the rest is read with."""
    return Mistake(span, message, edits, Fix(title, edits, safe))


class Slip:
    """A rule that explains why a script does not parse. It is asked at every place where reading fails.

    Of all that have an answer, the one with the lowest ``rank`` counts.
    """

    rank: ClassVar[int] = 0
    code: ClassVar[str]
    severity: ClassVar[Severity]

    def explain(self, trouble: Trouble) -> Mistake | None:
        """What was done wrong here, if this rule knows."""
        raise NotImplementedError

    def scan(self, document: Document) -> Iterator[Finding]:
        for code, mistake in mistakes(document):
            if code == self.code:
                yield Finding(code, mistake.span, mistake.message, self.severity, mistake.fix)


@lru_cache(maxsize=2)
def mistakes(document: Document) -> tuple[tuple[str, Mistake], ...]:
    """What makes a script fail to parse, each with the code of its rule, in the order of reading."""
    places = [*_broken(document), *_calls_on_new_line(document)]
    if not places:
        return ()
    window = document.window
    if window is None or min(places) < window.start or not document.errors:
        window = _around(document.root.children, min(places), max(places), len(document.source))
    found = _mistakes(document.source, window.start, window.end)
    return found or _mistakes(document.source, window.start, len(document.source)) or ()


def _broken(document: Document) -> Iterator[int]:
    for node in document.errors:
        yield from (node.start_byte, node.end_byte)


def _calls_on_new_line(document: Document) -> Iterator[int]:
    for found in _ON_NEW_LINE.finditer(document.source):
        node = document.root.descendant_for_byte_range(found.end() - 1, found.end())
        if node is not None and node.parent is not None and node.parent.type == "arguments":
            yield found.start()


def _around(statements: list[Node], first: int, last: int, end: int) -> Span:
    """The part of a file that has to be read: a broken tree's border is not sure, so with a statement on each side."""
    before = [node.start_byte for node in statements if node.end_byte < first]
    after = [node.end_byte for node in statements if node.start_byte > last]
    return Span(before[-2] if len(before) > 1 else 0, after[1] if len(after) > 1 else end)


@lru_cache(maxsize=4)
def _mistakes(source: bytes, start: int, stop: int) -> tuple[tuple[str, Mistake], ...] | None:
    """What is wrong between two places; None where that reaches beyond them."""
    reader = _Mender(source, start, stop)
    with suppress(Failure, RecursionError):
        reader.file()
    return None if reader.reached_end and stop < len(source) else tuple(reader.found)


class _Mender(StatementReader):
    def __init__(self, source: bytes, start: int, stop: int) -> None:
        end = Token("other", b"", stop, stop)
        super().__init__(source, [*pieces(source, tokenize(source, start, stop)), end])
        self.stop = stop
        self.found: list[tuple[str, Mistake]] = []
        self.failed: Failure | None = None
        self.reads: tuple[Edit, ...] = ()
        self.top = -1
        self.first = 0
        self.ended = -1
        self.mended_at = 0
        self.furthest = 0
        self.reached_end = False

    def block(self) -> bool:
        around, self.first = self.first, self.at
        last = super().block()
        self.first = around
        return last

    def mended(self, read: Callable[[], bool]) -> bool:
        start, first = self.at, self.first
        outermost = self.top < 0
        while True:
            if outermost:
                self.top = self.at
            try:
                last = read()
            except Failure as failure:
                self.first = first
                reread = self.tokens[start].start
                self.note(failure, start)
                if not self.mend(first):
                    raise
                # What was mended may be in a statement that was taken for complete.
                self.at = start if reread <= self.mended_at else first
                if self.text in BLOCK_ENDS:
                    return False
            else:
                if last:
                    self.ended = self.at
                if outermost:
                    self.top = -1
                return last

    def note(self, failure: Failure, statement: int) -> None:
        """Ask the rules about a failure, once: where the innermost statement that holds it begins."""
        if failure is self.failed:
            return
        self.failed = failure
        self.reads = ()
        reached = self.tokens[failure.at].start
        at_end = not self.tokens[failure.at].text
        if reached < self.furthest or len(self.found) == MOST:
            return  # what is wrong with text that was right before follows from how the last mistake was mended
        self.furthest = reached
        trouble = Trouble(
            self.source, self.tokens, failure.at, failure.expected, failure.opener, statement, self.top, self.ended
        )
        for slip in _slips():
            if mistake := slip.explain(trouble):
                # A block may go on behind what is read, unless something shows that it should have ended before.
                self.reached_end = self.reached_end or (at_end and mistake.span.end >= trouble.previous_end)
                if (slip.code, mistake) not in self.found:
                    self.found.append((slip.code, mistake))
                    self.reads = mistake.reads
                return
        self.reached_end = self.reached_end or at_end

    def mend(self, first: int) -> bool:
        """Change the tokens as the last mistake says, if all of that is in the block that begins here."""
        edits = sorted(self.reads, key=lambda edit: edit.span.start, reverse=True)
        if not edits or edits[-1].span.start < self.tokens[first].start:
            return False
        self.mended_at = edits[-1].span.start
        for edit in edits:
            self.edit(edit.span, edit.text.encode())
        self.reads = ()
        return True

    def edit(self, span: Span, text: bytes) -> None:
        starts = [token.start for token in self.tokens]
        first = bisect_left(starts, span.start)
        while self.tokens[first].text and self.tokens[first].end == span.start:
            first += 1  # what an earlier mistake put here stays in front
        last = max(first, bisect_left(starts, span.end))
        new = [Token(token.kind, token.text, span.start, span.start) for token in tokenize(text)]
        tail = self.tokens[last:]
        if last > first and self.tokens[last - 1].end > span.end:
            tail = [*pieces(self.source, tokenize(self.source, span.end, self.stop)), self.tokens[-1]]
        self.tokens[first:] = [*new, *tail]


@lru_cache(maxsize=1)
def _slips() -> tuple[Slip, ...]:
    slips = [rule() for rule in all_rules() if issubclass(rule, Slip)]
    return tuple(sorted(slips, key=lambda slip: slip.rank))
