"""The values in a request: names, numbers and quoted texts, put aside while the model works.

The embedded model sees placeholders instead and writes them into its script, where the values come back in. So a
value is carried over exactly, however it is spelled, and what a part is called cannot change what is understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SPLIT = re.compile(
    r"\"([^\"\n]+)\"|(?<!\w)'([^'\n]+)'(?!\w)"  # quoted
    r"|(\d+(?:,\d{3})*(?:\.\d+)?)(?![A-Za-z]*\d)"  # a number
    r"|([A-Za-z_](?:[\w']*\w)?)"  # a word
    r"|([.!?:]\s)"  # what begins a sentence anew
)
_OBJECT = re.compile(r"\s+(?:[A-Z]\w*[a-z]|an?|the|all|every|each|my|players?)\b")
_NAMED = frozenset(("named", "called"))
_LETTERS = "ABCDEFGH"
PLACEHOLDER = re.compile(rf"\b(NAME|NUMBER|TEXT)_[{_LETTERS}]\b")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words that are no names: ``words`` in lower case, ``proper`` as they are spelled (``TweenService``, ``NPC``)."""

    words: frozenset[str]
    proper: frozenset[str]


def put_aside(text: str, lexicon: Lexicon) -> tuple[str, dict[str, str]]:
    """The text with placeholders, and their values. The same value gets the same placeholder."""
    out: list[str] = []
    values: dict[str, str] = {}
    at, start, named = 0, True, False
    for found in _SPLIT.finditer(text):
        double, single, number, word, stop = found.groups()
        out.append(text[at : found.start()])
        at = found.end()
        shown = found[0]
        quoted = double or single
        if quoted:
            kind = "NAME" if re.fullmatch(r"\w+", quoted) and not quoted[0].isdigit() else "TEXT"
            shown = _placeholder(kind, quoted, values) or shown
        elif number:
            shown = _placeholder("NUMBER", number.replace(",", ""), values) or shown
            shown += " " if text[at : at + 1].isalpha() else ""  # "5s": the unit is a word of its own
        elif word and (_is_name(word, start, text[at:], lexicon) or (named and word.lower() not in lexicon.proper)):
            shown = _placeholder("NAME", word, values) or shown
        out.append(shown)
        start = bool(stop)
        named = bool(word) and word.lower() in _NAMED
    return "".join([*out, text[at:]]), values


def put_back(script: str, values: Mapping[str, str]) -> str:
    """The script with its values. A placeholder that stands for nothing becomes ``Value`` or 1: it must parse."""

    def value(found: re.Match[str]) -> str:
        fallback = "1" if found[0].startswith("NUMBER") else "Value"
        return values.get(found[0], fallback).replace("\\", "\\\\").replace('"', '\\"')

    return PLACEHOLDER.sub(value, script)


def _placeholder(kind: str, value: str, values: dict[str, str]) -> str | None:
    """The placeholder of a value, None where there is none left."""
    same = [name for name in values if name.startswith(kind)]
    for name in same:
        if values[name] == value:
            return name
    if len(same) == len(_LETTERS):
        return None
    name = f"{kind}_{_LETTERS[len(same)]}"
    values[name] = value
    return name


def _is_name(word: str, start: bool, rest: str, lexicon: Lexicon) -> bool:
    if word in lexicon.proper or (word.isupper() and word.lower() in lexicon.words):
        return False
    if re.search(r"[a-z][A-Z]|_|\d", word):
        return True
    if not word[0].isupper():
        return False
    # the first word of a sentence is upper case for that alone; before an object it is a verb that we do not know
    return not (start and (word.lower() in lexicon.words or _OBJECT.match(rest)))
