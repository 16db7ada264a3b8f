"""What the embedded model can do, measured through the real pipeline; prints the model card's figures as Markdown.

    python -m luau_training.embedded.evaluate

Requests are drawn from phrasings and values that training never saw. "Parses" is the official compiler's word.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from luau_model.engines.embedded import EmbeddedEngine
from luau_model.generate import Outcome, Progress, generate
from luau_model.known import MODEL, Knowledge
from luau_model.request import Options, Request

from .. import compiler
from . import corpus
from .batches import lesson
from .corpus import Pair
from .knowledge import foreign
from .parallel import on_engines
from .recipe import Recipe, load_all

KNOWN = 300
COMPARED = 100
_UNKNOWN_EACH = 5


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    composite: float
    refused: bool
    tokens: int
    seconds: float
    plan: str


async def answers(model: Path, requests: Sequence[str]) -> list[Answer]:
    """What comes of each request in serving, with its default settings."""
    knowledge = Knowledge.load()

    async def one(engine: EmbeddedEngine, text: str) -> Answer:
        started = time.perf_counter()
        tokens: dict[int, int] = {}
        async for event in generate(engine, Request(text), Options()):
            if isinstance(event, Progress):
                tokens[event.candidate] = event.tokens
        seconds = time.perf_counter() - started
        assert isinstance(event, Outcome)
        script = event.script or event.best
        plan = knowledge.task(text).prefix
        return Answer(
            script.text if script else "",
            script.report.composite if script else 0.0,
            event.script is None,
            sum(tokens.values()),
            seconds,
            plan,
        )

    return await on_engines(model, one, requests)


def _lines(script: str) -> Counter[str]:
    return Counter(line.strip() for line in script.splitlines() if line.strip())


def _alike(one: Counter[str], other: Counter[str]) -> float:
    return 2 * (one & other).total() / max(1, one.total() + other.total())


class Recognizer:
    """Which recipe a script is nearest to, by the lines that it shares with the recipe's plain and full scripts."""

    def __init__(self, recipes: Sequence[Recipe]) -> None:
        self._shapes = [(r.name, _lines(r.render({}, o))) for r in recipes for o in ((), tuple(r.options))]

    def recipe_of(self, script: str, reference: Pair) -> str:
        shapes = [*self._shapes, (reference.recipe, _lines(reference.script))]
        found = _lines(script)
        return max(shapes, key=lambda shape: _alike(found, shape[1]))[0]


def _carried(pair: Pair, script: str) -> int:
    return sum(bool(re.search(rf"(?<!\w){re.escape(v.code)}(?!\w)", script)) for _, v in pair.values)


def known_rows(title: str, pairs: Sequence[Pair], given: Sequence[Answer], recognizer: Recognizer) -> list[str]:
    """Table rows for requests of known recipes."""
    broken = sum(bool(message) for message in compiler.errors([answer.text for answer in given]))
    right = sum(recognizer.recipe_of(a.text, p) == p.recipe for a, p in zip(given, pairs, strict=True))
    exact = sum(a.text == p.script for a, p in zip(given, pairs, strict=True))
    values = sum(len(pair.values) for pair in pairs)
    carried = sum(_carried(p, a.text) for a, p in zip(given, pairs, strict=True))
    lexicon = Knowledge.load().lexicon
    planned = sum(a.plan == lesson(p, lexicon).plan for a, p in zip(given, pairs, strict=True))
    good = sum(answer.composite >= 0.75 for answer in given)
    n = len(pairs)
    return [
        f"| {title}: parses | {1 - broken / n:.1%} of {n} |",
        f"| {title}: right recipe | {right / n:.1%} |",
        f"| {title}: recipe, options and places of values all right | {planned / n:.1%} |",
        f"| {title}: values carried over exactly | {carried / values:.1%} of {values} |",
        f"| {title}: the very script of the recipe | {exact / n:.1%} |",
        f"| {title}: composite score at least .75 | {good / n:.1%} |",
    ]


async def report(model: Path, seed: int, show: bool) -> str:
    """Run everything and return the Markdown table."""
    rng = random.Random(seed)
    recipes = load_all()
    taught = corpus.taught()
    pairs = [corpus.draw(rng, taught[i % len(taught)], "test") for i in range(KNOWN)]
    seen = [corpus.draw(rng, taught[i % len(taught)], "train") for i in range(COMPARED)]
    new = [
        corpus.draw(rng, r, "train") for r in recipes if r.name in corpus.UNKNOWN_RECIPES for _ in range(_UNKNOWN_EACH)
    ]
    given = await answers(model, [pair.request for pair in pairs])
    familiar = await answers(model, [pair.request for pair in seen])
    strange = await answers(model, foreign("test"))
    unknown = await answers(model, [pair.request for pair in new])
    recognizer = Recognizer(taught)
    if show:
        for pair, answer in zip(pairs, given, strict=True):
            found = recognizer.recipe_of(answer.text, pair)
            if found != pair.recipe or _carried(pair, answer.text) < len(pair.values):
                print(f"- {pair.recipe} -> {found}: {pair.request}")
    rows = ["| figure | value |", "| --- | --- |"]
    rows += known_rows("phrasings never seen", pairs, given, recognizer)
    rows += known_rows("phrasings seen, new values", seen, familiar, recognizer)
    rows.append(f"| known requests refused (phrasings never seen) | {sum(a.refused for a in given)} of {len(given)} |")
    rows.append(f"| foreign requests refused | {sum(a.refused for a in strange)} of {len(strange)} |")
    rows.append(
        f"| requests for the ten unknown recipes refused | {sum(a.refused for a in unknown)} of {len(unknown)} |"
    )
    broken = sum(bool(message) for message in compiler.errors([answer.text for answer in unknown]))
    rows.append(f"| answers to those: parse | {1 - broken / len(unknown):.1%} |")
    speed = sum(a.tokens for a in given) / sum(a.seconds for a in given)
    rows.append(f"| tokens a second on one core, all candidates, prompts and checks included | {speed:.0f} |")
    rows.append(f"| seconds a script, median | {sorted(a.seconds for a in given)[len(given) // 2]:.2f} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--show", action="store_true", help="list the requests that went wrong")
    arguments = parser.parse_args()
    print(asyncio.run(report(arguments.model, arguments.seed, arguments.show)))


if __name__ == "__main__":
    main()
