"""What the embedded model knows: what a request asks for, and whether it knows any such script at all.

The data lie beside the model and are made with it (``luau_training.embedded.export``): the net that understands
requests, and a logistic function that tells known requests from foreign ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np

from .features import plain, words
from .prompt import compact, plan
from .request import Message
from .understanding import Outline, Reading, Understanding
from .values import Lexicon, put_aside, put_back

FOLDER = Path(__file__).parent / "embedded"
MODEL = FOLDER / "luau-mini.gguf"
MODEL_NAME = MODEL.stem
SIGNALS = 6
# From this score on an option was asked for in so many words.
CLEAR = 2.0


@dataclass(frozen=True, slots=True)
class Task:
    """A request made ready for the embedded model: ``values`` are what was put aside, by placeholder."""

    text: str
    values: Mapping[str, str]
    reading: Reading

    @property
    def messages(self) -> tuple[Message, ...]:
        return compact(self.text)

    @property
    def prefix(self) -> str:
        """How the answer begins: with the plan."""
        return plan(self.reading.recipe, self.reading.options, self.reading.values)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The plan, and plans for other scripts that the request may mean as well, the likeliest first.

        They have one or two options more, or are without one that the request does not clearly ask for.
        """
        reading = self.reading
        open_ = [
            option
            for option, score in sorted(reading.option_scores.items(), key=lambda pair: abs(pair[1]))
            if option not in reading.options or 0 < score < CLEAR
        ]
        changes = [(), *((option,) for option in open_), *combinations(open_, 2)]
        wanted = (
            tuple(option for option in reading.option_scores if (option in reading.options) != (option in change))
            for change in changes
        )
        return tuple(plan(reading.recipe, options, reading.values) for options in wanted)


@dataclass(frozen=True)
class Knowledge:
    """``doubt_weights`` and ``doubt_bias`` are a logistic function over ``signals``."""

    lexicon: Lexicon
    understanding: Understanding
    doubt_weights: tuple[float, ...]
    doubt_bias: float

    @staticmethod
    @cache
    def load() -> Knowledge:
        """Read the package's data, once."""
        about = json.loads((FOLDER / "knowledge.json").read_text("utf-8"))
        with np.load(FOLDER / "knowledge.npz") as arrays:
            weights = dict(arrays)
        outlines = {name: Outline(**outline) for name, outline in about["recipes"].items()}
        lexicon = Lexicon(frozenset(about["words"]), frozenset(about["proper"]))
        doubt = about["doubt"]
        return Knowledge(lexicon, Understanding(weights, outlines), tuple(doubt["weights"]), doubt["bias"])

    def task(self, request: str) -> Task:
        """Put the values aside and find out what is asked for."""
        text, values = put_aside(request, self.lexicon)
        return Task(text, values, self.understanding.read(text))

    def script(self, task: Task, answer: str) -> str:
        """The script in an answer, with the request's values: keys, colours and the like are set where they belong."""
        outline = self.understanding.outlines[task.reading.recipe]
        for slot, code in self._listed(task).items():
            for before, after in outline.places[slot]:
                answer = _set(answer, before, code, after)
        return put_back(answer, task.values)

    def unused(self, task: Task, answer: str) -> tuple[str, ...]:
        """The names, numbers and texts of the request that the script does without."""
        return tuple(value for name, value in task.values.items() if name not in answer)

    def strayed(self, task: Task, answer: str) -> tuple[str, ...]:
        """What the script has that was not asked for, and what it lacks: "also with a sound", "left out: shuffled"."""
        lines = {line.strip() for line in answer.splitlines()}
        outline = self.understanding.outlines[task.reading.recipe]
        has = {option: lines.issuperset(own) for option, own in outline.marks.items()}
        asked = task.reading.options
        differs = [option for option in has if has[option] != (option in asked)]
        return tuple(("also " if has[option] else "left out: ") + outline.options[option] for option in differs)

    def doubt(self, task: Task, mean_logprob: float | None) -> str | None:
        """Why the answer should not be trusted, as a sentence; None where the request is one that the model knows."""
        found = signals(self, task, mean_logprob)
        score = self.doubt_bias + sum(w * s for w, s in zip(self.doubt_weights, found, strict=True))
        if score < 0:
            return None
        return (
            "The built-in model does not know how to write this script"
            f" (the nearest that it knows: {self.understanding.outlines[task.reading.recipe].title})."
            " A bigger model may: see the settings `model` and `endpoint`."
        )

    def _listed(self, task: Task) -> dict[str, str]:
        """What stands in the script for the values of a list, by slot."""
        slots = self.understanding.outlines[task.reading.recipe].slots
        found = {}
        for slot, text in task.reading.values.items():
            if not isinstance(listed := slots[slot], str):
                codes = {known.replace(" ", "_"): code for known, code in listed.items()}
                found[slot] = codes[text]
        return found


def _set(script: str, before: str, code: str, after: str) -> str:
    """Put the code between what stands before and after it on a line; a number there may be another value."""
    around = (re.sub(r"\d+", r"[\\w.]+", re.escape(part)) for part in (before, after))
    line = r"^(\s*{}).*?({})$".format(*around)
    return re.sub(line, lambda found: found[1] + code + found[2], script, flags=re.MULTILINE)


def signals(knowledge: Knowledge, task: Task, mean_logprob: float | None) -> Sequence[float]:
    """What tells a known request from a foreign one; each is larger, the stranger the request is."""
    found = words(task.text)
    logits = np.sort(task.reading.scores)[::-1]
    own = plain(found)
    strange = sum(word not in knowledge.lexicon.words for word in own)
    return (
        float(np.log(np.exp(logits - logits[0]).sum())),
        -float(logits[0]),
        strange / max(1, len(own)),
        float(strange),
        -(mean_logprob if mean_logprob is not None else 0.0),
        1.0 / max(1, len(own)),
    )
