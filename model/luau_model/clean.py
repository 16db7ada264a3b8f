"""Taking the script out of a model's answer."""

from __future__ import annotations

import re

from luau_scorers.syntax_tree import parse

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*(\w*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_CODE_WORD = re.compile(r"\b(local|function|end|return|then|do|game|workspace|script)\b|[=(){}]|--")


def clean(answer: str) -> str | None:
    """The Luau of an answer with LF line ends and one final newline, or None where there is none.

    Markdown fences and the prose around them go; an answer that is prose all through is no script.
    """
    text = answer.replace("\r\n", "\n").replace("\r", "\n")
    if fences := _FENCE.findall(text):
        text = max((body for _, _, body in fences), key=len)
    text = "\n".join(line.rstrip() for line in text.strip("\n").split("\n")).strip("\n")
    if not text.strip() or not _looks_like_code(text):
        return None
    return text + "\n"


def _looks_like_code(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    return sum(bool(_CODE_WORD.search(line)) for line in lines) * 2 >= len(lines)


def essence(script: str) -> tuple[bytes, ...]:
    """What a script says: two that differ in comments, blanks and blank lines alone have the same."""
    source = script.encode()
    words: list[bytes] = []
    waiting = [parse(source).root]
    while waiting:
        node = waiting.pop()
        if node.type == "comment":
            continue
        waiting += reversed(node.children)
        if not node.children:
            words.append(source[node.start_byte : node.end_byte])
    return tuple(words)
