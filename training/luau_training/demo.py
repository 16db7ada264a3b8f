"""The whole road at a small scale: scripts, data, QLoRA, RFT, build, evaluation. Prints its table as it came out.

    python -m luau_training.demo --out build/train-demo

The base is a Mistral of a million parameters, pretrained here for some minutes on recipes of the built-in model. It
then learns two kinds of scripts that it never saw, each from some scripts, and goes on by what its own answers are
worth. What stands in for the model that labels is a server that knows which request each script was made for;
everything else is what makes a 7B. What is measured has phrasings and values that no stage before had.
Stopped, the same command goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from luau_model.build.pipeline import BuildOptions, build

from .data.rows import Row
from .embedded import corpus, tokenizer
from .embedded.batches import Batches, Encoded
from .embedded.corpus import Split
from .embedded.pretrain import Config, train
from .embedded.recipe import Recipe, load_all
from .evaluation.statistics import paired_p
from .problems import messages_for
from .run_folder import MANIFEST, manifest, write_json
from .stages import run
from .stand_in import labeller

MODELS = ("base", "sft", "rft")
# What is learned: short scripts of kinds that the base never saw.
RECIPES = ("conveyor", "npc_dialog")
# The base is pretrained on one in so many of the other kinds.
_TAUGHT_EACH = 4
# Scripts of one recipe are short and differ in little.
_LENIENT = {"least_lines": 6, "least_functions": 0, "least_comments": 0.0, "similarity": 0.95}
_SHOWN = ("reward", "checks passed", "pass@1", "composite", "parses")
# The template of Mistral: the system's message stands at the head of the user's.
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ '[INST]' + m['content'] + '\\n\\n' }}"
    "{% elif m['role'] == 'user' %}{% if loop.first %}{{ '[INST]' }}{% endif %}{{ m['content'] + '[/INST]' }}"
    "{% else %}{{ m['content'] + eos_token }}{% endif %}{% endfor %}"
)


CONFIG = Config(
    seed=7,
    minutes=6.0,
    vocabulary=2048,
    hidden_size=128,
    layers=4,
    heads=2,
    context=2048,
    batch_tokens=2048,
    learning_rate=3e-3,
    warmup_steps=30,
    decided_weight=1.0,
    request_weight=0.0,
    checkpoint_minutes=2.0,
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much of it. ``scripts`` are those of each recipe to learn from, ``drawn``, ``held_out`` and ``measured`` its
    requests that RFT draws answers to, that choose the best checkpoint, and that the table is about.
    """

    minutes: float = CONFIG.minutes
    scripts: int = 48
    drawn: int = 12
    held_out: int = 6
    measured: int = 12
    epochs: float = 5.0
    answer_tokens: int = 400


class Pairs(Batches):
    """Requests in the prompt of a general model, and their scripts."""

    def sequence(self, rng: random.Random) -> Encoded:
        recipe = rng.choice(self.recipes)
        pair = corpus.draw(rng, recipe, "train")
        asked = "\n\n".join(message.content for message in messages_for(pair.request, recipe.side))
        prompt = [self.pieces.bos_id(), self.special[tokenizer.INST], *self.pieces.encode(asked)]
        script = [*self.pieces.encode(pair.script), self.pieces.eos_id()]
        ids = [*prompt, self.special[tokenizer.END_INST], *script]
        return Encoded(ids, [0.0] * (len(prompt) + 1) + [1.0] * len(script))


def demo(out: Path, size: Size) -> str:
    """Do what is not done yet of it, and return the table."""
    recipes = [recipe for recipe in load_all() if recipe.name in RECIPES]
    base = _base(out / "base", size)
    learned = {
        "base": str(base),
        "train": (str(_data(out, recipes, size.scripts)),),
        "held_out": str(_problems(out / "held-out.jsonl", recipes, size.held_out, "calibration")),
        "held_out_most": size.held_out * len(recipes),
        "rank": 16,
        "alpha": 32,
        "max_length": 1024,
        "accumulation": 1,
        "answer_tokens": size.answer_tokens,
    }
    _stage("sft", out / "sft", **learned, learning_rate=5e-3, epochs=size.epochs)
    drawn = _problems(out / "drawn-for.jsonl", recipes, size.drawn, "train")
    adapters = {name: out / name / "adapter" for name in ("sft", "rft")}
    before = [_built(out / "base.gguf", base), _built(out / "sft.gguf", base, adapters["sft"])]
    more = {"learning_rate": 1e-3, "epochs": 1.0, "rounds": 1, "adapter": str(adapters["sft"]), "sampler": before[1]}
    _stage("rft", out / "rft", **learned, **more, problems=str(drawn))
    models = (*before, _built(out / "rft.gguf", base, adapters["rft"]))
    measured = _problems(out / "measured.jsonl", recipes, size.measured, "test")
    given = {"problems": str(measured), "answer_tokens": size.answer_tokens, "compiler": bool(shutil.which("npm"))}
    _stage("evaluate", out / "evaluation", model=models, **given)
    return _table(out, models)


def _stage(name: str, out: Path, **given: Any) -> None:
    if not (out / MANIFEST).exists():
        print(f"\n== {name}", flush=True)
        run(name, out=out, **given)


def _base(out: Path, size: Size) -> Path:
    """A base that can write Luau, with the chat template of Mistral."""
    if not (out / MANIFEST).exists():
        print("== base", flush=True)
        train(replace(CONFIG, minutes=size.minutes), corpus.taught()[::_TAUGHT_EACH], out, Pairs)
        file = out / "model" / "tokenizer_config.json"
        file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), "chat_template": TEMPLATE}))
        progress = json.loads((out / "checkpoint" / "progress.json").read_text("utf-8"))
        write_json(out / MANIFEST, {"stage": "base", **progress})
    return out / "model"


def _data(out: Path, recipes: Sequence[Recipe], count: int) -> Path:
    """Through all data stages; the file to train on."""
    requests = _scripts(out / "scripts", recipes, count)
    _stage("data collect", out / "collected", source=str(out / "scripts"), **_LENIENT)
    with labeller(requests) as address:
        given = {"endpoint": address, "model": "stand-in", "cache": str(out / "answers.sqlite")}
        _stage("data label", out / "labelled", input=out / "collected", **given)
    _stage("data filter", out / "filtered", input=out / "labelled", gold=False)
    # held out are phrasings and values, not projects
    _stage("data split", out / "sets", input=out / "filtered", validation=0.0, test=0.0)
    _stage("data report", out / "report", input=out / "filtered")
    return out / "sets" / "train.jsonl"


def _scripts(folder: Path, recipes: Sequence[Recipe], count: int) -> dict[str, str]:
    """Scripts as a project has them, and the request that each was made for."""
    rng = random.Random(3)
    requests = {}
    for number in range(count):
        for recipe in recipes:
            pair = corpus.draw(rng, recipe, "train")
            file = folder / recipe.category / f"{recipe.name}{number}.{recipe.side}.luau"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(pair.script, "utf-8")
            requests[pair.script] = pair.request
    return requests


def _problems(file: Path, recipes: Sequence[Recipe], count: int, split: Split) -> Path:
    """Requests with what a right answer shows: the recipe's own marks and the request's values."""
    rng = random.Random(5)
    rows = []
    for number in range(count):
        for recipe in recipes:
            pair = corpus.draw(rng, recipe, split)
            marks = [text for text in recipe.shows if text in pair.script]
            shows = tuple(dict.fromkeys([*marks, *(value.code for _, value in pair.values)]))
            name = f"{recipe.name}-{number}"
            rows.append(
                Row(name, pair.script, recipe.name, path=name, side=recipe.side, request=pair.request, shows=shows)  # type: ignore[arg-type]
            )
    file.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows), "utf-8")
    return file


def _built(file: Path, base: Path, adapter: Path | None = None) -> str:
    """The model as a GGUF file, as ``luau-lsp-ai model build`` makes it."""
    if not file.exists():
        print(f"\n== model build: {file.name}", flush=True)
        # an adapter was trained on the base in 4 bits, so that is what it belongs to
        given = (str(adapter), "Q8_0", "nf4") if adapter else (None, "Q8_0", "original")
        build(BuildOptions(str(base), file, *given))
    return str(file)


def _table(out: Path, models: Sequence[str]) -> str:
    """The figures, whether they came out as they should, and how long each stage took."""
    found = json.loads((out / "evaluation" / "report.json").read_text("utf-8"))
    answers = json.loads((out / "evaluation" / "answers.json").read_text("utf-8"))
    rewards = {name: [row[0]["reward"] for row in answers[model]] for name, model in zip(MODELS, models, strict=True)}
    lines = [f"| {found['problems']} requests never seen | {' | '.join(MODELS)} |", "| --- | ---: | ---: | ---: |"]
    for figure in _SHOWN:
        cells = [found["figures"][model][figure] for model in models]
        shown = " | ".join(f"{cell['mean']:.3f} [{cell['low']:.3f}, {cell['high']:.3f}]" for cell in cells)
        lines.append(f"| {figure} | {shown} |")
    sft, rft = (_against(rewards, *names) for names in (("sft", "base"), ("rft", "sft")))
    folders = [path.parent for path in out.glob(f"*/{MANIFEST}")]
    taken = {manifest(folder)["stage"]: manifest(folder)["seconds"] / 60 for folder in folders}
    minutes = ", ".join(f"{stage} {taken[stage]:.1f}" for stage in sorted(taken, key=lambda stage: -taken[stage]))
    return "\n".join([*lines, "", sft, rft, f"{sum(taken.values()):.1f} minutes: {minutes}."])


def _against(rewards: dict[str, list[float]], one: str, other: str) -> str:
    """One model against another, in a sentence."""
    mean, against = (sum(rewards[name]) / len(rewards[name]) for name in (one, other))
    came = "is better than" if mean > against else "is the same as" if mean == against else "is WORSE than"
    p = paired_p(rewards[one], rewards[other], seed=7)
    doubt = f"p {p:.3f}" if p >= 0.001 else "p < .001"
    return f"{one} {came} {other}: mean reward {mean:.3f} against {against:.3f} (paired {doubt})."


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/train-demo"))
    print("\n" + demo(parser.parse_args().out, Size()))


if __name__ == "__main__":
    main()
