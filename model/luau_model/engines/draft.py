"""One answer as the worker's model writes it."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from .characters import Characters
from .constraint import Constraint
from .lifeline import Message
from .lookup import Lookup
from .sampling import Ids, Sampler, Scores
from .vocabulary import Vocabulary

# Seconds between messages. A small model's token takes less than two, and a message costs a tenth of one.
PAUSE = 0.02


class Refused(Exception):
    """The request can't be answered; the message is one sentence for the user."""


class Draft:
    """``tokens`` are the prompt's and then those chosen so far, ``most`` is how many may be chosen, the end included.

    ``number`` is its place among the answers that were asked for together.
    """

    def __init__(
        self,
        number: int,
        tokens: list[int],
        most: int,
        sampler: Sampler,
        constraint: Constraint | None,
        lookup: Lookup | None,
    ) -> None:
        self.tokens = tokens
        self.finish: str | None = None
        self._number = number
        self._prompt = len(tokens)
        self._most = most
        self._sampler = sampler
        self._constraint = constraint
        self._lookup = lookup
        self._text = Characters()
        self._logprobs: list[float] = []
        self._held, self._count, self._sent = "", 0, 0.0  # what the parent was not told yet
        self._began = time.monotonic()
        self._read = 0.0

    def go_on(self, scores: Scores, vocabulary: Vocabulary) -> None:
        """Choose the next token. Raises Refused where the scores are no numbers."""
        self._read = self._read or time.monotonic()
        token = self._choose(scores, vocabulary)
        if token is None:  # nothing fits the grammar any more: better a script to mend than none
            self._constraint = None
            token = self._choose(scores, vocabulary)
        if token is None:
            raise Refused("The model computes no sensible numbers, its file is damaged: download it again.")
        self._logprobs.append(self._sampler.logprob(scores, token))
        if token in vocabulary.ends:
            self.finish = "stop"
            return
        if self._constraint is not None:
            self._constraint.accept(token)
        self.tokens.append(token)
        self._held += self._text.add(vocabulary.piece(token))
        self._count += 1
        if len(self._logprobs) == self._most:
            self.finish = "length"

    def guess(self, most: int) -> list[int]:
        """At most so many tokens that may come next."""
        return self._lookup.guess(self.tokens, most) if self._lookup else []

    def learn(self, guessed: int, right: int) -> None:
        """Take note of how many of the guessed tokens were right."""
        if self._lookup and guessed:
            self._lookup.learn(guessed, right)

    def news(self) -> list[Message]:
        """What there is to tell the parent now: what was written, if the last message is long ago, and the end."""
        now = time.monotonic()
        told: list[Message] = []
        if self._count and (self.finish or now - self._sent >= PAUSE):
            told.append({"type": "token", "number": self._number, "text": self._held, "tokens": self._count})
            self._held, self._count, self._sent = "", 0, now
        if self.finish:
            told.append(
                {
                    "type": "answer",
                    "number": self._number,
                    "finish": self.finish,
                    "prompt_tokens": self._prompt,
                    "answer_tokens": len(self._logprobs),
                    "mean_logprob": sum(self._logprobs) / len(self._logprobs),
                    "prompt_seconds": self._read - self._began,
                    "answer_seconds": now - self._read,
                }
            )
        return told

    def _choose(self, scores: Scores, vocabulary: Vocabulary) -> int | None:
        def allowed(ids: Ids) -> npt.NDArray[np.bool_]:
            takes, banned = self._text.takes, vocabulary.banned
            fits = np.array(
                [token not in banned and takes(vocabulary.piece(token)) for token in ids.tolist()], np.bool_
            )
            if self._constraint is not None and fits.any():
                fits[fits] = self._constraint.allowed(ids[fits])
            return fits

        return self._sampler.choose(scores, allowed)
