"""What the nets and the server must know of a recipe: its options, its slots, and what they do to the script."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from luau_model.understanding import Outline

from .recipe import CLOSE, OPEN, Recipe

# Lines by which an option is told; two, so that one lucky line is not enough.
_MARKS = 2
_JOINED = re.compile(r"^(?:(?:and|but|plus|also|that|where|so|or) )+")
_KINDS = {"name": "NAME", "currency": "NAME", "int": "NUMBER", "number": "NUMBER", "id": "NUMBER", "text": "TEXT"}


def outline_of(recipe: Recipe) -> Outline:
    """What may be decided for this recipe."""
    slots = {
        name: _KINDS.get(slot.kind) or {value.text: value.code for value in slot.several()}
        for name, slot in recipe.slots.items()
    }
    places = {name: _places(recipe, name) for name, kind in slots.items() if not isinstance(kind, str)}
    return Outline(recipe.title, _options(recipe), slots, places, _needs(recipe), _marks(recipe))


def _options(recipe: Recipe) -> dict[str, str]:
    """How each is asked for, in a few words that stand for themselves: without values, where there are such words."""
    said = {}
    for option, texts in recipe.options.items():
        text = min(texts, key=lambda text: "{" in text)
        text = re.sub(r"\{(\w+)\}", lambda found: recipe.slots[found[1]].default.text, text)
        said[option] = _JOINED.sub("", text)
    return said


def _places(recipe: Recipe, slot: str) -> tuple[tuple[str, str], ...]:
    value = recipe.slots[slot].sample(random.Random(0), held_out=False)
    script = "\n".join(recipe.render({slot: value}, options, marked=True) for options in ((), recipe.options))
    found = re.findall(rf"^\s*([^{OPEN}\n]+){OPEN}[^{CLOSE}]*{CLOSE}([^{OPEN}\n]*)$", script, re.MULTILINE)
    return tuple(dict.fromkeys(found))


def _marks(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    rng = random.Random(0)
    values = {name: slot.sample(rng, held_out=False) for name, slot in recipe.slots.items()}
    scripts = {
        chosen: _lines(recipe.render({}, chosen)) & _lines(recipe.render(values, chosen)) for chosen in recipe.choices()
    }
    marks = {}
    for option in recipe.options:
        always = set.intersection(*(lines for chosen, lines in scripts.items() if option in chosen))
        without: set[str] = set().union(*(lines for chosen, lines in scripts.items() if option not in chosen))
        if own := sorted(always - without, key=len)[-_MARKS:]:
            marks[option] = tuple(own)
    return marks


def _lines(script: str) -> set[str]:
    return {line.strip() for line in script.splitlines()}


def _needs(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    def shows(slot: str, options: Sequence[str]) -> bool:
        value = recipe.slots[slot].sample(random.Random(0), held_out=False)
        return OPEN in recipe.render({slot: value}, options, marked=True)

    needs = {}
    for slot in recipe.slots:
        if not shows(slot, ()) and (options := tuple(o for o in recipe.options if shows(slot, (o,)))):
            needs[slot] = options
    return needs
