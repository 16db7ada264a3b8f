"""Requests with scripts that answer them well: what quantizations are compared on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..prompt import full
from ..request import Message, Request
from .errors import BuildError

SCRIPTS = Path(__file__).parent / "scripts"
_HEAD = re.compile(r"\s*(?:--\[\[(?P<block>.*?)\]\]|(?P<lines>(?:--(?!!)[^\n]*\n)+))\s*", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A request, and a script that does what it asks."""

    name: str
    request: str
    script: str

    def messages(self) -> Sequence[Message]:
        """The prompt as a general model gets it."""
        return full(Request(self.request))


def load(folder: Path = SCRIPTS) -> tuple[Example, ...]:
    """All ``.luau`` files below a folder; a file's first comment is its request.

    Raises BuildError where there are none, or one does not begin with a comment.
    """
    files = sorted(folder.rglob("*.luau"))
    if not files:
        raise BuildError(f"{folder} has no .luau files. Each one's first comment is the request that it answers.")
    return tuple(_parsed(file) for file in files)


def _parsed(file: Path) -> Example:
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(f"{file} can't be read as text: {error}.") from None
    match = _HEAD.match(text)
    if match is None:
        raise BuildError(f"{file} does not begin with a comment, which would be the request that it answers.")
    words = match["block"] or match["lines"].replace("--", " ")
    return Example(file.stem, " ".join(words.split()), text[match.end() :])
