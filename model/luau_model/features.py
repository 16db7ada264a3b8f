"""A request as tokens, and tokens as hashed features, for telling what it asks for.

Words count whole and by their letters, so that typing slips do not matter much.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from itertools import pairwise

from .values import PLACEHOLDER

# Features of single tokens, and of the request as a bag of words.
TOKEN_BUCKETS = 1 << 15
BAG_BUCKETS = 1 << 16
_TOKEN = re.compile(rf"{PLACEHOLDER.pattern}|[A-Za-z](?:[\w']*\w)?|[^\w\s]")
_LETTERS = (3, 4, 5)


def tokens(text: str) -> list[tuple[str, int]]:
    """Words, placeholders and punctuation of a text whose values were put aside, each with where it starts."""
    return [(found[0], found.start()) for found in _TOKEN.finditer(text)]


def words(text: str) -> list[str]:
    """The words in lower case, without punctuation; a placeholder counts by its kind alone."""
    found = (token for token, _ in tokens(text) if token[0].isalpha())
    return [f"<{kind[1].lower()}>" if (kind := PLACEHOLDER.fullmatch(token)) else token.lower() for token in found]


def plain(found: list[str]) -> list[str]:
    """Those words that are no placeholders."""
    return [word for word in found if not word.startswith("<")]


@lru_cache(maxsize=50_000)
def of_token(token: str) -> tuple[int, ...]:
    """Distinct feature ids of one token, below TOKEN_BUCKETS."""
    if kind := PLACEHOLDER.fullmatch(token):
        parts = [f"<{kind[1]}>", f"<{token}>"]
    elif token[0].isalpha():
        word = token.lower()
        parts = [f"w {word}", *_letter_groups(word), *(["upper"] if token != word else [])]
    else:
        parts = [f"p {token}"]
    return tuple(sorted({zlib.crc32(part.encode()) % TOKEN_BUCKETS for part in parts}))


def of_bag(found: list[str]) -> list[int]:
    """Distinct feature ids of a request's words, below BAG_BUCKETS, ascending: words, pairs and letters."""
    parts = [f"w {word}" for word in found]
    parts += [f"p {one} {two}" for one, two in pairwise(found)]
    parts += [f"s {one} {two}" for one, two in zip(found, found[2:], strict=False)]
    for word in plain(found):
        parts += _letter_groups(word)
    return sorted({zlib.crc32(part.encode()) % BAG_BUCKETS for part in parts})


def _letter_groups(word: str) -> list[str]:
    marked = f"^{word}$"
    return [marked[i : i + n] for n in _LETTERS for i in range(len(marked) - n + 1)]
