"""What tells requests apart: the server's arithmetic is the trainer's, and a few seconds teach a few recipes."""

import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from luau_model.features import tokens
from luau_model.known import Knowledge
from luau_model.understanding import Columns, Understanding, candidates
from luau_training.embedded import corpus, understanding
from luau_training.embedded.outlines import outline_of
from luau_training.embedded.recipe import load_all

RECIPES = [recipe for recipe in load_all() if recipe.name in ("coin_pickup", "kill_brick", "sprint", "day_night")]
OUTLINES = {recipe.name: outline_of(recipe) for recipe in RECIPES}
LEXICON = corpus.lexicon_of(RECIPES)


def test_the_server_computes_what_the_trainer_did() -> None:
    torch.manual_seed(1)
    net = understanding.Net(Columns(OUTLINES), len(RECIPES)).eval()
    torch.nn.init.normal_(net.bag.weight)
    weights = {f"0/{name}": tensor.detach().numpy() for name, tensor in net.named_parameters()}
    served = Understanding({**weights, "0/token.scale": np.float32(1), "0/bag.scale": np.float32(1)}, OUTLINES)
    rng = random.Random(2)
    for recipe in RECIPES:
        example = understanding.example(corpus.draw(rng, recipe, "train"), OUTLINES[recipe.name], LEXICON)
        scores, *_ = net(understanding.collate([example]))
        assert served.read(example.text).scores == pytest.approx(scores[0].detach().numpy(), abs=1e-3)


def test_a_few_seconds_teach_a_few_recipes() -> None:
    arrays, outlines = understanding.train(RECIPES, LEXICON, seed=1, minutes=0.6)
    taught = Understanding(understanding.packed([arrays]), outlines)
    rng = random.Random(3)
    pairs = [corpus.draw(rng, recipe, "train") for recipe in RECIPES for _ in range(10)]
    read = [taught.read(understanding.example(p, outlines[p.recipe], LEXICON).text) for p in pairs]
    right = sum(reading.recipe == pair.recipe for reading, pair in zip(read, pairs, strict=True))
    assert right >= 0.9 * len(pairs), right


def test_a_value_of_a_list_is_found_where_it_stands() -> None:
    found = [token for token, _ in tokens("sprint on left shift, not on the letter a")]
    keys = {place: slots["key"] for place, slots in candidates(found, OUTLINES["sprint"]).items() if "key" in slots}
    assert keys[2] == "left_shift"
    assert found.index("a") not in keys


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    knowledge = Knowledge.load()
    task = knowledge.task(text)
    outline = knowledge.understanding.outlines[task.reading.recipe]
    assert set(task.reading.options) <= set(outline.options)
    assert set(task.reading.values) <= set(outline.slots)
    assert task.prefix.startswith("-- ")
    assert task.prefix.count("\n") == 1
