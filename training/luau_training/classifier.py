"""Train the linear classifier that tells which recipe a request asks for."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from luau_model.features import BUCKETS, hashed, words
from luau_model.values import Lexicon, put_aside
from numpy.typing import NDArray

from . import corpus, phrasing
from .recipe import Recipe
from .words import KEYS

FOLDS = 5
_PAIRS = 250
_EPOCHS = 4
_BATCH = 512
_VARIED = 30


@dataclass(frozen=True)
class Classifier:
    """``weights`` is (BUCKETS, recipes) float32; ``names`` are the recipes in its column order."""

    names: tuple[str, ...]
    weights: NDArray[np.float32]

    def nearest(self, request: str, count: int) -> list[str]:
        """The most likely recipes for a request whose values were put aside, best first."""
        logits = self.weights[hashed(words(request))].sum(axis=0)  # one scale for all would not change the order
        return [self.names[i] for i in np.argsort(-logits)[:count]]


def lexicon_of(recipes: Sequence[Recipe]) -> Lexicon:
    """The words that requests for these recipes are made of, values apart."""
    rng = random.Random(0)
    found: set[str] = set()
    proper = {key for pair in KEYS.items() for key in pair} | {"I", "TODO"}
    for recipe in recipes:
        texts = [p.text for p in corpus.phrasings_of(recipe, "train")]
        texts += [text for option in recipe.options.values() for text in option]
        texts += [value.text for slot in recipe.slots.values() if slot.closed for value in slot.several()]
        for text in map(corpus.without_mentions, texts):
            proper |= {word for word in re.findall(r"[A-Za-z_][\w']*", text) if not word.islower()}
            found |= set(words(text.lower()))
            found |= {word for _ in range(_VARIED) for word in words(phrasing.vary(rng, text or "a"))}
    return Lexicon(frozenset(found), frozenset(proper))


def fold_of(text: str) -> int:
    return zlib.crc32(b"fold " + text.encode()) % FOLDS


def train(recipes: Sequence[Recipe], lexicon: Lexicon, seed: int, without_fold: int | None = None) -> Classifier:
    """Fit on pairs of the training split; a fold of the phrasings can be left out, to judge the others fairly."""
    rng = random.Random(f"{seed}/{without_fold}")
    ids: list[list[int]] = []
    labels: list[int] = []
    for label, recipe in enumerate(recipes):
        for _ in range(_PAIRS):
            pair = corpus.draw(rng, recipe, "train")
            if fold_of(pair.phrasing) != without_fold:
                ids.append(hashed(words(put_aside(pair.request, lexicon)[0])))
                labels.append(label)
    return Classifier(tuple(recipe.name for recipe in recipes), _fit(ids, labels, len(recipes), seed))


def _fit(ids: list[list[int]], labels: list[int], classes: int, seed: int) -> NDArray[np.float32]:
    torch.manual_seed(seed)
    table = torch.nn.EmbeddingBag(BUCKETS, classes, mode="sum")
    torch.nn.init.zeros_(table.weight)
    optimizer = torch.optim.Adam(table.parameters(), lr=0.03)
    targets = torch.tensor(labels)
    for _ in range(_EPOCHS):
        for rows in torch.randperm(len(ids)).split(_BATCH):
            chosen = [ids[row] for row in rows]
            offsets = torch.tensor([0, *np.cumsum([len(c) for c in chosen[:-1]])])
            scales = torch.tensor([len(c) ** -0.5 for c in chosen for _ in c])
            logits = table(torch.tensor([i for c in chosen for i in c]), offsets, scales)
            loss = torch.nn.functional.cross_entropy(logits, targets[rows], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    weights: NDArray[np.float32] = table.weight.detach().numpy()
    return weights
