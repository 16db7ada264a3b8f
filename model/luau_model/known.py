"""What the embedded model knows: which recipes are nearest to a request, and whether it knows any such script at all.

The data lie beside the model and are made with it (``luau_training.knowledge``): a linear classifier over hashed
features, and a logistic function that tells known requests from foreign ones.
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

from .features import NAME, NUMBER, TEXT, hashed, words
from .prompt import compact
from .request import Message, Request

FOLDER = Path(__file__).parent / "embedded"
MODEL = FOLDER / "luau-mini.gguf"
MODEL_NAME = MODEL.stem
# So many of the nearest recipes stand in the prompt.
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the answer to a request should not be trusted."""

    sentence: str


@dataclass(frozen=True)
class Knowledge:
    """``weights`` is (BUCKETS, recipes) int8, ``scale`` its unit; ``titles`` maps recipe names in column order."""

    titles: Mapping[str, str]
    known: frozenset[str]
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
        return Knowledge(
            about["titles"],
            frozenset(about["known"]),
            weights,
            about["scale"],
            tuple(about["doubt"]["weights"]),
            about["doubt"]["bias"],
        )

    def messages(self, request: Request) -> tuple[Message, ...]:
        """The prompt for the embedded model."""
        order = np.argsort(-self._logits(self._words(request.text)))
        names = list(self.titles)
        return compact(request.text, [names[i] for i in order[:NEAREST]])

    def doubt(self, request: Request, mean_logprob: float | None) -> Doubt | None:
        """None where the request is one of those that the model was made for."""
        found = signals(self, request.text, mean_logprob)
        score = self.doubt_bias + sum(w * s for w, s in zip(self.doubt_weights, found, strict=True))
        if score < 0:
            return None
        nearest = list(self.titles.values())[int(np.argmax(self._logits(self._words(request.text))))]
        return Doubt(
            "The built-in model does not know how to write this script"
            f" (the nearest that it knows: {nearest}). A bigger model may: see the settings `model` and `endpoint`."
        )

    def _words(self, text: str) -> list[str]:
        return words(text, self.known)

    def _logits(self, found: list[str]) -> NDArray[np.float32]:
        ids = hashed(found)
        if not ids:
            return np.zeros(len(self.titles), np.float32)
        total: NDArray[np.float32] = self.weights[ids].sum(axis=0, dtype=np.float32)
        return total * np.float32(self.scale / math.sqrt(len(ids)))


def signals(knowledge: Knowledge, text: str, mean_logprob: float | None) -> Sequence[float]:
    """What tells a known request from a foreign one; each is larger, the stranger the request is."""
    found = knowledge._words(text)
    logits = np.sort(knowledge._logits(found))[::-1]
    chances = np.exp(logits - logits[0])
    plain = [word for word in found if word not in (NAME, NUMBER, TEXT)]
    strange = sum(word not in knowledge.known for word in plain)
    return (
        float(np.log(chances.sum())),
        -float(logits[0]),
        strange / max(1, len(plain)),
        float(strange),
        -(mean_logprob if mean_logprob is not None else 0.0),
        1.0 / max(1, len(plain)),
    )
