"""A request as hashed features, for telling which of the known scripts it asks for.

Names, numbers and quoted texts become placeholders, so that what a part is called does not matter; words count whole,
in pairs and by their letters, so that typing slips do not matter much either.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection

BUCKETS = 1 << 16
_QUOTED = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)")
_TOKEN = re.compile(r"[A-Za-z_](?:[\w']*\w)?|\d[\d.,]*|[.!?:]")
_LETTERS = (3, 4, 5)
NAME, NUMBER, TEXT = "<name>", "<number>", "<text>"


def words(text: str, known: Collection[str]) -> list[str]:
    """The request's words in lower case; ``known`` are words that are never taken for a name."""
    out: list[str] = []
    start = True
    for token in _TOKEN.findall(_QUOTED.sub(" Qtext_ ", text)):
        lower = token.lower()
        if token in ".!?:":
            start = True
            continue
        if token == "Qtext_":
            out.append(TEXT)
        elif token[0].isdigit():
            out.append(NUMBER)
        elif lower in known:
            out.append(lower)
        elif re.search(r"[a-z][A-Z]|_|\d", token) or (token[0].isupper() and not start):
            out.append(NAME)
        else:
            out.append(lower)
        start = False
    return out


def hashed(found: list[str]) -> list[int]:
    """Distinct feature ids below BUCKETS, ascending."""
    parts = [f"w {word}" for word in found]
    parts += [f"p {one} {two}" for one, two in zip(found, found[1:], strict=False)]
    parts += [f"s {one} {two}" for one, two in zip(found, found[2:], strict=False)]
    for word in found:
        if not word.startswith("<"):
            marked = f"^{word}$"
            parts += [marked[i : i + n] for n in _LETTERS for i in range(len(marked) - n + 1)]
    return sorted({zlib.crc32(part.encode()) % BUCKETS for part in parts})
