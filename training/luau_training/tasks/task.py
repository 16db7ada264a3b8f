"""Tasks on disk: one ``.luau`` file, or a folder of them for a task that needs several scripts.

The header is TOML in the comment that a file begins with, or ``task.toml`` in a folder; CONTRIBUTING.md shows one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from .answer import as_scripts
from .checks.expression import check_from
from .checks.program import Program

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent
SPLITS = ("gold", "evaluation")
CATEGORIES = ("npc", "mechanics", "data", "ui", "physics", "networking")
DIFFICULTIES = ("easy", "medium", "hard")
KINDS = ("server", "client", "module", "multi")
_HEADER = re.compile(r"\A--\[=\[\n(.*?)\n\]=\]\n+", re.DOTALL)
_KEYS = {"prompt", "difficulty", "kind", "checks", "wrong"}


class TaskError(ValueError):
    """A task that cannot be used; the message names the file, the place and the mend."""


@dataclass(frozen=True)
class Wrong:
    """A variant of the reference with a mistake that is often made, and the check that must not let it through."""

    why: str
    check: str
    scripts: Mapping[str, str]


@dataclass(frozen=True)
class Task:
    """A task with its reference. ``checks`` are expressions by what they ask for."""

    name: str
    prompt: str
    category: str
    difficulty: str
    kind: str
    split: str
    scripts: Mapping[str, str]
    checks: Mapping[str, str]
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True)
class CheckResult:
    """Whether an answer shows what a check asks for; ``why`` says what is missing, "" where nothing is."""

    name: str
    passed: bool
    why: str


def run_checks(task: Task, answer: Mapping[str, str] | str) -> list[CheckResult]:
    """Every check of a task on an answer: scripts by file name, or one text as ``as_text`` writes it.

    Never raises on any answer. What does not parse fails every check.
    """
    program = Program(as_scripts(answer) if isinstance(answer, str) else answer)
    if program.broken is not None:
        return [CheckResult(name, False, f"{program.broken} does not parse") for name in task.checks]
    faults = {name: check_from(expression).fault(program) for name, expression in task.checks.items()}
    if not any(_asks_for_something(task.checks[name]) for name, fault in faults.items() if not fault):
        # that something is absent is no merit of an answer that shows nothing
        faults = {name: fault or "the answer shows nothing that is asked for" for name, fault in faults.items()}
    return [CheckResult(name, not fault, fault) for name, fault in faults.items()]


@cache
def _asks_for_something(expression: str) -> bool:
    """Whether an empty script does not pass this check."""
    return bool(check_from(expression).fault(Program({"empty.luau": ""})))


@cache
def load_all(folder: Path = FOLDER) -> tuple[Task, ...]:
    """Every task under ``<split>/<category>/``, by name. Raises TaskError where one cannot be used."""
    paths = [path for split in SPLITS for path in folder.glob(f"{split}/*/*")]
    tasks = sorted((load(path) for path in paths), key=lambda task: task.name)
    names = [task.name for task in tasks]
    if twice := {name for name in names if names.count(name) > 1}:
        raise TaskError(f"two tasks share the name {sorted(twice)[0]}: file names must differ across categories")
    return tuple(tasks)


def load(path: Path) -> Task:
    """Read one task, a file or a folder; its folders name category and split. Raises TaskError with one sentence."""
    try:
        header, scripts = _read(path)
        task = _task(path, tomllib.loads(header), scripts)
    except tomllib.TOMLDecodeError as error:
        raise TaskError(f"{path}: the header is not TOML: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise TaskError(f"{path}: {error}") from error
    return task


def _read(path: Path) -> tuple[str, dict[str, str]]:
    if path.is_dir():
        scripts = {file.name: file.read_text("utf-8") for file in sorted(path.glob("*.luau"))}
        return (path / "task.toml").read_text("utf-8"), scripts
    source = path.read_text("utf-8")
    header = _HEADER.match(source)
    if header is None:
        raise ValueError("it does not begin with a header, --[=[ and then TOML")
    return header[1], {path.name: source[header.end() :]}


def _task(path: Path, data: dict[str, Any], scripts: dict[str, str]) -> Task:
    if unknown := set(data) - _KEYS:
        raise ValueError(f"unknown key {sorted(unknown)[0]!r}; a task has {', '.join(sorted(_KEYS))}")
    if missing := _KEYS - set(data):
        raise ValueError(f"{sorted(missing)[0]!r} is missing from the header")
    task = Task(
        name=path.name.split(".")[0],
        prompt=" ".join(data["prompt"].split()),
        category=_one_of("category", path.parent.name, CATEGORIES),
        difficulty=_one_of("difficulty", data["difficulty"], DIFFICULTIES),
        kind=_one_of("kind", data["kind"], KINDS),
        split=_one_of("split", path.parent.parent.name, SPLITS),
        scripts=scripts,
        checks=data["checks"],
        wrong=(),
    )
    for expression in task.checks.values():
        check_from(expression)
    return replace(task, wrong=tuple(_wrong(task, each) for each in data["wrong"]))


def _one_of(what: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{what} is {value!r}; it must be one of {', '.join(known)}")
    return value


def _wrong(task: Task, data: dict[str, Any]) -> Wrong:
    """``why``, ``check`` (its name), and ``replace``: pairs of texts, each of which stands once in the scripts."""
    if data["check"] not in task.checks:
        raise ValueError(f"the wrong variant {data['why']!r} names no check of the task")
    scripts = dict(task.scripts)
    for old, new in data["replace"]:
        holders = [name for name, source in scripts.items() if old in source]
        if len(holders) != 1 or scripts[holders[0]].count(old) != 1:
            raise ValueError(f"the wrong variant {data['why']!r}: {old!r} must stand exactly once in the scripts")
        scripts[holders[0]] = scripts[holders[0]].replace(old, new)
    return Wrong(data["why"], data["check"], scripts)
