"""What the context keeps of a prompt, to the last bit, and how it is interrupted: in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import models
import numpy as np
import pytest
from luau_model.engines import worker
from luau_model.engines.base import Load
from luau_model.engines.context import STEP, Cancelled, Context
from luau_model.engines.sampling import Scores

# Over several steps, and the last step not full.
TOKENS: list[int] = np.random.default_rng(0).integers(270, 500, 150).tolist()


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    path = tmp_path_factory.mktemp("models") / "middle.gguf"
    models.random_model(path, width=256, layers=6, hidden=768)  # in smaller ones all ways give the same numbers
    folder = tmp_path_factory.mktemp("prefixes")
    return worker.load(Load(str(path), "", context_limit=2048, threads=1, prefixes=str(folder))).context


@pytest.fixture(scope="module")
def fresh(context: Context) -> Scores:
    """The scores after TOKENS, read by a context that held nothing of them."""
    return scores_after(context, TOKENS)


@pytest.fixture(autouse=True)
def _forget(context: Context) -> Iterator[None]:
    context.read_prompt([7, 8, 9], 0)
    yield
    context.stop.clear()


def scores_after(context: Context, tokens: list[int], constant: int = 0) -> Scores:
    context.read_prompt(tokens, constant)
    return context.scores().copy()


def test_the_same_prompt_again(context: Context, fresh: Scores) -> None:
    for _ in range(2):
        assert np.array_equal(scores_after(context, TOKENS), fresh)


def test_a_common_part_that_ends_within_a_step(context: Context, fresh: Scores) -> None:
    # Going on right after it would read the last token alone.
    context.read_prompt(TOKENS[:117] + [7] * 60, 0)
    assert np.array_equal(scores_after(context, TOKENS), fresh)


def test_after_an_answer_that_goes_on_like_the_prompt(context: Context, fresh: Scores) -> None:
    context.read_prompt(TOKENS[:70], 0)
    for token in TOKENS[70:140]:  # as answers are: a token read alone gives slightly other numbers
        context.read([token])
    assert np.array_equal(scores_after(context, TOKENS), fresh)


def test_from_saved_state(context: Context, fresh: Scores) -> None:
    assert np.array_equal(scores_after(context, TOKENS, 100), fresh)
    context.read_prompt([7, 8, 9], 0)
    assert np.array_equal(scores_after(context, TOKENS, 100), fresh)


class AfterTheStart(threading.Event):
    """Is set, but for the one who asks first."""

    def is_set(self) -> bool:
        first, self._asked = not hasattr(self, "_asked"), True
        return not first


def test_stops_inside_one_reading_and_is_as_fresh(context: Context, fresh: Scores) -> None:
    stop, context.stop = context.stop, AfterTheStart()
    with pytest.raises(Cancelled):
        context.read(TOKENS[:STEP])
    context.stop = stop
    assert np.array_equal(scores_after(context, TOKENS), fresh)
