"""Does a GGUF answer as the adapter did in training? Distributions, perplexity, tokens, and the scripts that come out.

The truth is the adapter on its base in float32, and the adapter on what 4-bit loading makes of the base, which is what
QLoRA trains on; a merge can be near to the one or the other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from luau_scorers.score import score

from . import answers, examples, inputs, sources
from .answers import Question
from .errors import BuildError
from .nf4 import BLOCK

# A merge that went wrong is far beyond this; Q4_K_M of a healthy 7B model is near 0.03.
BROKEN_KL = 0.5


@dataclass(frozen=True)
class VerifyOptions:
    """What to compare: GGUF ``files`` with ``adapter`` on ``base`` (folders or hub names).

    ``texts`` is a folder of .luau files whose first comment is the request, instead of our own; ``tokens`` bounds each
    script that the models write by themselves, ``longest`` the tokens of an example.
    """

    files: tuple[Path, ...]
    base: str
    adapter: str | None = None
    texts: Path | None = None
    tokens: int = 200
    longest: int = 1024


@dataclass(frozen=True)
class Row:
    """One file against one reference: means over the tokens of all scripts.

    ``top1`` is the part of tokens where both think the same likeliest, ``kl`` the Kullback-Leibler divergence from
    the reference in nats. The ``score`` is the mean composite of what the models write.
    """

    file: str
    reference: str
    top1: float
    kl: float
    perplexity: float
    reference_perplexity: float
    tokens_equal: bool
    score: float
    reference_score: float


def compare(options: VerifyOptions, say: Callable[[str], None] = lambda _: None) -> tuple[Row, ...]:
    """Compare each file with both references, or with the base alone where there is no adapter.

    Raises BuildError where something can't be loaded.
    """
    missing = [str(file) for file in options.files if not file.is_file()]
    if missing:
        raise BuildError(f"{missing[0]} is missing.")
    base = inputs.load_base(options.base)
    adapter = inputs.load_adapter(options.adapter) if options.adapter else None
    shape = inputs.merged_shape(base, adapter) if adapter else base.shape
    template = inputs.load_vocabulary(base, adapter, shape).template
    if not template:
        raise BuildError("There is no chat template to ask with. Add it to the adapter's tokenizer, and build again.")
    wanted = examples.load(options.texts or examples.SCRIPTS)
    from .reference import Reference

    say("loading the adapter on its base" if adapter else "loading the base")
    reference = Reference(base.folder, sources.fetch(options.adapter) if options.adapter else None)
    longest = min(options.longest, base.shape.context - options.tokens)
    questions = [reference.question(example, template, longest) for example in wanted]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truths = {"original": _referred(reference, questions, options.tokens, folder / "original", say)}
        if adapter and base.shape.width % BLOCK == 0 and base.shape.hidden % BLOCK == 0:
            reference.through_nf4()
            truths["nf4"] = _referred(reference, questions, options.tokens, folder / "nf4", say)
        del reference
        rows = []
        for place, file in enumerate(options.files):
            say(f"asking {file.name}")
            got = _asked(file, questions, options.tokens, folder / str(place))
            rows += [
                _row(file.name, truth, questions, folder / truth, scripts, folder / str(place), got)
                for truth, scripts in truths.items()
            ]
    return tuple(rows)


def unsound(rows: Sequence[Row]) -> tuple[str, ...]:
    """What is wrong with files, a sentence each: other tokens, or far from every reference."""
    wrong = []
    for file in dict.fromkeys(row.file for row in rows):
        own = [row for row in rows if row.file == file]
        nearest = min(row.kl for row in own)
        if not own[0].tokens_equal:
            wrong.append(f"{file} splits text into other tokens than the adapter's tokenizer: do not use it.")
        if not nearest < BROKEN_KL:
            wrong.append(f"{file} is far from the adapter (KL {nearest:.2f}): do not use it.")
    return tuple(wrong)


@dataclass(frozen=True)
class _Answers:
    split: list[list[int]]
    scripts: list[str]


def _referred(
    reference: object, questions: Sequence[Question], tokens: int, folder: Path, say: Callable[[str], None]
) -> list[str]:
    from .reference import Reference

    assert isinstance(reference, Reference)
    say(f"asking it in transformers ({folder.name} weights)")
    folder.mkdir()
    return reference.answer(questions, tokens, folder)


def _asked(file: Path, questions: Sequence[Question], tokens: int, folder: Path) -> _Answers:
    folder.mkdir()
    job = folder / "job.json"
    job.write_text(json.dumps({"questions": [asdict(question) for question in questions], "tokens": tokens}), "utf-8")
    command = [sys.executable, "-m", f"{__package__}.answers", str(file), str(job), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it crashed"])[-1]
        raise BuildError(f"{file} can't be run by llama.cpp ({why}): build it again.")
    return _Answers(**json.loads((folder / "answers.json").read_text("utf-8")))


def _row(
    file: str,
    truth: str,
    questions: Sequence[Question],
    wanted_folder: Path,
    wanted_scripts: Sequence[str],
    got_folder: Path,
    got: _Answers,
) -> Row:
    agreed, divergence, wanted_loss, got_loss = [], [], [], []
    for place, question in enumerate(questions):
        wanted, found = answers.load(wanted_folder, place), answers.load(got_folder, place)
        if wanted.shape != found.shape:
            raise BuildError(f"{file} has {found.shape[-1]} tokens where the adapter's base has {wanted.shape[-1]}.")
        script = np.array(question.ids[question.prompt :])
        every = np.arange(len(script))
        agreed.append(wanted.argmax(-1) == found.argmax(-1))
        divergence.append((np.exp(wanted) * (wanted - found)).sum(-1))
        wanted_loss.append(-wanted[every, script])
        got_loss.append(-found[every, script])
    split_equal = all(
        ids == question.ids[: question.prompt] for ids, question in zip(got.split, questions, strict=True)
    )
    return Row(
        file,
        truth,
        float(np.concatenate(agreed).mean()),
        float(np.concatenate(divergence).mean()),
        float(np.exp(np.concatenate(got_loss).mean())),
        float(np.exp(np.concatenate(wanted_loss).mean())),
        split_equal,
        _mean_score(got.scripts),
        _mean_score(wanted_scripts),
    )


def _mean_score(scripts: Sequence[str]) -> float:
    return float(np.mean([score(script).composite for script in scripts]))
