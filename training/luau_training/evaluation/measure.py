"""What one model's answers are worth, figure by figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import comb

from luau_model.clean import clean

from .. import compiler
from ..candidates import Answer
from ..problems import Problem
from ..reward import Reward, reward
from ..tasks import as_scripts

SCORES = ("syntax", "api", "bugs", "quality", "composite")


@dataclass(frozen=True)
class Judged:
    """An answer with what it is worth; ``parses`` is the official compiler's word, or ours where it was not asked."""

    problem: Problem
    answer: Answer
    reward: Reward
    parses: bool

    @property
    def solved(self) -> bool:
        """Whether it passes every check of its problem."""
        return self.parses and bool(self.reward.checks) and all(check.passed for check in self.reward.checks)


def judge_all(
    problems: Sequence[Problem], answers: Sequence[Sequence[Answer]], ask_compiler: bool
) -> list[list[Judged]]:
    """Every answer judged, in their order."""
    rewards = [[reward(answer.text, problem) for answer in row] for problem, row in zip(problems, answers, strict=True)]
    if ask_compiler:
        scripts = [[list(as_scripts(clean(answer.text) or "").values()) for answer in row] for row in answers]
        messages = iter(compiler.errors([script for row in scripts for answer in row for script in answer]))
        parsed = [[_accepted(answer, messages) for answer in row] for row in scripts]
    else:
        parsed = [[found.report.syntax == 1 for found in row] for row in rewards]
    return [
        [Judged(problem, *each) for each in zip(row, found, fine, strict=True)]
        for problem, row, found, fine in zip(problems, answers, rewards, parsed, strict=True)
    ]


def _accepted(scripts: Sequence[str], messages: Iterator[str]) -> bool:
    """Whether there is a script, and the compiler's messages on all of them are empty."""
    mistakes = sum(bool(next(messages)) for _ in scripts)
    return any(scripts) and not mistakes


def pass_at(k: int, row: Sequence[Judged]) -> float:
    """The chance that one of k answers drawn from these is right (Chen et al. 2021, the unbiased estimate)."""
    n, right = len(row), sum(each.solved for each in row)
    return 1.0 if n - right < k else 1 - comb(n - right, k) / comb(n, k)


def rules_fired(judged: Sequence[Sequence[Judged]]) -> Counter[str]:
    """How many findings each rule has, over all answers."""
    return Counter(finding.rule for row in judged for each in row for finding in each.reward.report.findings)


def figures(samples: int, has_checks: bool) -> dict[str, Callable[[Sequence[Judged]], float]]:
    """Each figure as a function of the answers to one problem; the model's figure is the mean over the problems."""
    made: dict[str, Callable[[Sequence[Judged]], float]] = {
        name: (lambda row, name=name: _mean(getattr(each.reward.report, name) for each in row))  # type: ignore[misc]
        for name in SCORES
    }
    made["reward"] = lambda row: _mean(each.reward.total for each in row)
    if has_checks:
        made["checks passed"] = lambda row: _mean(each.reward.task for each in row)
        made["pass@1"] = lambda row: pass_at(1, row)
        if samples > 1:
            made[f"pass@{samples}"] = lambda row: pass_at(samples, row)
    made["parses"] = lambda row: _mean(each.parses for each in row)
    made["invented APIs"] = lambda row: _mean(_findings(each, "unknown-") for each in row)
    made["deprecated APIs"] = lambda row: _mean(_findings(each, "deprecated-") for each in row)
    return made


def _findings(judged: Judged, beginning: str) -> int:
    api = (finding.rule for finding in judged.reward.report.findings)
    return sum(rule.startswith(beginning) and rule != "unknown-suppression" for rule in api)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / max(1, len(found))
