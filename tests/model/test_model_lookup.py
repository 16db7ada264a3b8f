"""An answer that repeats its prompt comes in fewer steps, and is the same answer."""

from __future__ import annotations

import dataclasses

import models
import pytest
from answers import completion
from hypothesis import given
from hypothesis import strategies as st
from luau_model.engines import worker
from luau_model.engines.base import Load
from luau_model.engines.lookup import GRAM, LONGEST, Lookup
from luau_model.engines.model import Model

WORDS = models.WORDS  # of which the vocabulary has every beginning, so that each is one token
SENTENCE = " ".join(WORDS)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """One that always writes SENTENCE."""
    path = models.sentence_model(tmp_path_factory.mktemp("models") / "sentence.gguf", SENTENCE)
    folder = tmp_path_factory.mktemp("prefixes")
    return worker.load(Load(str(path), "", context_limit=2048, threads=1, prefixes=str(folder)))


def written(model: Model, prompt: str, *, repeats: bool, max_tokens: int = 100) -> tuple[str, int, int]:
    """The answer, how many tokens it has, and how many steps it took."""
    steps = 0
    step = model.context.step

    def counted(tokens: object) -> None:
        nonlocal steps
        steps += 1
        step(tokens)  # type: ignore[arg-type]

    wanted = dataclasses.replace(completion(prompt, max_tokens=max_tokens, temperature=0), repeats=repeats)
    model.context.step = counted  # type: ignore[method-assign]
    try:
        told = list(model.answer([dataclasses.asdict(wanted)]))
    finally:
        model.context.step = step  # type: ignore[method-assign]
    return "".join(each["text"] for each in told if each["type"] == "token"), told[-1]["answer_tokens"], steps


def test_a_repeated_text_takes_a_few_steps(model: Model) -> None:
    text, tokens, steps = written(model, f"mend: {SENTENCE}", repeats=True)
    assert text == SENTENCE
    assert tokens == len(WORDS) + 1
    assert steps < 8
    assert written(model, f"mend: {SENTENCE}", repeats=False) == (text, tokens, len(WORDS))


@pytest.mark.parametrize("wrong", [(20,), (3, 4, 15), tuple(range(0, len(WORDS), 7))])
def test_what_is_not_repeated_is_right_all_the_same(model: Model, wrong: tuple[int, ...]) -> None:
    prompt = " ".join("zur" if number in wrong else word for number, word in enumerate(WORDS))
    text, _, steps = written(model, prompt, repeats=True)
    assert text == SENTENCE
    assert steps < 0.75 * len(WORDS)


@pytest.mark.parametrize("length", [1, 2, 7, 20, len(WORDS), len(WORDS) + 1])
def test_it_ends_where_it_has_to(model: Model, length: int) -> None:
    assert written(model, SENTENCE, repeats=True, max_tokens=length)[:2] == (
        "".join(SENTENCE.replace(" ", "_ ").split("_")[:length]),
        length,
    )


def test_nothing_is_guessed_where_nothing_is_repeated(model: Model) -> None:
    assert written(model, "write it", repeats=True) == (SENTENCE, len(WORDS) + 1, len(WORDS))


@given(
    st.lists(st.integers(0, 5), max_size=60), st.lists(st.integers(0, 5), max_size=60), st.integers(-1, 40), st.data()
)
def test_guesses_are_what_followed_before(prompt: list[int], tokens: list[int], most: int, data: st.DataObject) -> None:
    lookup = Lookup(prompt)
    for end in range(len(tokens)):
        guess = lookup.guess(tokens[:end], most)
        assert len(guess) <= max(0, min(most, LONGEST))
        if guess:
            gram = tokens[:end][-GRAM:]
            runs = [prompt[start : start + GRAM + len(guess)] for start in range(len(prompt))]
            assert [*gram, *guess] in runs
            lookup.learn(len(guess), data.draw(st.integers(0, len(guess))))
