"""Rejection sampling fine-tuning, as many rounds as help.

    luau-lsp-ai train rft --config training/luau_training/configs/rft.toml --adapter runs/sft/adapter \
        --train data/train.jsonl --held-out data/validation.jsonl --out runs/rft

Each round draws candidates with the current adapter, keeps the best of each problem where its reward is high enough,
and trains on those with the SFT data. Writes ``round-N/`` and ``adapter/``, the best by the held-out score, which may
be the one that it began with.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from luau_model.clean import clean
from luau_model.files import replaced

from .candidates import Answer, draw, load_folder
from .data.rows import Row, row_id
from .judge import Judge
from .options import Rft, Sft, StageError
from .pairs import check_files
from .problems import Problem, load_problems
from .reward import Reward, reward
from .run_folder import MANIFEST, file_hash, open_run, write_json
from .sft import sft
from .training_run import held_out_score, quiet


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer and what it is worth."""

    problem: Problem
    answer: Answer
    reward: Reward


def rft(options: Rft) -> None:
    """Run the rounds, or go on in the one that was stopped. Raises StageError where that can't be."""
    quiet()
    check_files(options.train)
    if not options.adapter:
        raise StageError("Say which adapter to begin with: --adapter is missing; `train sft` makes one.")
    if not options.held_out:
        raise StageError("Say what tells whether a round helped: --held-out is missing; take problems not drawn for.")
    problems = load_problems(options.problems)
    if not options.judge and any(problem.checks is None for problem in problems):
        raise StageError(f"{options.problems} has problems without checks of their own: let a judge decide, --judge.")
    held_out = load_problems(options.held_out, options.held_out_most)
    run = open_run("rft", options)
    best, score = options.adapter, _score(options.adapter, held_out, options, run.path / "round-0")
    rounds = [{"round": 0, "held-out score": score}]
    adapter = best
    for number in range(1, options.rounds + 1):
        folder = run.path / f"round-{number}"
        kept, about = _kept(adapter, problems, options, folder, number)
        if not kept:
            rounds.append({"round": number, **about})
            print(f"round {number}: no candidate reached {options.keep}", flush=True)
            break
        adapter = _train(adapter, options, folder)
        new = _score(adapter, held_out, options, folder)
        rounds.append({"round": number, **about, "held-out score": new})
        print(f"round {number}: kept {len(kept)} of {len(problems)}, held-out {score:.4f} -> {new:.4f}", flush=True)
        gain = new - score
        if gain > 0:
            best, score = adapter, new
        if gain < options.least_gain:
            break
    shutil.rmtree(run.path / "adapter", ignore_errors=True)
    shutil.copytree(best, run.path / "adapter")
    inputs = {file: file_hash([Path(file)]) for file in options.train}
    inputs[options.adapter] = file_hash([Path(options.adapter) / "adapter_model.safetensors"])
    run.finish(inputs, {"rounds": rounds, "best": best, "held-out score": score})


def _kept(
    adapter: str, problems: Sequence[Problem], options: Rft, folder: Path, number: int
) -> tuple[list[Row], dict[str, Any]]:
    """The best candidate of each problem that is good enough, as rows; drawn once, even if the run is stopped."""
    folder.mkdir(exist_ok=True)
    if (folder / "kept.json").exists():
        found = json.loads((folder / "kept.json").read_text("utf-8"))
        return [Row(**row) for row in found["rows"]], found["about"]
    drawn = draw(options.sampler or adapter, problems, options.candidates, options, options.seed + 1000 * number)
    candidates, about = judged(problems, drawn, options)
    best = [max(row, key=lambda each: each.reward.total) for row in candidates]
    good = [each for each in best if each.reward.total >= options.keep]
    rows = [_row(each) for each in good]
    totals = [each.reward.total for row in candidates for each in row]
    about |= {"mean reward": sum(totals) / len(totals), "kept": len(rows), "problems": len(problems)}
    with replaced(folder / "kept.jsonl") as new:
        new.write_text("".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows), "utf-8")
    write_json(folder / "kept.json", {"rows": [asdict(row) for row in rows], "about": about})
    return rows, about


def judged(
    problems: Sequence[Problem], drawn: Sequence[Sequence[Answer]], options: Rft
) -> tuple[list[list[Candidate]], dict[str, Any]]:
    """Every candidate with its reward, and what is to be said of the judge."""
    flat = [(problem, answer) for problem, row in zip(problems, drawn, strict=True) for answer in row]
    verdicts: list[float | None] = [None] * len(flat)
    about: dict[str, Any] = {}
    if options.judge:
        judge = Judge(options)
        verdicts = list(judge.score_all([(problem, answer.text) for problem, answer in flat]))
        about = {"judge": {**judge.figures, "bias": asdict(judge.bias())}}
    made = [
        Candidate(problem, answer, reward(answer.text, problem, verdict))
        for (problem, answer), verdict in zip(flat, verdicts, strict=True)
    ]
    return [made[start : start + options.candidates] for start in range(0, len(made), options.candidates)], about


def _row(candidate: Candidate) -> Row:
    script = clean(candidate.answer.text) or ""
    problem = candidate.problem
    side: Any = problem.side if problem.side in ("server", "client", "module") else "unknown"
    return Row(row_id(script), script, f"rft/{problem.name}", "mit", problem.name, side, problem.request)


def _train(adapter: str, options: Rft, folder: Path) -> str:
    """Fine-tune on what was kept and the SFT data; goes on where it was stopped."""
    shared = Sft(**{field.name: getattr(options, field.name) for field in fields(Sft)})
    train = (*options.train, str(folder / "kept.jsonl"))
    wanted = replace(shared, out=folder / "sft", force=False, adapter=adapter, train=train)
    if not (wanted.out / MANIFEST).exists():
        sft(wanted)
    return str(wanted.out / "adapter")


def _score(adapter: str, problems: Sequence[Problem], options: Rft, folder: Path) -> float:
    """The held-out score of an adapter, measured once."""
    folder.mkdir(exist_ok=True)
    file = folder / "score.json"
    if not file.exists():
        model, tokenizer = load_folder(adapter)
        write_json(file, held_out_score(model, tokenizer, problems, options))
    return float(json.loads(file.read_text("utf-8")))
