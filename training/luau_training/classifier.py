"""Train the linear classifier that tells which recipe a request asks for."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from luau_model.features import BUCKETS, hashed, words
from numpy.typing import NDArray

from . import corpus
from .recipe import Recipe
from .words import KEYS

FOLDS = 5
_PAIRS = 250
_EPOCHS = 4
_BATCH = 512


@dataclass(frozen=True)
class Classifier:
    """``weights`` is (BUCKETS, recipes) float32; ``names`` are the recipes in its column order."""

    names: tuple[str, ...]
    known: frozenset[str]
    weights: NDArray[np.float32]

    def nearest(self, request: str, count: int) -> list[str]:
        """The most likely recipes, best first."""
        ids = hashed(words(request, self.known))
        logits = self.weights[ids].sum(axis=0)  # one scale for all of them would not change the order
        return [self.names[i] for i in np.argsort(-logits)[:count]]


def known_words(recipes: Sequence[Recipe]) -> frozenset[str]:
    """Words of the phrasings, and keys: these are never taken for a name."""
    texts = [p.text for recipe in recipes for p in corpus.phrasings_of(recipe, "train")]
    texts += [text for recipe in recipes for option in recipe.options.values() for text in option]
    found = {word for text in texts for word in words(corpus.without_mentions(text), frozenset())}
    return frozenset(found | {key.lower() for key in KEYS})


def fold_of(phrasing: str) -> int:
    return zlib.crc32(b"fold " + phrasing.encode()) % FOLDS


def train(recipes: Sequence[Recipe], seed: int, without_fold: int | None = None) -> Classifier:
    """Fit on pairs of the training split; a fold of the phrasings can be left out, to judge the others fairly."""
    rng = random.Random(f"{seed}/{without_fold}")
    names = tuple(recipe.name for recipe in recipes)
    known = known_words(recipes)
    ids: list[list[int]] = []
    labels: list[int] = []
    for label, recipe in enumerate(recipes):
        for _ in range(_PAIRS):
            pair = corpus.draw(rng, recipe, "train")
            if fold_of(pair.phrasing) != without_fold:
                ids.append(hashed(words(pair.request, known)))
                labels.append(label)
    return Classifier(names, known, _fit(ids, labels, len(names), seed))


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
