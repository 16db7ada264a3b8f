"""Every option of every training stage, declared once: the command line, the TOML files and the stages read it here.

Nothing heavy is imported, so that ``luau-lsp-ai train --help`` is fast.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


NOWHERE = Path()  # a folder that was not given


class StageError(Exception):
    """A stage that can't go on; the message is one sentence for the user that says what to do."""


def option(default: Any, help: str, least: float | None = None, most: float | None = None) -> Any:
    """A field of a stage's options. ``least`` and ``most`` bound a number."""
    return dataclasses.field(default=default, metadata={"help": help, "least": least, "most": most})


Protocol = Literal["openai", "anthropic"]


@dataclass(frozen=True)
class Stage:
    """What all stages share."""

    out: Path = option(NOWHERE, "The folder to write; a run that was stopped goes on where it was.")
    force: bool = option(False, "Overwrite the folder.")


@dataclass(frozen=True)
class Collect(Stage):
    """Scripts from a folder, JSONL or Parquet files, or a dataset of the hub: good ones, each once."""

    source: str = option("", "A folder of scripts, a .jsonl or .parquet file (* stands for several), or owner/dataset.")
    split: str = option("train", "The split of a hub dataset.")
    text_column: str = option("", "The column with the script; found by its name where it is not given.")
    project_column: str = option("", "The column with the project; found by its name where it is not given.")
    licence_column: str = option("", "The column with the licence; found by its name where it is not given.")
    licences: tuple[str, ...] = option((), "Keep only these licences, such as mit; all where there is none.")
    limit: int = option(0, "Read at most so many scripts; 0 is all.", 0)
    least_lines: int = option(12, "Shorter scripts are dropped.", 1)
    most_bytes: int = option(24_000, "Longer scripts are dropped: 24,000 bytes are about 8,000 tokens.", 100)
    least_functions: int = option(1, "Scripts with fewer functions are dropped.", 0)
    least_comments: float = option(0.01, "Share of lines with a comment, at least.", 0, 1)
    most_comments: float = option(0.6, "Share of lines with a comment, at most.", 0, 1)
    least_signals: int = option(2, "Different signs of the Roblox API (services, events, classes), at least.", 0)
    similarity: float = option(0.8, "Scripts are near-duplicates from this Jaccard similarity on.", 0.5, 0.95)
    workers: int = option(1, "Processes that read.", 1)


@dataclass(frozen=True)
class Endpoint:
    """A model behind a server, and what may be spent on it."""

    protocol: Protocol = option("openai", "What the server speaks.")
    endpoint: str = option("", "Address of the server, such as http://127.0.0.1:8000/v1.")
    model: str = option("", "The model's name on the server.")
    key_variable: str = option("", "The environment variable that holds the API key.")
    concurrency: int = option(8, "Requests in flight.", 1)
    timeout: float = option(120.0, "Seconds that an answer may take.", 0.1)
    retries: int = option(3, "So many more attempts when the server fails or is busy.", 0)
    input_price: float = option(-1.0, "Dollars for a million tokens read; 0 where it is free.", -1)
    output_price: float = option(-1.0, "Dollars for a million tokens written; 0 where it is free.", -1)
    most_dollars: float = option(0.0, "Stop before a stage that may cost more than this.", 0)
    cache: str = option("", "The file of all answers, so that nothing is paid twice; one for all runs by default.")


@dataclass(frozen=True)
class Label(Endpoint, Stage):
    """A description for each script, as someone would ask for it (reverse labelling)."""

    input: Path = option(NOWHERE, "The folder that `collect` wrote.")
    limit: int = option(0, "Label at most so many scripts; 0 is all.", 0)
    attempts: int = option(3, "Ask so often before a script without a usable description is set aside.", 1)


@dataclass(frozen=True)
class Filter(Stage):
    """Only what the scorers find good."""

    input: Path = option(NOWHERE, "The folder that `label` or `collect` wrote.")
    threshold: float = option(0.75, "The least composite score of a collected script.", 0, 1)
    gold: bool = option(True, "Add the gold tasks.")
    gold_threshold: float = option(0.80, "The least composite score of a gold script.", 0, 1)
    workers: int = option(1, "Processes that score.", 1)


@dataclass(frozen=True)
class Split(Stage):
    """Train, validation and test, so that no project and no near-duplicate is on two sides."""

    input: Path = option(NOWHERE, "The folder that `filter` wrote.")
    validation: float = option(0.05, "Share of the scripts for validation.", 0, 0.5)
    test: float = option(0.05, "Share of the scripts for the test.", 0, 0.5)
    similarity: float = option(0.6, "Scripts this similar stay together.", 0.5, 0.95)
    seed: int = option(7, "Another seed deals the scripts out in another way.", 0)


@dataclass(frozen=True)
class ReportOptions(Stage):
    """Counts, lengths, scores and rules of a data folder, as Markdown with plots."""

    input: Path = option(NOWHERE, "The folder of any data stage.")


T = TypeVar("T", bound=Stage)


def fields(options: type[Stage]) -> dict[str, tuple[dataclasses.Field[Any], Any]]:
    """Each option with its type, the stage's own first."""
    hints = get_type_hints(options)
    own = [field for field in dataclasses.fields(options) if field.name not in _SHARED]
    shared = [field for field in dataclasses.fields(options) if field.name in _SHARED]
    return {field.name: (field, hints[field.name]) for field in [*own, *shared]}


_SHARED = {field.name for field in dataclasses.fields(Stage)}


def read(options: type[T], config: Path | None = None, given: Mapping[str, Any] | None = None) -> T:
    """The options of a stage: what is ``given``, else what the TOML file says, else the default.

    Paths in the file are relative to the working directory. Raises StageError where a value can't be used.
    """
    values = {**(_toml(config) if config else {}), **(given or {})}
    known = fields(options)
    for name in values:
        if name not in known:
            place = f"{config}: " if config else ""
            raise StageError(f"{place}there is no option {name!r}; there are {', '.join(known)}.")
    made = {name: _fit(name, value, *known[name]) for name, value in values.items()}
    stage = options(**made)
    for name in ("input", "out"):
        if name in known and getattr(stage, name) == NOWHERE:
            raise StageError(f"Say which folder: --{name} is missing.")
    return stage


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise StageError(f"{path} can't be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StageError(f"{path} is not TOML: {error}.") from None


def _fit(name: str, value: Any, field: dataclasses.Field[Any], hint: Any) -> Any:
    def fail(wanted: str) -> StageError:
        return StageError(f"{name} is {value!r}; it must be {wanted}.")

    if get_origin(hint) is tuple:
        if isinstance(value, str) or not all(isinstance(each, str) for each in value):
            raise fail("a list of texts")
        return tuple(value)
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise fail("one of " + ", ".join(get_args(hint)))
        return value
    if hint is Path and isinstance(value, (str, Path)):
        return Path(value)
    if hint is float and type(value) is int:
        value = float(value)
    if type(value) is not hint:
        raise fail({int: "a whole number", float: "a number", bool: "true or false"}.get(hint, "a text"))
    least, most = field.metadata["least"], field.metadata["most"]
    if (least is not None and value < least) or (most is not None and value > most):
        raise fail(f"at least {least}" if most is None else f"from {least} to {most}")
    return value


def plain(stage: Stage) -> dict[str, Any]:
    """The options as JSON takes them."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in dataclasses.asdict(stage).items()}
