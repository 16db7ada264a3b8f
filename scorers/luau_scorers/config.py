"""A project's own settings for the rules: ``luau-lsp-ai.toml``, in the folder of a file or in one above it.

```toml
ignore = ["Packages/", "*.gen.luau"]   # as in .gitignore, from this file's folder
globals = ["describe"]                 # names that something outside of the files declares
coexist = ["luau-lsp", "selene"]       # tools in use beside this one: what they report as well is not shown twice

[rules]
unused-local = "off"                   # or hint, info, warning, error; stronger than coexist

[sides]
server = ["src/server"]                # folders whose scripts run there; names such as Coins.server.luau need none
client = ["src/client"]
```
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Literal, get_args

from .finding import Finding
from .rule import all_rules
from .syntax_tree import Document, Side

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NAME = "luau-lsp-ai.toml"
Level = Literal["off", "hint", "info", "warning", "error"]
_LEVELS: tuple[str, ...] = get_args(Level)
_TOOLS = ("luau-lsp", "selene")
# Tools beside this one, with commas between: set by an editor that knows of them, for projects that do not say.
COEXIST_VARIABLE = "LUAU_LSP_AI_COEXIST"


def _beside() -> frozenset[str]:
    return frozenset(os.environ.get(COEXIST_VARIABLE, "").split(",")).intersection(_TOOLS)


class ConfigError(Exception):
    """A config file that can't be used; the text has a line for each thing that is wrong with it."""


@dataclass(frozen=True)
class Config:
    """What a config file says. ``folder`` is where it lies; the paths in it are relative to that."""

    folder: Path = field(default_factory=Path)
    rules: Mapping[str, Level] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    globals: frozenset[str] = frozenset()
    server: tuple[str, ...] = ()
    client: tuple[str, ...] = ()
    coexist: frozenset[str] = field(default_factory=_beside)

    @classmethod
    def find(cls, path: Path) -> Config:
        """The config for a file, which need not exist. Raises ConfigError."""
        for folder in path.resolve().parents:
            file = folder / NAME
            try:
                status = file.stat()
            except OSError:
                continue
            return _read(file, status.st_mtime_ns, status.st_size)
        return cls()

    def ignores(self, path: Path, is_folder: bool = False) -> bool:
        """Whether a file, or all of a folder, is to be left out, as files of type definitions always are."""
        if path.name.endswith((".d.lua", ".d.luau")):
            return True
        inside = self._inside(path)
        if inside is None or not self.ignore:
            return False
        return self._ignored.match_file(inside.as_posix() + "/" * is_folder)

    def side(self, path: Path) -> Side | None:
        """Where a script runs: by its folder, else by a name such as ``Coins.server.luau``."""
        inside = self._inside(path)
        for folder in inside.parents if inside is not None else ():
            if folder in map(PurePath, self.server):
                return "server"
            if folder in map(PurePath, self.client):
                return "client"
        kind = PurePath(path.stem).suffix
        if kind == ".server":
            return _RUN_CONTEXTS.get(_run_context(path), "server")
        return "client" if kind == ".client" else None

    def apply(self, document: Document, found: list[Finding]) -> list[Finding]:
        """The findings that the project wants to see, as grave as it wants them."""
        if not (self.rules or self.globals or self.coexist):
            return found
        return list(self._applied(document, found))

    def _applied(self, document: Document, found: list[Finding]) -> Iterator[Finding]:
        rules = {rule.code: rule for rule in all_rules()}
        for finding in found:
            rule = rules[finding.rule]
            level = self.rules.get(finding.rule)
            is_known = level is None and not self.coexist.isdisjoint(rule.also_in)
            name = document.source[finding.span.start : finding.span.end].decode("utf-8", "replace")
            if level == "off" or is_known or (rule.reports_globals and name in self.globals):
                continue
            yield replace(finding, severity=level) if level else finding

    def _inside(self, path: Path) -> PurePath | None:
        """The path from the config's folder, where it lies below that."""
        try:
            return path.resolve().relative_to(self.folder)
        except ValueError:
            return None

    @cached_property
    def _ignored(self) -> GitIgnoreSpec:
        from pathspec import GitIgnoreSpec  # most projects ignore nothing, and an editor need not wait for it

        return GitIgnoreSpec.from_lines(self.ignore)


# What Rojo's meta file beside ``Coins.server.luau`` can make of it. A legacy script runs where it is put.
_RUN_CONTEXTS: dict[str | None, Side | None] = {"Client": "client", "Plugin": None}


def _run_context(path: Path) -> str | None:
    """The ``RunContext`` that ``Coins.meta.json`` gives to ``Coins.server.luau``."""
    try:
        meta = json.loads(path.with_name(f"{PurePath(path.stem).stem}.meta.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    properties = meta.get("properties") if isinstance(meta, dict) else None
    context = properties.get("RunContext") if isinstance(properties, dict) else None
    return context if isinstance(context, str) else None


@lru_cache(maxsize=64)
def _read(file: Path, _changed: int, _size: int) -> Config:
    """Read a config file. How it was changed last and its size make it read anew where it is another."""
    try:
        text = file.read_text("utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{file} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column \d+\)$| \(at end of document\)$", str(error))
        line = place[1] if place and place[1] else str(text.count("\n") + 1)
        message = str(error)[: place.start()] if place else str(error)
        raise ConfigError(f"{file}:{line}: no TOML: {message}") from None
    problems = [f"{file}:{_line(text, table, key)}: {what}" for table, key, what in _problems(data)]
    if problems:
        raise ConfigError("\n".join(problems))
    sides = data.get("sides", {})
    return Config(
        file.parent,
        data.get("rules", {}),
        tuple(data.get("ignore", ())),
        frozenset(data.get("globals", ())),
        tuple(sides.get("server", ())),
        tuple(sides.get("client", ())),
        frozenset(data["coexist"]) if "coexist" in data else _beside(),
    )


_LISTS = ("ignore", "globals", "coexist")
_TABLES = {"rules": 'name = "level"', "sides": 'server = ["folder"]'}


def _problems(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The table, the key and what is wrong with it, for each thing that is."""
    for key, value in data.items():
        if key in _TABLES and not isinstance(value, dict):
            yield "", key, f"`{key}` is a table: write [{key}], and below it {_TABLES[key]}"
        elif key not in (*_LISTS, *_TABLES):
            yield "", key, f"there is no key `{key}`{_nearest(key, (*_LISTS, *_TABLES))}"
        elif key in _LISTS:
            yield from (("", key, what) for what in _list_problems(key, value))
    for key, value in _table(data, "rules").items():
        codes = [rule.code for rule in all_rules()]
        if key not in codes:
            yield "rules", key, f"there is no rule `{key}`{_nearest(key, codes)}"
        elif value not in _LEVELS:
            yield "rules", key, f"`{value}` is no level{_nearest(value, _LEVELS)}; there are {', '.join(_LEVELS)}"
    for key, value in _table(data, "sides").items():
        if key not in ("server", "client"):
            yield "sides", key, f"there is no side `{key}`{_nearest(key, ('server', 'client'))}"
        else:
            yield from (("sides", key, what) for what in _list_problems(key, value))


def _list_problems(key: str, value: object) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        yield f'`{key}` is a list of strings: {key} = ["..."]'
    elif key == "coexist":
        for tool in value:
            if tool not in _TOOLS:
                yield f"`{tool}` is no tool known here{_nearest(tool, _TOOLS)}; there are {', '.join(_TOOLS)}"


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = data.get(name)
    return table if isinstance(table, dict) else {}


def _nearest(name: object, names: Iterable[str]) -> str:
    near = get_close_matches(str(name), list(names), n=1, cutoff=0.5)
    return f": is it `{near[0]}`?" if near else ""


def _line(text: str, table: str, key: str) -> int:
    """The line that sets a key of a table, from 1. TOML's reader does not tell it."""
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([^\]]*?)\s*\]", line):
            inside = header[1].strip("\"'")
            if not table and inside.split(".")[0] == key:
                return number
        elif found := re.match(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[\w"'-]+)*)\s*=""", line):
            names = [inside] * bool(inside) + [name.strip(" \t\"'") for name in found[1].split(".")]
            if names[: 1 + bool(table)] == [table] * bool(table) + [key]:
                return number
    return 1
