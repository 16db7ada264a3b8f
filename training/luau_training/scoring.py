"""Scores of an answer, which may be several scripts."""

from __future__ import annotations

from itertools import chain

from luau_scorers.score import Report, score

from .tasks import as_scripts


def score_answer(text: str) -> Report:
    """Of one script its report; of several, which parse if all do, the means of the other scores and all findings."""
    scripts = as_scripts(text)
    if len(scripts) == 1:
        return score(text)
    reports = [score(script) for script in scripts.values()]
    means = [sum(getattr(report, name) for report in reports) / len(reports) for name in ("api", "bugs", "quality")]
    findings = tuple(chain.from_iterable(report.findings for report in reports))
    return Report(findings, min(report.syntax for report in reports), *means)
