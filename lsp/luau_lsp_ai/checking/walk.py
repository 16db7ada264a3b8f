"""Which files to check."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from luau_scorers.config import Config

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES = (".luau", ".lua")


@dataclass
class Walk:
    """Finds files. ``unreadable`` has a sentence for each folder that could not be looked into."""

    unreadable: list[str] = field(default_factory=list)

    def files(self, paths: Iterable[Path]) -> Iterator[Path]:
        """The files named, and the Luau files in the folders named, by name; each once. Raises ConfigError.

        A file that is named comes in any case. Of a folder's files those are left out that .gitignore or the
        project's config ignores.
        """
        seen: set[Path] = set()
        for path in paths:
            for file in self._below(path) if path.is_dir() else (path,):
                place = file.resolve()
                if place not in seen:
                    seen.add(place)
                    yield file

    def _below(self, folder: Path) -> Iterator[Path]:
        pending = [_Entry(folder, folder.resolve(), True, _above(folder.resolve()))]
        while pending:
            entry = pending.pop()
            if entry.is_folder:
                pending += sorted(self._inside(entry), key=lambda each: each.path.name, reverse=True)
            else:
                yield entry.path

    def _inside(self, folder: _Entry) -> Iterator[_Entry]:
        """What a folder holds and is to be looked at."""
        config = Config.find(folder.place / "any")
        ignores = [*folder.ignores, *_read(folder.place)]
        for entry in self._entries(folder.path):
            is_folder = entry.is_dir(follow_symlinks=False)
            path, place = folder.path / entry.name, folder.place / entry.name
            is_ours = entry.name != ".git" if is_folder else path.suffix in SUFFIXES and entry.is_file()
            if is_ours and not _ignored(place, is_folder, ignores) and not config.ignores(place, is_folder):
                yield _Entry(path, place, is_folder, ignores)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except OSError as error:
            self.unreadable.append(f"{folder} can't be read: {error.strerror}.")
            return []


def is_checked(file: Path) -> bool:
    """Whether a file would be found in the folders above it. Raises ConfigError."""
    place = file.resolve()
    if place.suffix not in SUFFIXES or Config.find(place).ignores(place):
        return False
    folders = list(reversed(place.parents))
    root = max((number for number, folder in enumerate(folders) if (folder / ".git").exists()), default=0)
    ignores: list[_Ignore] = []
    for folder, inside in zip(folders[root:], [*folders[root + 1 :], place], strict=True):
        ignores += _read(folder)
        if _ignored(inside, inside != place, ignores):
            return False
    return True


@dataclass(frozen=True)
class _Ignore:
    """A ``.gitignore`` file: the folder where it lies, and what it says."""

    folder: Path
    spec: GitIgnoreSpec


@dataclass(frozen=True)
class _Entry:
    """A file or folder: as the user is told, where it really is, and what decides on what is in it."""

    path: Path
    place: Path
    is_folder: bool
    ignores: list[_Ignore]


def _ignored(place: Path, is_folder: bool, ignores: list[_Ignore]) -> bool:
    """Whether Git leaves this out: the innermost file that has a say decides."""
    for ignore in reversed(ignores):
        name = place.relative_to(ignore.folder).as_posix() + "/" * is_folder
        verdict = ignore.spec.check_file(name).include
        if verdict is not None:
            return verdict
    return False


def _read(folder: Path) -> list[_Ignore]:
    """The folder's own ``.gitignore``, where it has one."""
    try:
        text = (folder / ".gitignore").read_text("utf-8", "replace")
    except OSError:
        return []
    from pathspec import GitIgnoreSpec

    return [_Ignore(folder, GitIgnoreSpec.from_lines(text.splitlines()))]


def _above(place: Path) -> list[_Ignore]:
    """The ``.gitignore`` files between the repository's root and a folder, unless they ignore the folder itself."""
    ignores: list[_Ignore] = []
    for above in place.parents if not (place / ".git").exists() else ():
        ignores = _read(above) + ignores
        if (above / ".git").exists():
            return [] if _ignored(place, True, ignores) else ignores
    return []
