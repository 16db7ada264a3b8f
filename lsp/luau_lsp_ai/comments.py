"""The comments of a Luau text that can be requests for a script."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Strings are matched so that "--" inside of them is not taken for a comment. What is never closed runs to the end
# of its line, or of the file for the long forms, as it does for the Luau compiler.
_TOKEN = re.compile(
    rb"""
    --\[(?P<level>=*)\[ (?: (?P<body>.*?) \]\1\] | .* )
    | --(?P<line>[^\r\n]*)
    | \[(=*)\[ (?: .*? \]\4\] | .* )
    | "(?: \\\r\n | \\. | [^"\\\r\n] )*
      (?: " | (?=[\r\n]) | \Z )
    | '(?: \\\r\n | \\. | [^'\\\r\n] )*
      (?: ' | (?=[\r\n]) | \Z )
    | `(?: \\\r\n | \\. | [^`\\\r\n] )*
      (?: ` | (?=[\r\n]) | \Z )
    """,
    re.DOTALL | re.VERBOSE,
)
_DIRECTIVE = re.compile(rb"!|\s*(?:selene|stylua|luau-lsp-ai|luacheck)\s*:")
_LINE_END = re.compile(rb"\r\n|\n|\r")

# How comments begin that explain code, mark work to do or head a section.
_EXPLAINS = re.compile(
    r"""
    (?: this | these | that | those | the | it | its | we | you | if | else | otherwise | because | since | see | note
      | todo | fixme | hack | xxx | bug | warning | returns? | gets? | sets? | checks? | handles? | used | called | only
      | also | don't | now | here | then | types? | services? | constants? | variables? | modules? | helpers? | private
      | public | local | function | @\w+ | https? ) \b
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that stands alone on its lines.

    ``start`` and ``end`` are byte offsets, from the first dash to the end of the last line's content;
    ``request`` is what it says, without the comment's signs; ``indent`` is the blank text before it.
    """

    start: int
    end: int
    request: str
    indent: str


@dataclass(slots=True)
class _Lines:
    """Line comments below each other with one indentation, while they are collected."""

    start: int
    end: int
    indent: bytes
    texts: list[bytes]

    def comment(self) -> Comment:
        texts = [text.lstrip(b"-").strip().decode() for text in self.texts]
        return Comment(self.start, self.end, "\n".join(texts).strip(), self.indent.decode())


def comments(data: bytes, line_starts: Sequence[int]) -> list[Comment]:
    """All comments of the text that ask for something, in order: no directives, and none without a word."""
    return [comment for comment in _all_comments(data, line_starts) if any(map(str.isalnum, comment.request))]


def comment_at(found: list[Comment], start: int, end: int) -> Comment | None:
    """The first of the comments that the byte range touches."""
    return next((comment for comment in found if comment.start <= end and start <= comment.end), None)


def asks_for_code(request: str) -> bool:
    """Does a comment read like a request for a script? A guess, for what is shown unasked."""
    words = request.split()
    return len(words) >= 3 and not _EXPLAINS.match(request) and not request.endswith((":", "=", "-"))


def _all_comments(data: bytes, line_starts: Sequence[int]) -> Iterator[Comment]:
    open_lines: _Lines | None = None
    for match in _TOKEN.finditer(data):
        text, body = match["line"], match["body"]
        indent = _indent(data[line_starts[bisect_right(line_starts, match.start()) - 1] : match.start()])
        if indent is None or (text is None and body is None):
            continue
        if text is not None and open_lines is not None and _continues(data, open_lines, match.start(), indent, text):
            open_lines.texts.append(text)
            open_lines.end = match.end()
            continue
        if open_lines is not None:
            yield open_lines.comment()
            open_lines = None
        if text is None:
            if _rest_of_line_is_blank(data, match.end()):
                yield Comment(match.start(), match.end(), _joined(body), indent.decode())
        elif not _DIRECTIVE.match(text):
            open_lines = _Lines(match.start(), match.end(), indent, [text])
    if open_lines is not None:
        yield open_lines.comment()


def _indent(before: bytes) -> bytes | None:
    """The blank text between a line's start and its comment; None where something else stands there."""
    before = before.removeprefix(b"\xef\xbb\xbf")
    return None if before.strip(b" \t") else before


def _continues(data: bytes, lines: _Lines, start: int, indent: bytes, text: bytes) -> bool:
    between = data[lines.end : start - len(indent)]
    return indent == lines.indent and bool(_LINE_END.fullmatch(between)) and not _DIRECTIVE.match(text)


def _rest_of_line_is_blank(data: bytes, end: int) -> bool:
    line_end = _LINE_END.search(data, end)
    return not data[end : line_end.start() if line_end else len(data)].strip()


def _joined(body: bytes) -> str:
    return "\n".join(line.strip() for line in body.decode().splitlines()).strip()
