"""The Luau grammar without a model: which texts it lets through, and texts that it makes by itself."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import llama_cpp
import models
import numpy as np
import numpy.typing as npt
from llama_cpp import llama_cpp as api
from luau_model import grammar
from luau_model.engines.characters import Characters
from luau_model.engines.constraint import Constraint
from luau_model.engines.sampling import Ids

END = 2
# What closes what is open; wanted more and more, or a random script would never end.
CLOSERS = {"end": 6, ")": 5, "}": 5, "]": 4, '"': 7, "'": 7, "`": 7, ">": 3, "until": 5, "then": 5, "do": 5, "=": 2}
CLOSERS |= {"x": 2, "nil": 4, "1": 2, "(": 1, "<0x0A>": 4, "</s>": 30}


class Walker:
    """Uses the vocabulary of a test model."""

    def __init__(self, model: Path) -> None:
        self._llama = llama_cpp.Llama(str(model), vocab_only=True, verbose=False)
        self.vocab = api.llama_model_get_vocab(self._llama.model)

    def rejected(self, text: str, *, whole: bool = True) -> str | None:
        """The text up to where the grammar rejects it, None where it accepts it all, as a whole script if wanted."""
        tokens = self._llama.tokenize(text.encode(), add_bos=False)
        with closing(Constraint(api, self.vocab)) as constraint:
            for place, token in enumerate(tokens):
                if not constraint.allowed(np.array([token], np.int32))[0]:
                    return self._llama.detokenize(tokens[: place + 1]).decode("utf-8", "replace")
                constraint.accept(token)
            return None if not whole or constraint.allowed(np.array([END], np.int32))[0] else f"{text}<end>"

    def random_script(self, seed: int, tokens: int = 120) -> str | None:
        """A script of random tokens that the grammar allows; None where it does not end in four times as many."""
        rng = np.random.default_rng(seed)
        pieces = models.vocabulary()[0]
        base = _weights(pieces)
        closing_time = base + np.array([CLOSERS.get(piece, 0) for piece in pieces])
        text, script = Characters(), ""
        with closing(Constraint(api, self.vocab)) as constraint:
            for place in range(4 * tokens):
                scores = (base if place < tokens else closing_time) + rng.gumbel(size=len(base))
                token = self._best(constraint, text, scores)
                if token == END:
                    return script
                constraint.accept(token)
                script += text.add(self._piece(token))
        return None

    def _best(self, constraint: Constraint, text: Characters, scores: npt.NDArray[np.float64]) -> int:
        order: Ids = np.argsort(-scores).astype(np.int32)
        order = order[np.isfinite(scores[order])]
        for start in range(0, len(order), 40):
            some = np.array([t for t in order[start : start + 40].tolist() if text.takes(self._piece(t))], np.int32)
            fits = some[constraint.allowed(some)]
            if len(fits):
                return int(fits[0])
        raise AssertionError("the grammar allows nothing at all")

    def _piece(self, token: int) -> bytes:
        return b"" if token == END else self._llama.detokenize([token])


def _weights(pieces: list[str]) -> npt.NDArray[np.float64]:
    """How much each token is wanted in a random script: words and marks rather than letters and bytes."""
    weights = np.zeros(len(pieces))
    for token, piece in enumerate(pieces):
        word = piece.strip("▁")
        if piece in ("<unk>", "<s>", *models.CONTROL):
            weights[token] = -np.inf
        elif piece.startswith("<0x"):
            weights[token] = 0.5 if piece == "<0x0A>" else -3
        elif word in grammar.RESERVED:
            weights[token] = 1.2
        elif len(word) > 1:
            weights[token] = -1
        elif word and not word.isalnum():
            weights[token] = -0.4 if word in "\"'`-[" else 0.8
    return weights
