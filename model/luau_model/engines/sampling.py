"""Choosing the next token from the model's scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]
# Given candidate ids, which of them may come next.
Allowed = Callable[[Ids], npt.NDArray[np.bool_]]

LEADING = 40  # candidates that are looked at; enough for low temperatures, few enough to check against a grammar
WIDEN = 16  # how many times more are looked at, when the grammar allows none of these
MIN_P = 0.05  # candidates less likely than this share of the likeliest are noise


class Sampler:
    """Chooses tokens out of ``size`` for one answer; the same seed makes the same choices."""

    def __init__(self, temperature: float, seed: int, size: int) -> None:
        self.temperature = temperature
        self._rng = np.random.default_rng(seed)
        self._room = np.empty(size, np.float32)  # new memory of this size costs more than what is done in it

    def choose(self, scores: Scores, allowed: Allowed) -> int | None:
        """The id of the next token, one with a finite score; None where ``allowed`` allows none at all."""
        if np.isnan(scores.max()):
            scores = np.where(np.isnan(scores), np.float32(-np.inf), scores)
        ids = self._likely(scores)
        if len(ids) == 0:
            return None
        # Mostly the model's own choice is allowed, and a check of one costs far less than of all. Drawing again
        # among the allowed ones when it is not gives the same odds as drawing among them at once.
        chosen = self._draw(ids, scores[ids])
        if allowed(np.array([chosen], np.int32))[0]:
            return chosen
        count = LEADING
        while True:
            ids = _leading(scores, count)
            ids = ids[allowed(ids)]
            if len(ids) > 0:
                return self._draw(ids, scores[ids])
            if count >= len(scores):
                return None
            count *= WIDEN

    def logprob(self, scores: Scores, token: int) -> float:
        """The natural logarithm of the probability that the model itself gives the token."""
        top = scores.max()
        np.exp(np.subtract(scores, top, out=self._room), out=self._room)
        return float(scores[token] - top) - float(np.log(self._room.sum()))

    def _likely(self, scores: Scores) -> Ids:
        """The leading ids, as far as they can be drawn: one pass over the scores instead of sorting them."""
        best = int(scores.argmax())
        if scores[best] == -np.inf:
            return np.empty(0, np.int32)
        if self.temperature <= 0:
            return np.array([best], np.int32)
        least = scores[best] + self.temperature * (np.log(MIN_P) - 1e-3)  # a little wide: _draw is exact
        ids = np.flatnonzero(scores >= least)
        return ids[_leading(scores[ids], LEADING)].astype(np.int32)

    def _draw(self, ids: Ids, scores: Scores) -> int:
        if self.temperature <= 0:
            return int(ids[0])
        weights = np.exp((scores - scores[0]).astype(np.float64) / self.temperature)
        weights[weights < MIN_P] = 0
        odds = (weights / weights.sum()).cumsum()  # what Generator.choice does, without a millisecond of checks
        return int(ids[(odds / odds[-1]).searchsorted(self._rng.random(), side="right")])


def _leading(scores: Scores, count: int) -> Ids:
    """The ids with the highest finite scores, best first; ties go to the lower id."""
    top = np.arange(len(scores)) if count >= len(scores) else np.sort(np.argpartition(-scores, count)[:count])
    top = top[np.isfinite(scores[top])]
    return top[np.argsort(-scores[top], kind="stable")].astype(np.int32)
