"""Code lenses: opt-in, above requests and at the top of the file, and new as soon as the settings change."""

from __future__ import annotations

import pytest
from lsp_client import PROFILES, Editor, editor, until
from lsprotocol import types

pytestmark = pytest.mark.asyncio
URI = "file:///workspace/lenses.server.luau"
# A comment that says what the code below it does asks for nothing.
TEXT = "-- 😀 kill brick named Lava\n\n-- adds up the coins\nlocal sum = 1 + 1\nwait(sum)\n"


async def lenses(ed: Editor) -> list[types.CodeLens]:
    params = types.CodeLensParams(types.TextDocumentIdentifier(URI))
    return list(await ed.client.text_document_code_lens_async(params) or [])


def set_lenses(ed: Editor, wanted: bool) -> None:
    values = {"generateLens": wanted, "scoresLens": wanted}
    ed.client.set_configuration({"luau-lsp-ai": values})
    ed.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"luau-lsp-ai": values}))


@pytest.mark.parametrize("profile", PROFILES)
async def test_lenses_come_and_go_with_the_settings_and_do_what_they_say(profile: str) -> None:
    async with editor(profile) as ed:
        refreshes: list[None] = []
        ed.client.feature(types.WORKSPACE_CODE_LENS_REFRESH)(lambda _: refreshes.append(None))
        buffer = ed.open(URI, TEXT)
        assert await lenses(ed) == []

        set_lenses(ed, True)
        workspace = ed.capabilities.workspace
        if workspace.code_lens and workspace.code_lens.refresh_support:
            await until(lambda: len(refreshes) == 1, "the refresh")
        scores, generate = await lenses(ed)
        assert (scores.range.start.line, generate.range.start.line) == (0, 0)
        assert scores.command is not None
        assert scores.command.title.startswith("Scores: syntax 1.00, api 0.")
        assert generate.command is not None
        assert generate.command.title == "Generate"

        params = types.ExecuteCommandParams(generate.command.command, generate.command.arguments)
        await ed.client.workspace_execute_command_async(params)
        await until(lambda: "Touched" in buffer.inserted(), "the script")
        assert [lens.command.title for lens in await lenses(ed) if lens.command][1:] == []

        set_lenses(ed, False)
        if workspace.code_lens and workspace.code_lens.refresh_support:
            await until(lambda: len(refreshes) == 2, "the refresh")
        assert await lenses(ed) == []
