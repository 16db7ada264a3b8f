"""What a request asks for: which recipe, which of its options, and where the values go.

A small bidirectional transformer over hashed features, in numpy: a request takes a few milliseconds. Beside it stands
a linear layer over the bag of words ("wide and deep", Cheng et al. 2016), which is better at telling recipes apart by
rare words. Trained by ``luau_training.embedded.understanding``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .features import of_bag, of_token, tokens, words
from .values import PLACEHOLDER

MAX_TOKENS = 64
HEADS = 4
TAPS = 5  # tokens that the convolution sees
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Outline:
    """What may be decided for one recipe.

    ``options`` maps an option to how people ask for it. ``slots`` maps a slot to the kind of its placeholder (NAME,
    NUMBER, TEXT), or to the texts that it can be, each with what stands in the script for it; ``places`` are then the
    lines where it stands, cut in two around it. ``needs`` maps a slot to the options that have a place for it, where
    the script without options has none. ``marks`` maps an option to lines that the script has with it, and never
    without.
    """

    title: str
    options: Mapping[str, str]
    slots: Mapping[str, str | Mapping[str, str]]
    places: Mapping[str, Sequence[Sequence[str]]]
    needs: Mapping[str, Sequence[str]]
    marks: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Reading:
    """``scores`` are the recipes' logits, in the order of the outlines; the rest is of the best of them. ``values``
    maps slots to placeholders or texts; ``option_scores`` has all of its options, above 0 where they are asked for.
    """

    recipe: str
    scores: Array
    options: tuple[str, ...]
    values: Mapping[str, str]
    option_scores: Mapping[str, float]


def candidates(found: Sequence[str], outline: Outline) -> dict[int, dict[str, str]]:
    """By token: the slots that it may go to, each with what the slot then is."""
    out: dict[int, dict[str, str]] = {}
    lower = [token.lower() for token in found]
    for slot, kind in outline.slots.items():
        if isinstance(kind, str):
            for place, token in enumerate(found):
                if (known := PLACEHOLDER.fullmatch(token)) and known[1] == kind:
                    out.setdefault(place, {})[slot] = token
            continue
        for text in sorted(kind, key=len):  # the longest that fits is written last, and stays
            parts = [token for token, _ in tokens(text)]
            for place in range(len(found) - len(parts) + 1):
                same = found[place] == text if len(text) == 1 else lower[place : place + len(parts)] == _lower(parts)
                if same:
                    out.setdefault(place, {})[slot] = text.replace(" ", "_")
    return out


def _lower(parts: Sequence[str]) -> list[str]:
    return [part.lower() for part in parts]


class Understanding:
    """``weights`` are the trained arrays by name (see ``luau_training.embedded.understanding``), after the number
    of their net and a slash; the tables of features are in 8 bits with a scale each. ``outlines`` are the recipes in
    the order of the nets' columns. What the nets say is averaged: they were trained alike, but from other seeds.
    """

    def __init__(self, weights: Mapping[str, NDArray[Any]], outlines: Mapping[str, Outline]) -> None:
        self.weights = weights
        self.outlines = outlines
        self.columns = Columns(outlines)
        numbers = sorted({name.split("/")[0] for name in weights})
        self._nets = [_Net(weights, f"{number}/", self.columns) for number in numbers]

    def read(self, text: str) -> Reading:
        """What a request whose values were put aside asks for. Never raises."""
        found = [token for token, _ in tokens(text)][:MAX_TOKENS] or ["?"]
        said = [net.read(found, words(text)) for net in self._nets]
        scores, option_scores, slot_scores = (np.mean(part, axis=0) for part in zip(*said, strict=True))
        recipe = tuple(self.outlines)[int(scores.argmax())]
        outline = self.outlines[recipe]
        values = self._place(recipe, candidates(found, outline), slot_scores)
        by_option = {option: float(option_scores[self.columns.options[recipe, option]]) for option in outline.options}
        options = _chosen(outline, by_option, values)
        placed = {slot: values[slot] for slot in outline.slots if slot in values}
        return Reading(recipe, scores, options, placed, by_option)

    def _place(self, recipe: str, allowed: Mapping[int, Mapping[str, str]], scores: Array) -> dict[str, str]:
        """Each slot gets one value and each value one slot, the surest first."""
        column = self.columns.slots
        pairs = [
            (float(scores[place, column[recipe, slot]]), place, slot, value)
            for place, slots in allowed.items()
            for slot, value in slots.items()
        ]
        values: dict[str, str] = {}
        for score, _, slot, value in sorted(pairs, key=lambda pair: -pair[0]):
            if score > 0 and slot not in values and value not in values.values():
                values[slot] = value
        return values


def _chosen(outline: Outline, scores: Mapping[str, float], values: Mapping[str, str]) -> tuple[str, ...]:
    chosen = {option for option, score in scores.items() if score > 0}
    for slot, options in outline.needs.items():
        if slot in values and not chosen & set(options):
            chosen.add(max(options, key=scores.__getitem__))
    return tuple(option for option in outline.options if option in chosen)


class _Net:
    """One net's arithmetic."""

    def __init__(self, weights: Mapping[str, NDArray[Any]], prefix: str, columns: Columns) -> None:
        own = {name[len(prefix) :]: array for name, array in weights.items() if name.startswith(prefix)}
        self._w = {name: a if a.dtype == np.int8 else a.astype(np.float32) for name, a in own.items()}
        self._layers = sum(name.endswith("qkv.weight") for name in own)
        self._columns = columns

    def read(self, found: Sequence[str], bag: list[str]) -> tuple[Array, Array, Array]:
        """Scores of the recipes, of all options, and of all slots for each token; above 0 is yes."""
        hidden = self._encode(found)
        pooled = np.concatenate([hidden.mean(0), hidden.max(0)])
        recipes = self._linear(pooled, "recipe") + self._rows("bag", of_bag(bag))
        named = self._linear(hidden, "option_name")[:, self._columns.option_names]
        options = (named + self._linear(hidden, "option")).max(0) + self._linear(pooled, "option_pooled")
        names = self._linear(hidden, "slot_name")
        slots = names[:, self._columns.slot_names] + self._linear(hidden, "slot") - names[:, :1]
        return recipes, options, slots

    def _encode(self, found: Sequence[str]) -> Array:
        x = np.stack([self._rows("token", of_token(token)) for token in found]) + self._w["place"][: len(found)]
        x = x + _gelu(self._convolve(x))
        for layer in range(self._layers):
            x = x + self._attend(self._norm(x, f"layers.{layer}.norm1"), f"layers.{layer}")
            inner = _gelu(self._linear(self._norm(x, f"layers.{layer}.norm2"), f"layers.{layer}.up"))
            x = x + self._linear(inner, f"layers.{layer}.down")
        return self._norm(x, "norm")

    def _convolve(self, x: Array) -> Array:
        padded = np.pad(x, ((TAPS // 2, TAPS // 2), (0, 0)))
        window = np.concatenate([padded[tap : tap + len(x)] for tap in range(TAPS)], axis=1)
        return self._linear(window, "window")

    def _attend(self, x: Array, name: str) -> Array:
        length, width = x.shape
        qkv = self._linear(x, f"{name}.qkv").reshape(length, 3, HEADS, width // HEADS).transpose(1, 2, 0, 3)
        weights = _softmax(qkv[0] @ qkv[1].transpose(0, 2, 1) / math.sqrt(width // HEADS))
        return self._linear((weights @ qkv[2]).transpose(1, 0, 2).reshape(length, width), f"{name}.out")

    def _rows(self, name: str, ids: Sequence[int]) -> Array:
        """The sum of a table's rows over the root of their number; tables are kept in 8 bits."""
        total = self._w[f"{name}.weight"][list(ids)].sum(0, dtype=np.float32)
        scaled: Array = total * np.float32(self._w[f"{name}.scale"] / math.sqrt(max(1, len(ids))))
        return scaled

    def _linear(self, x: Array, name: str) -> Array:
        out: Array = x @ self._w[f"{name}.weight"].T + self._w[f"{name}.bias"]
        return out

    def _norm(self, x: Array, name: str) -> Array:
        centred = x - x.mean(-1, keepdims=True)
        scaled: Array = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
        return scaled * self._w[f"{name}.weight"] + self._w[f"{name}.bias"]


class Columns:
    """Which column of the net's last layers is whose. Options and slots of the same name share a column of names."""

    def __init__(self, outlines: Mapping[str, Outline]) -> None:
        self.options = _numbered((name, option) for name, outline in outlines.items() for option in outline.options)
        self.slots = _numbered((name, slot) for name, outline in outlines.items() for slot in outline.slots)
        # column 0 of the slots' names means "goes nowhere"
        self.option_kinds = _numbered(option for _, option in self.options)
        self.slot_kinds = _numbered(["", *(slot for _, slot in self.slots)])
        self.option_names = [self.option_kinds[option] for _, option in self.options]
        self.slot_names = [self.slot_kinds[slot] for _, slot in self.slots]


def _numbered(keys: Any) -> dict[Any, int]:
    return {key: number for number, key in enumerate(dict.fromkeys(keys))}


def _gelu(x: Array) -> Array:
    # the tanh form, which torch calls approximate="tanh"
    out: Array = 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return out


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    out: Array = powers / powers.sum(-1, keepdims=True)
    return out
