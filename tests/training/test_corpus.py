"""The corpus: varied, repeatable, and honest about what it keeps out of training."""

import random

from hypothesis import given
from hypothesis import strategies as st
from luau_model.features import of_bag, words
from luau_model.values import Lexicon, put_aside
from luau_training.embedded import corpus, phrasing
from luau_training.embedded.recipe import load_all

RECIPES = load_all()
LEXICON = Lexicon(frozenset({"open", "door"}), frozenset({"E"}))


def draws(split: corpus.Split, seed: int, count: int = 300) -> list[corpus.Pair]:
    rng = random.Random(seed)
    return [corpus.draw(rng, rng.choice(RECIPES), split) for _ in range(count)]


def test_the_same_seed_gives_the_same_pairs() -> None:
    assert draws("train", 1) == draws("train", 1)
    assert draws("train", 1) != draws("train", 2)


def test_the_unknown_recipes_exist() -> None:
    assert {recipe.name for recipe in RECIPES} >= corpus.UNKNOWN_RECIPES
    assert len(corpus.UNKNOWN_RECIPES) == 10


def test_no_phrasing_is_both_trained_on_and_held_out() -> None:
    for recipe in RECIPES:
        splits = [{p.text for p in corpus.phrasings_of(recipe, split)} for split in ("train", "calibration", "test")]
        assert sum(map(len, splits)) == len(set().union(*splits)) == len(recipe.phrasings)


def test_open_values_of_the_test_split_are_never_trained_on() -> None:
    open_kinds = {"name", "id"}
    for recipe in RECIPES:
        for slot in recipe.slots.values():
            if slot.kind in open_kinds:
                rng = random.Random(recipe.name)
                assert not any(slot.sample(rng, held_out=False).held_out for _ in range(20))
                assert all(slot.sample(rng, held_out=True).held_out for _ in range(20))


def test_marked_spans_hold_the_values_of_the_request() -> None:
    for pair in draws("train", 3):
        codes = {value.code for _, value in pair.values}
        assert {pair.script[start:stop] for start, stop in pair.spans} <= codes


def test_pairs_are_varied() -> None:
    requests = [pair.request for pair in draws("train", 4, 2000)]
    assert len(set(requests)) > 0.9 * len(requests)


@given(st.integers(0, 10**6))
def test_the_grammar_never_touches_a_slot_mention(seed: int) -> None:
    rng = random.Random(seed)
    base = rng.choice(rng.choice(RECIPES).phrasings)
    varied = phrasing.vary(rng, base.text)
    assert [part.split("}")[0] for part in varied.split("{")[1:]] == list(base.mentions)


@given(st.text(max_size=300))
def test_any_text_has_features(text: str) -> None:
    ids = of_bag(words(put_aside(text, LEXICON)[0]))
    assert ids == sorted(set(ids))


def test_what_a_part_is_called_does_not_matter() -> None:
    requests = [f"open the door named {name} with E" for name in ("RubyGate", "Old_Castle7")]
    one, other = (words(put_aside(request, LEXICON)[0]) for request in requests)
    assert one == other == ["open", "the", "door", "named", "<name>", "with", "e"]
