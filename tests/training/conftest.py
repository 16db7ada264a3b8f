"""What the tests of the training stages share."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

# Models this small are faster on one thread, and tests share the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "model")]


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 120 scripts of our own: a project for each category of the recipes."""
    from luau_training.embedded import corpus
    from luau_training.embedded.recipe import load_all

    folder = tmp_path_factory.mktemp("scripts")
    rng = random.Random(1)
    recipes = load_all()
    for number in range(120):
        recipe = recipes[number % len(recipes)]
        pair = corpus.draw(rng, recipe, "train")
        file = folder / recipe.category / f"{recipe.name}_{number}.{recipe.side}.luau"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"-- {pair.request}\n{pair.script}", "utf-8")
    return folder


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny base model with its tokenizer."""
    import tiny

    return tiny.save(tmp_path_factory.mktemp("tiny") / "base")
