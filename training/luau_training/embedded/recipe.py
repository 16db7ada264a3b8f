"""One recipe: many ways to ask for a script, and the script. The corpus of the embedded model is made of these.

A recipe is one TOML file under ``recipes/<category>/``; CONTRIBUTING.md shows how to write one. The script is a
Jinja2 template in which Luau stays readable: ``<<slot>>`` is a value, ``--% if option`` a line statement.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, pairwise, product
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from .slots import Slot, Value, slot_from

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent / "recipes"
SIDES = ("server", "client", "module")
# Marks around a slot's value while a script is rendered: the trainer weights these tokens.
OPEN, CLOSE = "\x01", "\x02"

_LUAU = Environment(
    variable_start_string="<<",
    variable_end_string=">>",
    block_start_string="--[%",
    block_end_string="%]--",
    comment_start_string="--[#",
    comment_end_string="#]--",
    keep_trailing_newline=True,
    undefined=StrictUndefined,
)
# Jinja2's own line statements also swallow the blank lines after them, and Luau needs those.
_STATEMENT = re.compile(r"^[ \t]*--% *(.*)\n", re.MULTILINE)
_MENTION = re.compile(r"\{(\w+)\}")
_TAG = re.compile(r"\s+#(\w+)")


class RecipeError(ValueError):
    """A recipe file that cannot be used; the message names the file, the place and the mend."""


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One way to ask: text with ``{slot}`` mentions, and the options that it asks for."""

    text: str
    options: frozenset[str]

    @property
    def mentions(self) -> tuple[str, ...]:
        return tuple(_MENTION.findall(self.text))


@dataclass(frozen=True)
class Recipe:
    """A loaded recipe file."""

    name: str
    title: str
    category: str
    side: str
    phrasings: tuple[Phrasing, ...]
    slots: Mapping[str, Slot]
    options: Mapping[str, tuple[str, ...]]
    shows: tuple[str, ...]
    source: str

    @cached_property
    def template(self) -> Template:
        return _LUAU.from_string(_STATEMENT.sub(r"--[%\1%]--", self.source))

    @cached_property
    def forks(self) -> frozenset[tuple[str, str]]:
        """Two lines of the script after which its options decide what comes."""
        followers: dict[tuple[str, str], set[str]] = {}
        for options in self.choices():
            lines = self.lines(options)
            for one, two, then in zip(lines, lines[1:], lines[2:], strict=False):
                followers.setdefault((one, two), set()).add(then)
        return frozenset(before for before, after in followers.items() if len(after) > 1)

    def choices(self) -> Iterator[frozenset[str]]:
        """Every combination of the options."""
        for flags in product((False, True), repeat=len(self.options)):
            yield frozenset(compress(self.options, flags))

    def lines(self, options: Collection[str]) -> list[str]:
        """The lines of the script with these options and no values, after two empty ones."""
        return ["", "", *self.render({}, options).split("\n")]

    def decided(self, options: Collection[str]) -> tuple[int, ...]:
        """The numbers, from 0, of those lines of the script that depend on the options."""
        lines = self.lines(options)
        return tuple(n for n, before in enumerate(pairwise(lines[:-1])) if before in self.forks)

    def render(self, values: Mapping[str, Value], options: Collection[str], *, marked: bool = False) -> str:
        """The script for these values; a slot that is not among them has its default.

        With ``marked`` each value that is among ``values`` stands between OPEN and CLOSE.
        """
        names = {name: slot.default.code for name, slot in self.slots.items()}
        for name, value in values.items():
            names[name] = f"{OPEN}{value.code}{CLOSE}" if marked else value.code
        return self.template.render({**names, **{option: option in options for option in self.options}})


def load(path: Path) -> Recipe:
    """Read one recipe.

    Raises RecipeError with one sentence where the file cannot be used.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path}: not TOML: {error}") from error
    try:
        recipe = _recipe(path, data)
    except (KeyError, TypeError, ValueError) as error:
        raise RecipeError(f"{path}: {error}") from error
    _check(path, recipe)
    return recipe


def load_all(folder: Path = FOLDER) -> tuple[Recipe, ...]:
    """Every recipe under the folder, by name."""
    recipes = sorted((load(path) for path in folder.glob("*/*.toml")), key=lambda recipe: recipe.name)
    names = [recipe.name for recipe in recipes]
    if twice := {name for name in names if names.count(name) > 1}:
        raise RecipeError(f"two recipes share the name {sorted(twice)[0]}: file names must differ across categories")
    return tuple(recipes)


def _recipe(path: Path, data: dict[str, Any]) -> Recipe:
    known = {"title", "side", "phrasings", "slots", "options", "shows", "script"}
    if unknown := set(data) - known:
        raise ValueError(f"unknown key {sorted(unknown)[0]!r}; a recipe has {', '.join(sorted(known))}")
    return Recipe(
        name=path.stem,
        title=data["title"],
        category=path.parent.name,
        side=data["side"],
        phrasings=tuple(_phrasing(text) for text in data["phrasings"]),
        slots={name: slot_from(name, spec) for name, spec in data.get("slots", {}).items()},
        options={name: tuple(texts) for name, texts in data.get("options", {}).items()},
        shows=tuple(data["shows"]),
        source=data["script"],
    )


def _phrasing(text: str) -> Phrasing:
    return Phrasing(_TAG.sub("", text).strip(), frozenset(_TAG.findall(text)))


def _check(path: Path, recipe: Recipe) -> None:
    def fail(what: str) -> None:
        raise RecipeError(f"{path}: {what}")

    if recipe.side not in SIDES:
        fail(f"side is {recipe.side!r}; it must be one of {', '.join(SIDES)}")
    if len(recipe.phrasings) < 12:
        fail(f"{len(recipe.phrasings)} phrasings; at least 12 are needed")
    texts = [p.text for p in recipe.phrasings] + [t for texts in recipe.options.values() for t in texts]
    if both := set(recipe.slots) & set(recipe.options):
        fail(f"{sorted(both)[0]!r} is a slot and an option; give them different names")
    for text in texts:
        for mention in _MENTION.findall(text):
            if mention not in recipe.slots:
                fail(f"{text!r} mentions {{{mention}}}, which is no slot")
    for phrasing in recipe.phrasings:
        if unknown := phrasing.options - set(recipe.options):
            fail(f"{phrasing.text!r} asks for #{sorted(unknown)[0]}, which is no option")
    mentioned = {m for text in texts for m in _MENTION.findall(text)}
    if idle := set(recipe.slots) - mentioned:
        fail(f"no phrasing mentions the slot {sorted(idle)[0]!r}")
    if not recipe.shows:
        fail("`shows` is empty: say what a right script must contain")
    full = recipe.render({}, recipe.options)
    for shown in recipe.shows:
        if shown not in full:
            fail(f"the script with all options does not show {shown!r}")
