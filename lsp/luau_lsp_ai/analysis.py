"""What the scorers find in a document: the one place that calls them for an editor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import to_fs_path

from .documents import Document, Snapshot

if TYPE_CHECKING:
    from luau_scorers.finding import Finding
    from luau_scorers.syntax_tree import Document as Tree

# More than anybody reads, and few enough to be sent in a moment.
MOST = 1000
SEVERITIES = ("error", "warning", "info", "hint")


@dataclass(frozen=True)
class Analysis:
    """What was found in one version of a document. ``problem`` is what is wrong with the project's config file.

    ``findings`` are in order, and of very many the gravest. ``epoch`` counts changes of settings and config files.
    """

    version: int
    epoch: int
    text: Snapshot
    tree: Tree
    findings: Sequence[Finding]
    problem: str


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
    version, text = document.version, document.text
    try:
        tree, findings, problem = await asyncio.to_thread(find, text.data, path_of(document.uri))
        document.analysis = Analysis(version, epoch, text, tree, findings, problem)
    finally:
        document.analysing = None


def find(data: bytes, path: Path | None) -> tuple[Tree, Sequence[Finding], str]:
    """The tree, what is found in it, and what is wrong with the project's config file."""
    from luau_scorers.config import Config, ConfigError
    from luau_scorers.engine import analyse_document  # not before the first document: it takes its time
    from luau_scorers.syntax_tree import parse

    config, problem = Config(), ""
    try:
        config = Config.find(path) if path else config
    except ConfigError as error:
        problem = str(error)
    tree = parse(data, side=config.side(path) if path else None)
    if path and config.ignores(path):
        return tree, (), problem
    found = analyse_document(tree, config)
    if len(found) > MOST:
        found = sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))[:MOST]
    return tree, found, problem
