"""Make the data that lie beside the embedded model: its classifier, and when it should doubt itself.

The doubt is a logistic function of ``luau_model.known.signals``, fitted on held-out phrasings of the known recipes
(the half that evaluation does not use) against the recipes kept out of training and requests for other things.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from luau_model.engines.base import Completion, Done
from luau_model.engines.embedded import EmbeddedEngine
from luau_model.files import replaced
from luau_model.known import SIGNALS, Knowledge, signals

from . import classifier, corpus
from .parallel import on_engines
from .recipe import Recipe, load_all

FOREIGN = Path(__file__).parent / "foreign"
# Of the known calibration requests at most this share may be refused.
REFUSED_KNOWN = 0.02
_KNOWN_EACH, _UNKNOWN_EACH = 3, 4


def build(recipes: Sequence[Recipe], seed: int) -> Knowledge:
    """Train the classifier on all training phrasings; the doubt is still off."""
    lexicon = classifier.lexicon_of(recipes)
    trained = classifier.train(recipes, lexicon, seed)
    scale = float(np.abs(trained.weights).max()) / 127
    weights = np.round(trained.weights / scale).astype(np.int8)
    titles = {recipe.name: recipe.title for recipe in recipes}
    return Knowledge(titles, lexicon, weights, scale, (0.0,) * SIGNALS, -1.0)


def foreign(name: str) -> list[str]:
    return (FOREIGN / f"{name}.txt").read_text("utf-8").split("\n")[:-1]


async def signals_of(knowledge: Knowledge, engine: EmbeddedEngine, request: str) -> Sequence[float]:
    """The signals of a request, with the model's own greedy answer."""
    task = knowledge.task(request)
    logprob = None
    async for chunk in engine.stream(Completion(task.messages, temperature=0.0, prefix=task.prefix)):
        if isinstance(chunk, Done):
            logprob = chunk.mean_logprob
    return signals(knowledge, task, logprob)


async def calibrate(knowledge: Knowledge, model: Path, seed: int) -> Knowledge:
    """Fit the doubt on calibration requests."""
    rng = random.Random(seed)
    recipes = load_all()
    known = [
        corpus.draw(rng, recipe, "calibration").request
        for recipe in recipes
        if recipe.name not in corpus.UNKNOWN_RECIPES
        for _ in range(_KNOWN_EACH)
    ]
    strange = foreign("calibration") + [
        corpus.draw(rng, recipe, "train").request
        for recipe in recipes
        if recipe.name in corpus.UNKNOWN_RECIPES
        for _ in range(_UNKNOWN_EACH)
    ]
    rows = await on_engines(model, lambda engine, text: signals_of(knowledge, engine, text), known + strange)
    return _fit(knowledge, np.array(rows), len(known))


def _fit(knowledge: Knowledge, rows: np.ndarray, known: int) -> Knowledge:
    """Logistic regression with a little weight decay; the bias is then moved to the share of REFUSED_KNOWN."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    inputs = torch.tensor((rows - mean) / spread, dtype=torch.float32)
    labels = torch.tensor([0.0] * known + [1.0] * (len(rows) - known))
    weights = torch.zeros(inputs.shape[1], requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=200)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        balance = torch.tensor(known / (len(rows) - known))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(inputs @ weights + bias, labels, pos_weight=balance)
        loss = loss + 0.01 * (weights**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    raw = weights.detach().numpy() / spread
    scores = rows @ raw
    threshold = float(np.quantile(scores[:known], 1 - REFUSED_KNOWN))
    print(f"calibration: {np.mean(scores[known:] > threshold):.1%} of foreign and unknown requests refused")
    return replace(knowledge, doubt_weights=tuple(float(w) for w in raw), doubt_bias=-threshold)


def save(knowledge: Knowledge, folder: Path) -> None:
    about = {
        "titles": dict(knowledge.titles),
        "words": sorted(knowledge.lexicon.words),
        "proper": sorted(knowledge.lexicon.proper),
        "scale": knowledge.scale,
        "doubt": {"weights": knowledge.doubt_weights, "bias": knowledge.doubt_bias},
    }
    with replaced(folder / "knowledge.npz") as new, new.open("wb") as file:
        np.savez_compressed(file, weights=knowledge.weights)
    with replaced(folder / "knowledge.json") as new:
        new.write_text(json.dumps(about) + "\n", "utf-8")
