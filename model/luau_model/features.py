"""A request as hashed features, for telling which of the known scripts it asks for.

Words count whole, in pairs and by their letters, so that typing slips do not matter much.
"""

from __future__ import annotations

import re
import zlib
from itertools import pairwise

BUCKETS = 1 << 16
_WORD = re.compile(r"(NAME|NUMBER|TEXT)_[A-H]\b|[A-Za-z](?:[\w']*\w)?")
_LETTERS = (3, 4, 5)


def words(text: str) -> list[str]:
    """The words of a text whose values were put aside, in lower case; a placeholder counts by its kind alone."""
    return [f"<{found[1].lower()}>" if found[1] else found[0].lower() for found in _WORD.finditer(text)]


def plain(found: list[str]) -> list[str]:
    """Those words that are no placeholders."""
    return [word for word in found if not word.startswith("<")]


def hashed(found: list[str]) -> list[int]:
    """Distinct feature ids below BUCKETS, ascending."""
    parts = [f"w {word}" for word in found]
    parts += [f"p {one} {two}" for one, two in pairwise(found)]
    parts += [f"s {one} {two}" for one, two in zip(found, found[2:], strict=False)]
    for word in plain(found):
        marked = f"^{word}$"
        parts += [marked[i : i + n] for n in _LETTERS for i in range(len(marked) - n + 1)]
    return sorted({zlib.crc32(part.encode()) % BUCKETS for part in parts})
