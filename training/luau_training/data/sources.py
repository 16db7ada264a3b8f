"""Where raw scripts come from: a folder, JSONL or Parquet files, a dataset of the hub. Read one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..options import Collect, StageError

# What datasets of source code call these columns.
_TEXT = ("text", "content", "code", "source", "script")
_PROJECT = ("project", "repo_name", "max_stars_repo_name", "repository", "repo", "repository_name")
_LICENCE = ("licence", "license", "max_stars_repo_licenses", "licenses", "license_type", "detected_licenses")
_PATH = ("path", "file_path", "max_stars_repo_path", "filename", "file_name")
_LICENCE_FILES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE")


@dataclass(frozen=True, slots=True)
class Raw:
    """A script as its source gives it."""

    script: str
    project: str
    licence: str
    path: str


def raw_scripts(options: Collect, start: int) -> Iterator[Raw]:
    """The source's scripts from number ``start`` on. Raises StageError where the source can't be read."""
    source = options.source
    if not source:
        raise StageError("Say where the scripts are: --source is missing.")
    stop = options.limit or None
    if Path(source).is_dir():
        return itertools.islice(_folder(Path(source)), start, stop)
    return itertools.islice(_dataset(options, start), None if stop is None else max(0, stop - start))


def _folder(folder: Path) -> Iterator[Raw]:
    """A project is a folder at the top; scripts that lie at the top are of one project."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".luau", ".lua") and path.is_file())
    if not files:
        raise StageError(f"{folder} holds no .luau or .lua file.")
    licences: dict[Path, str] = {}
    for file in files:
        inside = file.relative_to(folder)
        project = inside.parts[0] if len(inside.parts) > 1 else folder.name
        root = folder / project if len(inside.parts) > 1 else folder
        if root not in licences:
            licences[root] = _licence_of(root)
        yield Raw(file.read_text("utf-8", "replace"), project, licences[root], inside.as_posix())


def _licence_of(folder: Path) -> str:
    """What the first line of a licence file says, lower case: "mit license"."""
    for name in _LICENCE_FILES:
        if (folder / name).is_file():
            lines = (folder / name).read_text("utf-8", "replace").strip().splitlines()
            return lines[0].strip("# ").lower() if lines else ""
    return ""


def _dataset(options: Collect, start: int) -> Iterator[Raw]:
    rows = _load(options)
    columns = list(rows.column_names or next(iter(rows)))
    text = _column(options.text_column, _TEXT, columns, "script", "text-column", needed=True)
    project = _column(options.project_column, _PROJECT, columns, "project", "project-column")
    licence = _column(options.licence_column, _LICENCE, columns, "licence", "licence-column")
    path = _column("", _PATH, columns, "path", "")
    for number, row in enumerate(rows.skip(start), start):
        yield Raw(
            _text(row, text), _text(row, project) or f"row {number}", _text(row, licence).lower(), _text(row, path)
        )


def _load(options: Collect) -> Any:
    """A streaming dataset."""
    from datasets import load_dataset
    from datasets.exceptions import DatasetNotFoundError

    source = options.source
    kind = {".jsonl": "json", ".json": "json", ".parquet": "parquet"}.get(Path(source).suffix)
    try:
        if kind:
            return load_dataset(kind, data_files=source, split="train", streaming=True)
        return load_dataset(source, split=options.split, streaming=True)
    except (DatasetNotFoundError, FileNotFoundError, ConnectionError):
        where = "There are no files at" if kind else "There is no folder, file or hub dataset"
        raise StageError(f"{where} {source}: check --source, and the connection if it is on the hub.") from None
    except ValueError as error:
        raise StageError(f"{source} can't be read: {str(error).splitlines()[0]}") from None


def _column(
    given: str, usual: Iterable[str], columns: list[str], what: str, flag: str, *, needed: bool = False
) -> str | None:
    if given and given not in columns:
        raise StageError(f"There is no column {given!r}; there are {', '.join(columns)}. Correct --{flag}.")
    found = given or next((name for name in usual if name in columns), None)
    if needed and not found:
        raise StageError(f"Which column holds the {what}? There are {', '.join(columns)}: name it with --{flag}.")
    return found


def _text(row: Mapping[str, Any], column: str | None) -> str:
    value = row[column] if column else ""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
