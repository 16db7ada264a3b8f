"""Make the data that lie beside the embedded model: how it understands requests, and when it should doubt itself.

The doubt is a logistic function of ``luau_model.known.signals``, fitted on held-out phrasings of the known recipes
(the half that evaluation does not use) against the recipes kept out of training and requests for other things.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from luau_model.engines.base import Completion, Done
from luau_model.engines.embedded import EmbeddedEngine
from luau_model.files import replaced
from luau_model.known import SIGNALS, Knowledge, signals
from luau_model.understanding import Outline, Understanding
from numpy.typing import NDArray

from . import corpus, understanding
from .parallel import on_engines
from .recipe import load_all

FOREIGN = Path(__file__).parent / "foreign"
# Of the known calibration requests at most this share may be refused.
REFUSED_KNOWN = 0.02
_KNOWN_EACH, _UNKNOWN_EACH = 3, 4
# Nets that read requests: trained alike from other seeds, they make other mistakes.
NETS = 2


def build(seed: int, minutes: float) -> Knowledge:
    """Train the nets that understand requests, side by side; the doubt is still off."""
    with ProcessPoolExecutor(NETS, mp_context=get_context("spawn")) as pool:
        made = list(pool.map(_one_net, range(seed, seed + NETS), [minutes] * NETS))
    weights = understanding.packed([arrays for arrays, _ in made])
    recipes = corpus.taught()
    return Knowledge(corpus.lexicon_of(recipes), Understanding(weights, made[0][1]), (0.0,) * SIGNALS, -1.0)


def _one_net(seed: int, minutes: float) -> tuple[dict[str, NDArray[np.float32]], dict[str, Outline]]:
    torch.set_num_threads(1)
    recipes = corpus.taught()
    return understanding.train(recipes, corpus.lexicon_of(recipes), seed, minutes)


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
        "recipes": {name: asdict(outline) for name, outline in knowledge.understanding.outlines.items()},
        "words": sorted(knowledge.lexicon.words),
        "proper": sorted(knowledge.lexicon.proper),
        "doubt": {"weights": knowledge.doubt_weights, "bias": knowledge.doubt_bias},
    }
    arrays: dict[str, Any] = dict(knowledge.understanding.weights)
    with replaced(folder / "knowledge.npz") as new, new.open("wb") as file:
        np.savez_compressed(file, **arrays)
    with replaced(folder / "knowledge.json") as new:
        new.write_text(json.dumps(about) + "\n", "utf-8")
