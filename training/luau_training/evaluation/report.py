"""An evaluation as Markdown and as a plot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .measure import Judged

_WORST = 3
_MOST_RULES = 12
_QUOTED_LINES = 25


def markdown(result: dict[str, Any], judged: Mapping[str, list[list[Judged]]], *, short: bool = False) -> str:
    """The report; ``short`` is the table alone."""
    models = list(result["figures"])
    names = [_short(model) for model in models]
    lines = [f"| figure | {' | '.join(names)} |", f"| --- |{' ---: |' * len(models)}"]
    for figure in result["figures"][models[0]]:
        lines.append(f"| {figure} | " + " | ".join(_cell(result, model, figure) for model in models) + " |")
    lines.append("| tokens a second | " + " | ".join(str(result["tokens a second"][model]) for model in models) + " |")
    if short:
        return "\n".join(lines)
    head = [
        "# Evaluation",
        "",
        f"{result['problems']} problems, {result['samples']} answers each; 95 % bootstrap intervals over the "
        f"problems in brackets; p of a paired permutation test against {names[0]}. "
        f"What parses says {result['parse by']}.",
        "",
        _caveat(result),
        "",
    ]
    return "\n".join([*head, *lines, "", "![scores](scores.png)", "", *_rules(result, models), *_worst(judged)])


def _caveat(result: dict[str, Any]) -> str:
    if not result["same scorer"]:
        return "The scores come from our own rules, which had no part in making these models."
    said = " and ".join(result["same scorer"])
    return (
        f"Read the scores with care: the same rules were used as {said} while these models were made, so a model may "
        "have learned to please them. The checks and the compiler are independent of them."
    )


def _cell(result: dict[str, Any], model: str, figure: str) -> str:
    found = result["figures"][model][figure]
    said = f"{found['mean']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"
    p = result["p against the first"].get(model, {}).get(figure)
    return said if p is None else f"{said} p {p:.3f}" if p >= 0.001 else f"{said} p < .001"


def _rules(result: dict[str, Any], models: list[str]) -> list[str]:
    lines = ["## Which rule fired how often", ""]
    lines += [f"| rule | {' | '.join(map(_short, models))} |", f"| --- |{' ---: |' * len(models)}"]
    total: dict[str, int] = {}
    for fired in result["rules"].values():
        for rule, count in fired.items():
            total[rule] = total.get(rule, 0) + count
    for rule in sorted(total, key=lambda rule: -total[rule])[:_MOST_RULES]:
        lines.append(f"| {rule} | " + " | ".join(str(result["rules"][model].get(rule, 0)) for model in models) + " |")
    return [*lines, ""]


def _worst(judged: Mapping[str, list[list[Judged]]]) -> list[str]:
    lines = ["## Worst cases", ""]
    for model, rows in judged.items():
        found = sorted((each for row in rows for each in row), key=lambda each: each.reward.total)[:_WORST]
        for each in found:
            why = [check.why or check.name for check in each.reward.checks if not check.passed]
            why += [finding.message for finding in each.reward.report.findings]
            quoted = each.answer.text.strip().splitlines()
            lines += [
                f"### {_short(model)}: {each.problem.name}, reward {each.reward.total:.2f}",
                "",
                f"> {each.problem.request}",
                "",
                *(f"- {reason}" for reason in why[:6]),
                "",
                "````luau",
                *quoted[:_QUOTED_LINES],
                *([f"-- and {len(quoted) - _QUOTED_LINES} more lines"] if len(quoted) > _QUOTED_LINES else []),
                "````",
                "",
            ]
    return lines


def _short(model: str) -> str:
    """A model's name without where it lies: ``runs/sft/adapter`` is sft."""
    if "#" in model:
        return model.split("#", 1)[1]
    path = Path(model)
    return path.parent.name if path.name in ("adapter", "model") else path.stem if path.suffix == ".gguf" else path.name


def plot(result: dict[str, Any], out: Path) -> None:
    """Bars of the figures in [0, 1] with their intervals."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    models = list(result["figures"])
    names = [name for name in result["figures"][models[0]] if not name.endswith("APIs")]
    figure, axes = pyplot.subplots(figsize=(max(7, len(names)), 4))
    width = 0.8 / len(models)
    for number, model in enumerate(models):
        found = [result["figures"][model][name] for name in names]
        below = [each["mean"] - each["low"] for each in found]
        above = [each["high"] - each["mean"] for each in found]
        places = [index + number * width for index in range(len(names))]
        axes.bar(places, [each["mean"] for each in found], width, yerr=[below, above], capsize=2, label=_short(model))
    middle = [index + 0.4 - width / 2 for index in range(len(names))]
    axes.set_xticks(middle, names, rotation=25, ha="right")
    axes.set(ylim=(0, 1.02), title=f"{result['problems']} problems")
    axes.legend()
    figure.tight_layout()
    figure.savefig(out, dpi=110)
    pyplot.close(figure)
