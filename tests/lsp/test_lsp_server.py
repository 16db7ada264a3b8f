"""The installed server, driven as three editors drive it."""

from __future__ import annotations

import pytest
from lsp_client import REQUEST, Editor, position_of, until
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = pytest.mark.asyncio(loop_scope="module")


FIX = types.CodeActionKind.QuickFix
FIX_ALL = "source.fixAll.luau-lsp-ai"


async def rule(ed: Editor, uri: str, code: str) -> types.Diagnostic:
    """The one problem of a rule, once it is shown."""
    found = await ed.shows(uri, lambda found: any(each.code == code for each in found), code)
    (problem,) = [each for each in found if each.code == code]
    return problem


async def test_problems_and_their_fix(ed: Editor, uri: str) -> None:
    """A fix comes from the diagnostic's data, behind letters that every encoding counts differently."""
    buffer = ed.open(uri, "local s = '界😀' wait(1)\n")
    problem = await rule(ed, uri, "deprecated-global")
    start = buffer.text.index("wait")
    assert problem.range.start == position_of(buffer.text, start, ed.encoding)
    assert problem.source == "luau-lsp-ai"
    assert problem.code_description is not None
    assert problem.code_description.href.endswith("deprecated-global")
    assert types.DiagnosticTag.Deprecated in (problem.tags or ())
    fix = next(action for action in await ed.actions(uri, 0, [FIX], diagnostics=(problem,)) if action.is_preferred)
    assert fix.edit is not None
    assert fix.diagnostics == (problem,)
    ed.apply(types.ApplyWorkspaceEditParams(fix.edit))
    assert buffer.text == "local s = '界😀' task.wait(1)\n"
    await ed.shows(uri, lambda found: not any(each.code == "deprecated-global" for each in found), "the end of it")


async def test_a_fix_for_an_older_text_is_not_offered(ed: Editor, uri: str) -> None:
    ed.open(uri, "wait(1)\n")
    problems = await ed.shows(uri, bool)
    ed.type(uri, 0, 0, "\n")
    assert [a for a in await ed.actions(uri, 0, diagnostics=problems) if a.edit] == []


async def test_a_client_that_asks_is_not_sent_anything(ed: Editor, uri: str) -> None:
    ed.open(uri, "wait(1)\n")
    await ed.shows(uri, bool)
    ed.close(uri)
    if ed.pulls:
        assert not ed.client.diagnostics
    else:
        await until(lambda: not ed.client.diagnostics[uri], "the end of the problems", 20)


async def test_asking_again_is_answered_with_unchanged(ed: Editor, uri: str) -> None:
    if not ed.pulls:
        pytest.skip("this editor is sent its problems")
    ed.open(uri, "wait(1)\n")
    document = types.TextDocumentIdentifier(uri)
    first = await ed.client.text_document_diagnostic_async(types.DocumentDiagnosticParams(document))
    assert isinstance(first, types.RelatedFullDocumentDiagnosticReport)
    again = types.DocumentDiagnosticParams(document, previous_result_id=first.result_id)
    second = await ed.client.text_document_diagnostic_async(again)
    assert isinstance(second, types.RelatedUnchangedDocumentDiagnosticReport)
    ed.type(uri, 0, 0, "\n")
    third = await ed.client.text_document_diagnostic_async(again)
    assert isinstance(third, types.RelatedFullDocumentDiagnosticReport)
    assert third.items[0].range.start.line == 1


async def test_all_safe_problems_are_fixed_at_once(ed: Editor, uri: str) -> None:
    """As formatting on save asks for it: with the newest text, though no problems were shown yet."""
    text = "local s = '界😀' wait(1)\nspawn(print)\n\nlocal t = { 'é' }\nwait(2)\nprint(s, t)\n"
    buffer = ed.open(uri, text)
    (action,) = await ed.actions(uri, 0, ["source.fixAll"])
    assert action.kind == FIX_ALL
    assert action.edit is not None
    ed.apply(types.ApplyWorkspaceEditParams(action.edit))
    assert buffer.text == text.replace("wait", "task.wait")  # and what replaces spawn may behave differently
    assert await ed.actions(uri, 0, ["source.fixAll"]) == []


async def test_all_safe_problems_are_fixed_from_the_menu(ed: Editor, uri: str) -> None:
    buffer = ed.open(uri, "wait(1) -- 😀\nwait(2)\n")
    problems = await ed.shows(uri, bool)
    action = next(a for a in await ed.actions(uri, 0, diagnostics=problems[:1]) if a.kind == FIX_ALL)
    assert action.command is not None
    await ed.command("fixAll", *action.command.arguments or [])
    await until(lambda: buffer.text == "task.wait(1) -- 😀\ntask.wait(2)\n", "the fixes", 20)
    assert len(ed.edits) == 1


async def test_a_problem_is_allowed_where_it_is(ed: Editor, uri: str) -> None:
    buffer = ed.open(uri, "local s = '界😀' wait(1) print(s)\n")
    problem = await rule(ed, uri, "deprecated-global")
    actions = await ed.actions(uri, 0, [FIX], diagnostics=(problem,))
    action = next(each for each in actions if each.title == "Allow deprecated-global here")
    assert action.edit is not None
    ed.apply(types.ApplyWorkspaceEditParams(action.edit))
    assert buffer.text == "local s = '界😀' wait(1) print(s) -- luau-lsp-ai: allow(deprecated-global)\n"
    await ed.shows(uri, lambda found: not found, "the end of the problems")


WRITING = ["Generate from comment", "Generate alternatives…"]


async def test_the_action_is_there_for_requests_alone(ed: Editor, uri: str) -> None:
    ed.open(uri, f"--!strict\n--\n\t-- {REQUEST}\n\t-- please\nlocal x = 1 -- one\n--[[\n{REQUEST}\n]]\n")
    titles = [[a.title for a in await ed.actions(uri, line)] for line in range(9)]
    assert titles == [[], [], WRITING, WRITING, [], WRITING, WRITING, WRITING, []]
    action = (await ed.actions(uri, 3))[0]
    assert action.kind == types.CodeActionKind.RefactorRewrite
    assert action.edit is None
    assert action.command is not None
    assert action.command.arguments == ({"uri": uri, "line": 2},)


async def test_each_menu_gets_its_kind(ed: Editor, uri: str) -> None:
    kinds = types.CodeActionKind
    ed.open(uri, f"-- {REQUEST}\n")
    offered = {
        only: [a.kind for a in await ed.actions(uri, 0, [only])]
        for only in (kinds.QuickFix, kinds.Refactor, kinds.Source)
    }
    rewrite = kinds.RefactorRewrite
    assert offered == {kinds.QuickFix: [kinds.QuickFix], kinds.Refactor: [rewrite, rewrite], kinds.Source: []}


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
