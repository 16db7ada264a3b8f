"""A whole project: its closed files, several folders, and files that change behind the editor's back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsp_client import Editor, editor, until
from lsprotocol import types

pytestmark = pytest.mark.asyncio
BAD = "local s = '界😀' wait(1) print(s)\n"
GOOD = "print(1)\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


async def shows(ed: Editor, path: Path, there: bool) -> None:
    await until(lambda: bool(ed.client.diagnostics.get(path.as_uri())) is there, f"{path.name}: {there}", 60)


def changed(ed: Editor, path: Path, kind: types.FileChangeType) -> None:
    params = types.DidChangeWatchedFilesParams([types.FileEvent(path.as_uri(), kind)])
    ed.client.workspace_did_change_watched_files(params)


async def test_closed_files_are_checked_in_the_background_with_progress(tmp_path: Path) -> None:
    """In both folders, without what is ignored; positions in a closed file are in the editor's encoding too."""
    one, two = tmp_path / "one", tmp_path / "two"
    write(one, {"a.luau": BAD, "b.luau": GOOD, "Packages/c.luau": BAD, ".gitignore": "Packages/\n"})
    write(two, {"sub/d.lua": BAD, "skip.luau": BAD, "luau-lsp-ai.toml": 'ignore = ["skip.luau"]\n'})
    async with editor(folders=[one, two]) as ed:
        await shows(ed, one / "a.luau", True)
        await shows(ed, two / "sub/d.lua", True)
        (problem,) = [d for d in ed.client.diagnostics[(one / "a.luau").as_uri()] if d.code == "deprecated-global"]
        assert problem.range.start == types.Position(0, 16)
        reports = [report for reports in ed.client.progress_reports.values() for report in reports]
        await until(lambda: any("of" in (getattr(r, "message", "") or "") for r in reports), "the progress", 5)
        for silent in (one / "b.luau", one / "Packages/c.luau", two / "skip.luau"):
            assert not ed.client.diagnostics.get(silent.as_uri())


async def test_files_that_change_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.luau"
    write(tmp_path, {"a.luau": BAD})
    async with editor(folders=[tmp_path]) as ed:
        await shows(ed, path, True)
        write(tmp_path, {"a.luau": GOOD})
        changed(ed, path, types.FileChangeType.Changed)
        await shows(ed, path, False)
        write(tmp_path, {"new.luau": BAD})
        changed(ed, tmp_path / "new.luau", types.FileChangeType.Created)
        await shows(ed, tmp_path / "new.luau", True)
        (tmp_path / "new.luau").unlink()
        changed(ed, tmp_path / "new.luau", types.FileChangeType.Deleted)
        await shows(ed, tmp_path / "new.luau", False)


async def test_an_open_file_is_as_it_is_in_the_editor(tmp_path: Path) -> None:
    """Until it is closed: then what is on disk counts again."""
    path = tmp_path / "a.luau"
    write(tmp_path, {"a.luau": BAD})
    async with editor(folders=[tmp_path]) as ed:
        ed.open(path.as_uri(), GOOD)
        await asyncio.sleep(1)
        changed(ed, path, types.FileChangeType.Changed)
        await shows(ed, path, False)
        ed.close(path.as_uri())
        await shows(ed, path, True)


async def test_renamed_and_deleted_folders(tmp_path: Path) -> None:
    write(tmp_path, {"old/a.luau": BAD, "gone/b.luau": BAD})
    async with editor(folders=[tmp_path]) as ed:
        await shows(ed, tmp_path / "old/a.luau", True)
        await shows(ed, tmp_path / "gone/b.luau", True)
        old, new, gone = tmp_path / "old", tmp_path / "new", tmp_path / "gone"
        old.rename(new)
        ed.client.workspace_did_rename_files(types.RenameFilesParams([types.FileRename(old.as_uri(), new.as_uri())]))
        await shows(ed, old / "a.luau", False)
        await shows(ed, new / "a.luau", True)
        (gone / "b.luau").unlink()
        ed.client.workspace_did_delete_files(types.DeleteFilesParams([types.FileDelete(gone.as_uri())]))
        await shows(ed, gone / "b.luau", False)


async def test_the_projects_problems_can_be_turned_off_and_a_config_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.luau"
    write(tmp_path, {"a.luau": BAD})
    async with editor(folders=[tmp_path]) as ed:
        await shows(ed, path, True)
        write(tmp_path, {"luau-lsp-ai.toml": '[rules]\ndeprecated-global = "off"\n'})
        changed(ed, tmp_path / "luau-lsp-ai.toml", types.FileChangeType.Created)
        await shows(ed, path, False)
        (tmp_path / "luau-lsp-ai.toml").unlink()
        changed(ed, tmp_path / "luau-lsp-ai.toml", types.FileChangeType.Deleted)
        await shows(ed, path, True)
        ed.client.set_configuration({"luau-lsp-ai": {"workspaceDiagnostics": False}})
        ed.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await shows(ed, path, False)


async def test_a_client_that_asks_gets_all_and_then_what_changed(tmp_path: Path) -> None:
    write(tmp_path, {"a.luau": BAD, "b.luau": GOOD})
    async with editor("neovim", folders=[tmp_path]) as ed:
        first = await ed.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
        known: dict[str, Any] = {report.uri: report for report in first.items}
        assert {Path(uri).name: bool(report.items) for uri, report in known.items()} == {
            "a.luau": True,
            "b.luau": False,
        }
        previous = [types.PreviousResultId(uri, report.result_id) for uri, report in known.items()]
        asked = asyncio.ensure_future(ed.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(previous)))
        await asyncio.sleep(0.3)
        assert not asked.done()
        write(tmp_path, {"a.luau": GOOD})
        changed(ed, tmp_path / "a.luau", types.FileChangeType.Changed)
        (report,) = (await asyncio.wait_for(asked, 30)).items
        assert (Path(report.uri).name, list(report.items)) == ("a.luau", [])
        assert not ed.client.diagnostics
