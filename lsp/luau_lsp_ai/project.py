"""What is known of the project's files that are not open."""

from __future__ import annotations

import asyncio
import itertools

from lsprotocol import types


class Project:
    """The problems of files, by URI, each with a name that changes when they do."""

    def __init__(self) -> None:
        self.scan: asyncio.Task[None] | None = None
        self.is_wanted = False  # by a client that asks for problems
        self.changed = asyncio.Event()  # set, and replaced, at each change
        self._found: dict[str, tuple[str, list[types.Diagnostic]]] = {}
        self._names = itertools.count(1)

    def take(self, uri: str, found: list[types.Diagnostic]) -> bool:
        """Note what was found in a file. Returns whether that is news."""
        if uri in self._found and self._found[uri][1] == found:
            return False
        self._found[uri] = str(next(self._names)), found
        self._tell()
        return True

    def drop(self, uri: str) -> list[str]:
        """Forget a file, or all of a folder. Returns the URIs."""
        gone = [known for known in self._found if known == uri or known.startswith(uri.rstrip("/") + "/")]
        for known in gone:
            del self._found[known]
        if gone:
            self._tell()
        return gone

    def drop_others(self, uris: set[str]) -> list[str]:
        """Forget all files but these. Returns the URIs of the others."""
        return [gone for uri in set(self._found) - uris for gone in self.drop(uri)]

    def news(self, known: dict[str, str]) -> list[types.WorkspaceDocumentDiagnosticReport]:
        """What a client does not know yet that has these names of what it was told."""
        reports: list[types.WorkspaceDocumentDiagnosticReport] = [
            types.WorkspaceFullDocumentDiagnosticReport(uri, found, result_id=name)
            for uri, (name, found) in self._found.items()
            if known.get(uri) != name
        ]
        gone = [uri for uri in known if uri not in self._found]
        return reports + [types.WorkspaceFullDocumentDiagnosticReport(uri, []) for uri in gone]

    def _tell(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()
