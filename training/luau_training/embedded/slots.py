"""The values that a request names: each kind knows how people write it and how Luau does."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import words

# One value in this many is kept out of training, so that evaluation asks for values never seen.
HELD_OUT_SHARE = 10


@dataclass(frozen=True, slots=True)
class Value:
    """``text`` is how the request says it, ``code`` what stands in the script."""

    text: str
    code: str

    @property
    def held_out(self) -> bool:
        return zlib.crc32(self.code.encode()) % HELD_OUT_SHARE == 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A kind of value, how to draw one, and the value where the request says nothing."""

    kind: str
    default: Value
    draw: Callable[[random.Random], Value]
    closed: bool

    def several(self) -> list[Value]:
        """Some of the slot's values; all of them, very likely, where it is closed."""
        rng = random.Random(0)
        return [self.default, *(self.draw(rng) for _ in range(100))]

    def sample(self, rng: random.Random, *, held_out: bool) -> Value:
        """Draw a value of the wanted split; kinds with few values (keys, colours, choices) are in both."""
        for _ in range(200):
            value = self.draw(rng)
            if self.closed or value.held_out == held_out:
                return value
        return value


def slot_from(name: str, spec: Mapping[str, Any]) -> Slot:
    """Build a slot from its TOML table; raises ValueError or KeyError naming what is wrong."""
    kind = spec["kind"]
    if kind not in KINDS:
        raise ValueError(f"slot {name!r} has kind {kind!r}; kinds are {', '.join(sorted(KINDS))}")
    draw, default, closed = KINDS[kind](spec)
    return Slot(kind, default, draw, closed)


_Made = tuple[Callable[[random.Random], Value], Value, bool]


def _plain(text: object) -> Value:
    return Value(str(text), str(text))


def _name(spec: Mapping[str, Any]) -> _Made:
    return (lambda rng: _plain(words.instance_name(rng))), _plain(spec["default"]), False


def _currency(spec: Mapping[str, Any]) -> _Made:
    def draw(rng: random.Random) -> Value:
        return _plain(rng.choice(words.CURRENCIES) if rng.random() < 0.6 else words.word(rng))

    return draw, _plain(spec.get("default", "Coins")), False


def _int(spec: Mapping[str, Any]) -> _Made:
    low, high = int(spec["min"]), int(spec["max"])
    return (lambda rng: _plain(words.integer(rng, low, high))), _plain(int(spec["default"])), high - low < 60


def _number(spec: Mapping[str, Any]) -> _Made:
    low, high = float(spec["min"]), float(spec["max"])

    def draw(rng: random.Random) -> Value:
        return _plain(f"{rng.uniform(low, high):.{rng.choice((0, 1, 1, 2))}f}")

    return draw, _plain(spec["default"]), False


def _id(spec: Mapping[str, Any]) -> _Made:
    return (
        (lambda rng: _plain(rng.randint(10**5, 10 ** rng.randint(6, 10)))),
        _plain(int(spec.get("default", 0))),
        False,
    )


def _mapped(table: Mapping[str, str]) -> Callable[[Mapping[str, Any]], _Made]:
    def make(spec: Mapping[str, Any]) -> _Made:
        default = spec["default"]
        if default not in table:
            raise ValueError(f"default {default!r} is not among {', '.join(table)}")
        pairs = [Value(text, code) for text, code in table.items()]
        return (lambda rng: rng.choice(pairs)), Value(default, table[default]), True

    return make


def _choice(spec: Mapping[str, Any]) -> _Made:
    return _mapped(spec["values"])(spec)


def _text(spec: Mapping[str, Any]) -> _Made:
    def draw(rng: random.Random) -> Value:
        message = words.message(rng)
        quote = rng.choice(('"', "'", '"'))
        return Value(f"{quote}{message}{quote}", message)

    return draw, Value(f'"{spec["default"]}"', spec["default"]), False


KINDS: dict[str, Callable[[Mapping[str, Any]], _Made]] = {
    "name": _name,
    "currency": _currency,
    "int": _int,
    "number": _number,
    "id": _id,
    "text": _text,
    "key": _mapped(words.KEYS),
    "color": _mapped(words.COLORS),
    "material": _mapped(words.MATERIALS),
    "choice": _choice,
}
