"""Pairs of a request and its script, drawn without end from the recipes; the same seed gives the same pairs."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from luau_model.features import words
from luau_model.values import Lexicon

from . import phrasing
from .recipe import CLOSE, OPEN, Phrasing, Recipe, load_all
from .slots import Value
from .words import CURRENCIES, KEYS, NOUNS, THINGS

Split = Literal["train", "calibration", "test"]

# Kept out of training whole, to see what the model does with what it does not know.
UNKNOWN_RECIPES = frozenset(
    "conveyor code_door low_gravity_zone npc_dialog kill_rewards daily_reward billboard_name premium_bonus elevator "
    "camera_shake".split()
)
# Of each recipe: half for calibration, half for the test.
HELD_OUT_PHRASINGS = 4
# Another salt is another split: take a new one once figures of the old one have guided a choice.
_SPLIT = b"2 "
# So many variants of a phrasing give the lexicon its words.
_VARIED = 30
_MENTION = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Pair:
    """``options`` and ``values`` (by slot) are what the request asks for, in the recipe's order.

    ``spans`` are the ranges of ``script``, in characters, where a value of the request stands; ``decided`` are the
    numbers, from 0, of its lines that depend on the options.
    """

    recipe: str
    phrasing: str
    request: str
    script: str
    options: tuple[str, ...]
    values: tuple[tuple[str, Value], ...]
    spans: tuple[tuple[int, int], ...]
    decided: tuple[int, ...]


def taught() -> list[Recipe]:
    """The recipes that may be trained on."""
    return [recipe for recipe in load_all() if recipe.name not in UNKNOWN_RECIPES]


def draw(rng: random.Random, recipe: Recipe, split: Split) -> Pair:
    """One pair of this recipe; phrasings and values are the split's own."""
    base = rng.choice(phrasings_of(recipe, split))
    options = set(base.options)
    clauses = []
    for option in rng.sample(sorted(recipe.options), len(recipe.options)):
        if option not in options and rng.random() < 0.35:
            options.add(option)
            clauses.append(rng.choice(_clauses_of(recipe.options[option], split)))
    text = phrasing.vary(rng, phrasing.join(rng, base.text, clauses))
    return pair_of(rng, recipe, base, text, options, held_out=split != "train")


def pair_of(
    rng: random.Random, recipe: Recipe, base: Phrasing, text: str, options: set[str], *, held_out: bool
) -> Pair:
    """Fill the mentions of a request made of the phrasing ``base``; render the script with the same values."""
    values: dict[str, Value] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(_MENTION.findall(text)):
        values[name] = _distinct(rng, recipe, name, taken, held_out)
        taken.add(values[name].code)
    request = _MENTION.sub(lambda found: values[found[1]].text, text)
    script, spans = _unmark(recipe.render(values, options, marked=True))
    shown = tuple((slot, values[slot]) for slot in recipe.slots if slot in values and values[slot].code in script)
    asked = tuple(option for option in recipe.options if option in options)
    return Pair(recipe.name, base.text, request, script, asked, shown, spans, recipe.decided(asked))


def phrasings_of(recipe: Recipe, split: Split) -> Sequence[Phrasing]:
    """The recipe's phrasings of one split; which are held out is decided by hash."""
    order = sorted(recipe.phrasings, key=lambda p: zlib.crc32(_SPLIT + p.text.encode()))
    if split == "train":
        return order[HELD_OUT_PHRASINGS:]
    half = HELD_OUT_PHRASINGS // 2
    return order[:half] if split == "calibration" else order[half:HELD_OUT_PHRASINGS]


def _clauses_of(texts: Sequence[str], split: Split) -> Sequence[str]:
    """Of four or more ways to ask for an option the last is held out."""
    if len(texts) < 4:
        return texts
    return texts[:-1] if split == "train" else texts[-1:]


def _distinct(rng: random.Random, recipe: Recipe, name: str, taken: set[str], held_out: bool) -> Value:
    for _ in range(20):
        value = recipe.slots[name].sample(rng, held_out=held_out)
        if value.code not in taken:
            return value
    return value


def _unmark(marked: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    out: list[str] = []
    spans: list[tuple[int, int]] = []
    length = 0
    for piece in re.split(f"({OPEN}[^{CLOSE}]*{CLOSE})", marked):
        if piece.startswith(OPEN):
            piece = piece[1:-1]
            spans.append((length, length + len(piece)))
        out.append(piece)
        length += len(piece)
    return "".join(out), tuple(spans)


def lexicon_of(recipes: Sequence[Recipe]) -> Lexicon:
    """The words that requests for these recipes are made of, values apart."""
    rng = random.Random(0)
    found: set[str] = set()
    proper = {key for pair in KEYS.items() for key in pair} | {"I", "TODO"}
    for recipe in recipes:
        texts = [p.text for p in phrasings_of(recipe, "train")]
        texts += [text for option in recipe.options.values() for text in _clauses_of(option, "train")]
        texts += [value.text for slot in recipe.slots.values() if slot.closed for value in slot.several()]
        for text in map(_without_mentions, texts):
            proper |= {word for word in re.findall(r"[A-Za-z_][\w']*", text) if not word.islower()}
            found |= set(words(text.lower()))
            found |= {word for _ in range(_VARIED) for word in words(phrasing.vary(rng, text or "a"))}
    # what slots may be called is a name wherever it stands
    return Lexicon(frozenset(found), frozenset(proper - {*CURRENCIES, *NOUNS, *THINGS}))


def _without_mentions(text: str) -> str:
    return _MENTION.sub(" ", text)
