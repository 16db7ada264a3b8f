"""The installed server, driven as three editors drive it."""

from __future__ import annotations

import pytest
from lsp_client import REQUEST, Editor, position_of, until
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def diagnosed(ed: Editor, uri: str) -> tuple[types.Diagnostic, ...]:
    await until(lambda: bool(ed.client.diagnostics.get(uri)), "diagnostics", 20)
    return tuple(ed.client.diagnostics[uri])


async def test_problems_and_their_fix(ed: Editor, uri: str) -> None:
    """A fix comes from the diagnostic's data, behind letters that every encoding counts differently."""
    buffer = ed.open(uri, "local s = '界😀' wait(1)\n")
    (problem,) = [d for d in await diagnosed(ed, uri) if d.code == "deprecated-global"]
    start = buffer.text.index("wait")
    assert problem.range.start == position_of(buffer.text, start, ed.encoding)
    assert problem.source == "luau-lsp-ai"
    (fix,) = [a for a in await ed.actions(uri, 0, diagnostics=(problem,)) if a.kind == types.CodeActionKind.QuickFix]
    assert fix.edit is not None
    assert fix.diagnostics == (problem,)
    ed.apply(types.ApplyWorkspaceEditParams(fix.edit))
    ed.edits.clear()
    assert buffer.text == "local s = '界😀' task.wait(1)\n"
    await until(lambda: not any(d.code == "deprecated-global" for d in ed.client.diagnostics[uri]), "the end of it", 20)


async def test_a_fix_for_an_older_text_is_not_offered(ed: Editor, uri: str) -> None:
    ed.open(uri, "wait(1)\n")
    problems = await diagnosed(ed, uri)
    ed.type(uri, 0, 0, "\n")
    assert [a for a in await ed.actions(uri, 0, diagnostics=problems) if a.edit] == []


async def test_closing_takes_the_problems_away(ed: Editor, uri: str) -> None:
    ed.open(uri, "wait(1)\n")
    await diagnosed(ed, uri)
    ed.close(uri)
    await until(lambda: not ed.client.diagnostics[uri], "the end of the problems", 20)


async def test_the_action_is_there_for_requests_alone(ed: Editor, uri: str) -> None:
    ed.open(uri, f"--!strict\n--\n\t-- {REQUEST}\n\t-- please\nlocal x = 1 -- one\n--[[\n{REQUEST}\n]]\n")
    titles = [[a.title for a in await ed.actions(uri, line)] for line in range(9)]
    one = ["Generate from comment"]
    assert titles == [[], [], one, one, [], one, one, one, []]
    (action,) = await ed.actions(uri, 3)
    assert action.kind == types.CodeActionKind.RefactorRewrite
    assert action.edit is None
    assert action.command is not None
    assert action.command.arguments is not None
    assert action.command.arguments[0]["line"] == 2


async def test_each_menu_gets_its_kind(ed: Editor, uri: str) -> None:
    kinds = types.CodeActionKind
    ed.open(uri, f"-- {REQUEST}\n")
    offered = {
        only: [a.kind for a in await ed.actions(uri, 0, [only])]
        for only in (kinds.QuickFix, kinds.Refactor, kinds.Source)
    }
    assert offered == {kinds.QuickFix: [kinds.QuickFix], kinds.Refactor: [kinds.RefactorRewrite], kinds.Source: []}


async def test_malformed_parameters_are_answered(ed: Editor) -> None:
    for arguments in ([], [1], [{"uri": 3, "line": "x"}]):
        with pytest.raises(JsonRpcException):
            await ed.client.workspace_execute_command_async(
                types.ExecuteCommandParams("luau-lsp-ai.generate", arguments)
            )
    with pytest.raises(JsonRpcException):
        await ed.raw_request(types.TEXT_DOCUMENT_CODE_ACTION, {"textDocument": 1})
    assert await ed.actions("file:///unknown.luau", 0) == []
    with pytest.raises(JsonRpcException):
        await ed.client.workspace_execute_command_async(types.ExecuteCommandParams("no.such.command"))
