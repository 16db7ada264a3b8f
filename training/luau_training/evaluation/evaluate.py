"""Evaluate models over problems and write what came out: report.md, report.json and plots."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..candidates import draw
from ..options import Evaluate, StageError
from ..problems import load_problems
from ..run_folder import file_hash, open_run, write_json
from .measure import Judged, figures, judge_all, rules_fired
from .report import markdown, plot
from .statistics import interval, paired_p


def evaluate(options: Evaluate) -> None:
    """Write ``report.md``, ``report.json``, ``scores.png``, and every answer."""
    models = options.compare or options.model
    if not models:
        raise StageError("Say which models: --model, once for each, or --compare with two.")
    problems = load_problems(options.problems, options.most)
    run = open_run("evaluate", options, resumable=False)
    judged: dict[str, list[list[Judged]]] = {}
    for model in models:
        print(f"{model}: {len(problems)} problems, {options.samples} answers each", flush=True)
        answers = draw(model, problems, options.samples, options, options.seed)
        judged[model] = judge_all(problems, answers, options.compiler)
    result = summarize(judged, options)
    write_json(run.path / "report.json", result)
    plot(result, run.path / "scores.png")
    (run.path / "report.md").write_text(markdown(result, judged), "utf-8")
    write_json(run.path / "answers.json", {model: [_plain(row) for row in rows] for model, rows in judged.items()})
    run.finish({model: _hash(model) for model in models}, result["figures"])
    print(markdown(result, judged, short=True))


def summarize(judged: dict[str, list[list[Judged]]], options: Evaluate) -> dict[str, Any]:
    """Every figure of every model with its interval, and the paired test of each model against the first."""
    first = next(iter(judged.values()))
    measured = figures(options.samples, any(row[0].problem.checks is not None for row in first))
    values = {
        model: {name: [of(row) for row in rows] for name, of in measured.items()} for model, rows in judged.items()
    }
    baseline = next(iter(values.values()))
    return {
        "problems": len(first),
        "samples": options.samples,
        "parse by": "the official compiler" if options.compiler else "our own parser",
        "same scorer": list(options.same_scorer),
        "figures": {
            model: {name: asdict(interval(each, options.seed)) for name, each in found.items()}
            for model, found in values.items()
        },
        "p against the first": {
            model: {name: paired_p(each, baseline[name], options.seed) for name, each in found.items()}
            for model, found in list(values.items())[1:]
        },
        "tokens a second": {model: _speed(rows) for model, rows in judged.items()},
        "rules": {model: dict(rules_fired(rows).most_common()) for model, rows in judged.items()},
    }


def _speed(rows: list[list[Judged]]) -> float:
    """Of one answer; where several were written at once, of all together."""
    seconds = sum(each.answer.seconds for row in rows for each in row)
    return round(sum(each.answer.tokens for row in rows for each in row) / max(1e-9, seconds), 1)


def _plain(row: list[Judged]) -> list[dict[str, Any]]:
    return [
        {
            "problem": each.problem.name,
            "answer": each.answer.text,
            "reward": round(each.reward.total, 4),
            "parses": each.parses,
            "failed checks": [f"{check.name}: {check.why}" for check in each.reward.checks if not check.passed],
            "findings": [finding.message for finding in each.reward.report.findings],
        }
        for each in row
    ]


def _hash(model: str) -> str:
    path = Path(model)
    if path.is_file():
        return file_hash([path])
    if path.is_dir():
        return file_hash(sorted([*path.glob("*.safetensors"), *path.glob("*.json")]))
    return hashlib.sha256(model.encode()).hexdigest()
