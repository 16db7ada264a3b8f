"""What the embedded model knows: which recipes are nearest to a request, and whether it knows any such script at all.

The data lie beside the model and are made with it (``luau_training.export``): a linear classifier over hashed features,
and a logistic function that tells known requests from foreign ones.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .features import hashed, plain, words
from .prompt import compact, plan
from .request import Message
from .values import Lexicon, put_aside, put_back

FOLDER = Path(__file__).parent / "embedded"
MODEL = FOLDER / "luau-mini.gguf"
MODEL_NAME = MODEL.stem
# So many of the nearest recipes stand in the prompt.
NEAREST = 3
SIGNALS = 6


@dataclass(frozen=True, slots=True)
class Task:
    """A request made ready for the embedded model."""

    text: str
    values: Mapping[str, str]
    nearest: tuple[str, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        return compact(self.text, self.nearest)

    @property
    def prefix(self) -> str:
        """How the answer begins: with the nearest recipe."""
        return plan(self.nearest[0])


@dataclass(frozen=True)
class Knowledge:
    """``weights`` is (BUCKETS, recipes) int8, ``scale`` its unit; ``titles`` maps recipe names in column order.

    ``doubt_weights`` and ``doubt_bias`` are a logistic function over ``signals``.
    """

    titles: Mapping[str, str]
    lexicon: Lexicon
    weights: NDArray[np.int8]
    scale: float
    doubt_weights: tuple[float, ...]
    doubt_bias: float

    @staticmethod
    @cache
    def load() -> Knowledge:
        """Read the package's data, once."""
        about = json.loads((FOLDER / "knowledge.json").read_text("utf-8"))
        with np.load(FOLDER / "knowledge.npz") as arrays:
            weights = arrays["weights"]
        lexicon = Lexicon(frozenset(about["words"]), frozenset(about["proper"]))
        doubt = about["doubt"]
        return Knowledge(about["titles"], lexicon, weights, about["scale"], tuple(doubt["weights"]), doubt["bias"])

    def task(self, request: str) -> Task:
        """Put the values aside and look up the nearest recipes."""
        text, values = put_aside(request, self.lexicon)
        names = list(self.titles)
        order = np.argsort(-self._logits(words(text)))
        return Task(text, values, tuple(names[i] for i in order[:NEAREST]))

    def script(self, task: Task, answer: str) -> str:
        """The script in an answer, which begins after the line of the plan, with the request's values."""
        return put_back(answer.partition("\n")[2], task.values)

    def unused(self, task: Task, answer: str) -> tuple[str, ...]:
        """The values of the request that the script does without."""
        script = answer.partition("\n")[2]
        return tuple(value for name, value in task.values.items() if name not in script)

    def doubt(self, task: Task, mean_logprob: float | None) -> str | None:
        """Why the answer should not be trusted, as a sentence; None where the request is one that the model knows."""
        found = signals(self, task, mean_logprob)
        score = self.doubt_bias + sum(w * s for w, s in zip(self.doubt_weights, found, strict=True))
        if score < 0:
            return None
        return (
            "The built-in model does not know how to write this script"
            f" (the nearest that it knows: {self.titles[task.nearest[0]]})."
            " A bigger model may: see the settings `model` and `endpoint`."
        )

    def _logits(self, found: list[str]) -> NDArray[np.float32]:
        ids = hashed(found)
        if not ids:
            return np.zeros(len(self.titles), np.float32)
        total: NDArray[np.float32] = self.weights[ids].sum(axis=0, dtype=np.float32)
        return total * np.float32(self.scale / math.sqrt(len(ids)))


def signals(knowledge: Knowledge, task: Task, mean_logprob: float | None) -> Sequence[float]:
    """What tells a known request from a foreign one; each is larger, the stranger the request is."""
    found = words(task.text)
    logits = np.sort(knowledge._logits(found))[::-1]
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
