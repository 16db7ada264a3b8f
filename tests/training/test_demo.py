"""``make train-demo``, smaller: what a user finds after the whole road, and that it is gone only once."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
from luau_model.values import Lexicon
from luau_training.base_model import load_tokenizer
from luau_training.candidates import draw
from luau_training.demo import CONFIG, MODELS, RECIPES, Pairs, Size, demo
from luau_training.embedded import corpus
from luau_training.embedded.recipe import load_all
from luau_training.options import Evaluate
from luau_training.pairs import IGNORED, encode
from luau_training.problems import load_problems, messages_for
from pairs import manifest

SMALL = Size(scripts=3, drawn=1, held_out=1, measured=1, epochs=1.0, answer_tokens=16)
STAGES = {
    "collected": "collect",
    "labelled": "label",
    "filtered": "filter",
    "sets": "split",
    "report": "report",
    "sft": "sft",
    "rft": "rft",
    "evaluation": "evaluate",
}


def test_the_base_learns_the_very_prompt_that_its_adapters_see(base: Path) -> None:
    recipes = [recipe for recipe in load_all() if recipe.name == RECIPES[0]]
    batches = Pairs(CONFIG, recipes, Lexicon(frozenset(), frozenset()), base / "tokenizer.model")
    for seed in range(5):
        learned = batches.sequence(random.Random(seed))
        rng = random.Random(seed)
        pair = corpus.draw(rng, rng.choice(recipes), "train")
        seen = encode(load_tokenizer(str(base)), messages_for(pair.request, recipes[0].side), pair.script)
        assert learned.ids == seen["input_ids"]
        assert [weight > 0 for weight in learned.weights] == [label != IGNORED for label in seen["labels"]]


@pytest.fixture(scope="module")
def road(base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder and what was printed; pretraining, which has tests of its own, is done already."""
    out = tmp_path_factory.mktemp("road")
    shutil.copytree(base, out / "base" / "model")
    (out / "base" / "manifest.json").write_text(json.dumps({"stage": "base", "seconds": 1.0}))
    return out, demo(out, SMALL)


def test_each_stage_leaves_a_manifest(road: tuple[Path, str]) -> None:
    assert {folder: manifest(road[0] / folder)["stage"] for folder in STAGES} == STAGES


def test_the_table_has_three_models_and_says_how_it_came_out(road: tuple[Path, str]) -> None:
    head, _, *rows = [line for line in road[1].splitlines() if line.startswith("|")]
    assert head == "| 2 requests never seen | base | sft | rft |"
    assert [row.split(" | ")[0] for row in rows] == [
        "| reward",
        "| checks passed",
        "| pass@1",
        "| composite",
        "| parses",
    ]
    assert all(row.count("|") == 5 for row in rows)
    assert "sft is " in road[1]
    assert "rft is " in road[1]


@pytest.mark.parametrize("name", MODELS)
def test_each_model_is_a_file_that_loads_and_answers(road: tuple[Path, str], name: str) -> None:
    problems = load_problems(str(road[0] / "measured.jsonl"), 1)
    ((answer,),) = draw(str(road[0] / f"{name}.gguf"), problems, 1, Evaluate(answer_tokens=8), seed=0)
    assert answer.text
    assert answer.tokens == 8


def test_what_is_done_is_not_done_again(road: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    out, said = road
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.json*") if path.parent != out}
    assert demo(out, SMALL) == said
    assert capsys.readouterr().out == ""
    assert {path: path.stat().st_mtime_ns for path in before} == before
