"""The whole project's problems, found in the background; and files that are renamed, deleted or changed on disk."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.protocol import default_converter
from pygls.uris import from_fs_path

from ..analysis import path_of
from ..progress import progress
from ..scan import MOST_FILES, scanned
from ..server import Server
from ..settings import SECTION
from .diagnostics import on_disk, publish, refresh_all

# With more changes than this at once, as after a checkout, all files are looked at.
_FEW = 100
_LUAU = types.FileOperationFilter(types.FileOperationPattern("**/*.{luau,lua}"), scheme="file")
_FOLDERS = types.FileOperationFilter(
    types.FileOperationPattern("**", matches=types.FileOperationPatternKind.Folder), scheme="file"
)
_OPERATIONS = types.FileOperationRegistrationOptions([_LUAU, _FOLDERS])

log = logging.getLogger(__name__)


def register(server: Server) -> None:
    """Follow the files."""

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        if _is_ours(server, uri):
            server.start(_look(server, uri))
        elif not server.pulls:
            publish(server, uri, [])

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def changed(params: types.DidChangeWatchedFilesParams) -> None:
        _changed(server, params.changes)

    @server.feature(types.WORKSPACE_DID_RENAME_FILES, _OPERATIONS)
    def renamed(params: types.RenameFilesParams) -> None:
        for file in params.files:
            server.generated.moved(file.old_uri, file.new_uri)
            _drop(server, file.old_uri)
            if _is_ours(server, file.new_uri):
                server.start(_look(server, file.new_uri))

    @server.feature(types.WORKSPACE_DID_DELETE_FILES, _OPERATIONS)
    def deleted(params: types.DeleteFilesParams) -> None:
        for file in params.files:
            _drop(server, file.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(_params: types.DidChangeWorkspaceFoldersParams) -> None:
        rescan(server)


def register_pull(server: Server) -> None:
    """Answer the client that asks for the project's problems: when all are found, and then when some have changed."""

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def pull(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        project = server.project
        if not project.is_wanted:
            project.is_wanted = True
            rescan(server)
        known = {each.uri: each.value for each in params.previous_result_ids}
        while True:
            while project.scan is not None and not project.scan.done():
                await asyncio.wait([project.scan])
            change = project.changed
            news = project.news(known)
            if news or not known:
                return types.WorkspaceDiagnosticReport(news)
            await change.wait()


def rescan(server: Server) -> None:
    """Look at all files of the project; or forget them, where that is not wanted."""
    project = server.project
    if project.scan is not None:
        project.scan.cancel()
        project.scan = None
    if not _is_on(server):
        _forget(server, project.drop_others(set()))
    elif project.is_wanted or not server.pulls:
        project.scan = server.start(_scan(server))


def _is_on(server: Server) -> bool:
    return server.settings.diagnostics and server.settings.workspace_diagnostics


def _roots(server: Server) -> list[Path]:
    """The folders of the project. A home folder or a whole disk is none, though editors take it for one."""
    return [path for path in server.folders if path.is_dir() and path != path.parent and path != Path.home()]


def _is_ours(server: Server, uri: str) -> bool:
    path = path_of(uri)
    if path is None or not _is_on(server):
        return False
    return any(root in path.parents for root in _roots(server))


async def _scan(server: Server) -> None:
    folders = [str(root) for root in _roots(server)]
    if not folders:
        _forget(server, server.project.drop_others(set()))
        return
    converter, seen, total = default_converter(), set[str](), 0
    async with (
        progress(server, "Checking the project") as report,
        aclosing(scanned(folders, server.documents.encoding)) as lines,
    ):
        async for line in lines:
            if "files" in line:
                total = line["files"]
                _tell(server, line)
                continue
            seen.add(line["uri"])
            report(f"{len(seen)} of {total} files")
            _take(server, line["uri"], [converter.structure(item, types.Diagnostic) for item in line["items"]])
    _forget(server, server.project.drop_others(seen))


def _tell(server: Server, line: dict[str, Any]) -> None:
    if line["left_out"]:
        server.say(f"The project has more than {MOST_FILES:,} Luau files: the rest are checked when they are opened.")


def _changed(server: Server, changes: Any) -> None:
    if any(change.uri.endswith(f"/{SECTION}.toml") for change in changes):
        refresh_all(server)
        rescan(server)
    elif len(changes) > _FEW:
        rescan(server)
    else:
        for change in changes:
            if change.type == types.FileChangeType.Deleted:
                _drop(server, change.uri)
            elif _is_ours(server, change.uri):
                server.start(_look(server, change.uri))


async def _look(server: Server, uri: str) -> None:
    """Look at one file, or at all in a folder."""
    path = path_of(uri)
    if path is not None and path.is_dir():
        files = await asyncio.to_thread(lambda: [from_fs_path(str(file)) for file in path.rglob("*.lua*")])
    else:
        files = [uri]
    for file in filter(None, files):
        found = await asyncio.to_thread(_find, file, server.documents.encoding)
        if found is None:
            _drop(server, file)
        else:
            _take(server, file, found)


def _find(uri: str, encoding: str) -> list[types.Diagnostic] | None:
    """The problems of a file; None where it is not there, or is none of the project's."""
    from ..checking.walk import is_checked

    path = path_of(uri)
    return on_disk(uri, encoding) if path is not None and path.is_file() and is_checked(path) else None


def _take(server: Server, uri: str, found: list[types.Diagnostic]) -> None:
    server.project.take(uri, found)
    if not server.pulls and server.document(uri) is None:
        publish(server, uri, found)


def _drop(server: Server, uri: str) -> None:
    _forget(server, [*server.project.drop(uri), uri])


def _forget(server: Server, uris: list[str]) -> None:
    """Take the problems of files away that are not there any more, unless they are open."""
    for uri in dict.fromkeys(uris):
        if not server.pulls and server.document(uri) is None:
            publish(server, uri, [])
