"""What an answer is worth: 10 % for each scorer and 60 % for doing what was asked, and what must not pay.

The weights are those of the recipe that this follows (each of four scorers .1, a judge .6). The same function is the
reward of RFT and GRPO, the held-out score while training, and a column of the evaluation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from luau_model.clean import clean
from luau_scorers.score import Report
from luau_scorers.tokens import tokenize

from .problems import Problem
from .scoring import score_answer
from .tasks import CheckResult

SCORER_WEIGHT, TASK_WEIGHT = 0.1, 0.6
# Being tidy is worth this much until something of what was asked is done, and all from TASK_FULL on: else any six
# clean statements would be worth .4.
IDLE_SHARE, TASK_FULL = 0.25, 0.25
# An answer with words around its script loses this.
FORMAT_LOSS = 0.1
# Comments cost nothing up to this share of the tokens' bytes; from there the reward falls to nothing at 100 %.
MOST_COMMENTS = 0.4
# Length costs nothing up to so many times the reference, or so many bytes where there is none.
LONGEST, LONGEST_BYTES = 3.0, 12_000
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Reward:
    """``total`` is in [0, 1]; ``task`` is the share of what was asked, by the checks or the judge; ``factor`` is what
    the guards leave; ``report`` and ``checks`` say why.
    """

    total: float
    task: float
    factor: float
    report: Report
    checks: Sequence[CheckResult] = ()


def reward(answer: str, problem: Problem, judged: float | None = None) -> Reward:
    """Judge a model's raw answer. ``judged`` in [0, 1] takes the place of the problem's checks.

    Where there is neither, the composite score does: it can't tell what was asked, so such rewards compare with their
    like alone.
    """
    script = clean(answer) or ""
    report = score_answer(script)
    checks = problem.checks(script) if problem.checks is not None else ()
    if judged is not None:
        task = judged
    elif checks:
        task = sum(check.passed for check in checks) / len(checks)
    else:
        task = report.composite
    if report.syntax < 1:  # what does not parse does nothing
        task = 0.0
    tidy = SCORER_WEIGHT * (report.syntax + report.api + report.bugs + report.quality)
    tidy *= IDLE_SHARE + (1 - IDLE_SHARE) * min(1.0, task / TASK_FULL)
    factor = guard(answer, script, problem)
    return Reward(max(0.0, (tidy + TASK_WEIGHT * task) * factor), task, factor, report, checks)


def guard(answer: str, script: str, problem: Problem) -> float:
    """What is left of the reward, in [0, 1]: answers that are empty, copied, padded or talkative lose."""
    code, comments = _sizes(script)
    if not code or _copies(script, problem.request, code):
        return 0.0
    factor = 1.0
    if _SPACE.sub("", answer) != _SPACE.sub("", script):
        factor -= FORMAT_LOSS
    share = comments / (code + comments)
    factor *= 1 - max(0.0, share - MOST_COMMENTS) / (1 - MOST_COMMENTS)
    longest = LONGEST * len(problem.reference.encode()) if problem.reference else LONGEST_BYTES
    return factor * min(1.0, longest / max(1, len(script.encode("utf-8", "replace"))))


def _sizes(script: str) -> tuple[int, int]:
    """Bytes of code and of comments, without spaces."""
    source = script.encode("utf-8", "replace")
    code = sum(len(b"".join(token.text.split())) for token in tokenize(source))
    return code, len(b"".join(source.split())) - code


def _copies(script: str, request: str, code: int) -> bool:
    """Whether the script is little more than the request said back."""
    words = re.findall(r"\w+", request.lower())
    said = re.findall(r"\w+", script.lower())
    if len(words) < 4 or not said:
        return False
    return " ".join(words) in " ".join(said) and code < 2 * len(request)
