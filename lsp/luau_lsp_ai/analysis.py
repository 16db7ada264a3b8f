"""What the scorers find in a document: the one place that calls them for an editor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import to_fs_path

from .documents import Document, Edit, Snapshot

if TYPE_CHECKING:
    from luau_scorers.engine import Analysis as State
    from luau_scorers.finding import Finding
    from luau_scorers.syntax_tree import Document as Tree

# More than anybody reads, and few enough to be sent in a moment.
MOST = 1000
SEVERITIES = ("error", "warning", "info", "hint")


@dataclass(frozen=True)
class Analysis:
    """What was found in one version of a document. ``problem`` is what is wrong with the project's config file.

    ``findings`` are in order, and of very many the gravest. ``epoch`` counts changes of settings and config files,
    and ``state`` is what the next analysis goes on from: there is but one of a document.
    """

    version: int
    epoch: int
    text: Snapshot
    state: State
    findings: Sequence[Finding]
    problem: str

    @property
    def tree(self) -> Tree:
        """The tree of the text."""
        return self.state.newest


async def analysed(document: Document, epoch: int) -> Analysis:
    """The analysis of the document as it is at the end of the wait; made anew only where something changed.

    One document is analysed once at a time, also where whoever asked has given up waiting.
    """
    while (last := ready(document, epoch)) is None:
        if document.analysing is None:
            document.analysing = asyncio.ensure_future(_run(document, epoch))
        await asyncio.shield(document.analysing)
    return last


def ready(document: Document, epoch: int) -> Analysis | None:
    """The analysis of the document's newest version, where there is one already."""
    last = document.analysis
    return last if last is not None and (last.version, last.epoch) == (document.version, epoch) else None


def path_of(uri: str) -> Path | None:
    """The file of a document; None where it has none, as ``untitled:`` ones."""
    name = to_fs_path(uri) if uri.startswith("file:") else None
    return Path(name) if name else None


async def _run(document: Document, epoch: int) -> None:
    """Analyse the newest text: only what its edits may matter to, where the settings are the same as the last time."""
    version, text, path = document.version, document.text, path_of(document.uri)
    last, edits, document.edits = document.analysis, document.edits, []
    state = last.state if last is not None and last.epoch == epoch else None
    document.analysis = None
    try:
        found = await asyncio.to_thread(_find, text.data, path, state, edits)
        document.analysis = Analysis(version, epoch, text, *found)
    finally:
        document.analysing = None


def find(data: bytes, path: Path | None) -> Sequence[Finding]:
    """What is found in a text by itself."""
    return _find(data, path, None, [])[1]


def _find(
    data: bytes, path: Path | None, state: State | None, edits: list[Edit]
) -> tuple[State, Sequence[Finding], str]:
    """The state for the next time, what is found, and what is wrong with the project's config file."""
    from luau_scorers import engine  # not before the first document: it takes its time
    from luau_scorers.config import Config, ConfigError
    from luau_scorers.units import Change

    config, problem = Config(), ""
    try:
        config = Config.find(path) if path else config
    except ConfigError as error:
        problem = str(error)
    if state is None:
        state = engine.Analysis(data, config.side(path) if path else None)
    elif edits:
        state.edit(reduce(Change.then, (Change(*edit) for edit in edits)), data)
    if path and config.ignores(path):
        return state, (), problem
    found = state.findings(config)
    if len(found) > MOST:
        found = sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))[:MOST]
    return state, found, problem
