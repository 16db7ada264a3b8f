"""What models are asked to solve: gold tasks, evaluation tasks, or rows of a JSONL file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from luau_model.prompt import full
from luau_model.request import Message, Request

from . import tasks
from .data.rows import Row, read_rows
from .options import StageError
from .tasks import CheckResult, Task

TASK_SPLITS = ("gold", "evaluation")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Problem:
    """A request, and what any right answer must show. ``checks`` is None where nothing but the scorers can tell."""

    name: str
    request: str
    side: str
    category: str
    reference: str
    checks: Callable[[str], Sequence[CheckResult]] | None

    @property
    def messages(self) -> tuple[Message, ...]:
        """The one prompt, as serving builds it."""
        return messages_for(self.request, self.side)


def messages_for(request: str, side: str) -> tuple[Message, ...]:
    """The one prompt for a request whose script runs on that side."""
    role = side if side in ("server", "client", "module") else "unknown"
    return full(Request(request, role=role))  # type: ignore[arg-type]


def load_problems(where: str, most: int = 0) -> list[Problem]:
    """Problems from "gold", "evaluation" or a JSONL file of rows; ``most`` of them, spread evenly, or all.

    Raises StageError where there is none.
    """
    if where in TASK_SPLITS:
        found = [_of_task(task) for task in tasks.load_all() if task.split == where]
    elif Path(where).is_file():
        found = [_of_row(row) for row in read_rows([Path(where)]) if row.request]
    else:
        raise StageError(f"{where} is neither a file of rows nor one of {', '.join(TASK_SPLITS)}.")
    if not found:
        raise StageError(f"{where} holds no row with a request: label the scripts first.")
    return found if not most or most >= len(found) else [found[i * len(found) // most] for i in range(most)]


def _of_task(task: Task) -> Problem:
    return Problem(
        task.name,
        task.prompt,
        task.kind,
        task.category,
        tasks.as_text(task.scripts),
        lambda answer: tasks.run_checks(task, answer),
    )


def _of_row(row: Row) -> Problem:
    checks = (lambda answer: _shown(answer, row.shows)) if row.shows else None
    return Problem(row.path or row.id, row.request, row.side, row.project, row.script, checks)


def _shown(answer: str, shows: Sequence[str]) -> list[CheckResult]:
    """Whether the answer has each text in it, whatever the spaces."""
    squeezed = _SPACE.sub("", answer)
    found = [(text, _SPACE.sub("", text) in squeezed) for text in shows]
    return [CheckResult(f"shows {text}", there, "" if there else f"{text} is missing") for text, there in found]
