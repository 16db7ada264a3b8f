"""Alternatives, Regenerate, ghost text and the model's state, driven as three editors drive them."""

from __future__ import annotations

import asyncio

import pytest
from lsp_client import Editor, editor, position_of, until
from lsp_model import model
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = pytest.mark.asyncio(loop_scope="module")

KILL = "kill brick named Lava"
HEAD = "local s = '界😀'\n"


async def test_alternatives_come_with_scores_and_one_is_inserted(ed: Editor, uri: str) -> None:
    """The comment has moved by the time one is picked; the preview's edit is what picking it at once would do."""
    buffer = ed.open(uri, f"{HEAD}-- {KILL}\nprint(s)\n")
    made = await ed.request("alternatives", uri, line=1)
    scripts = made["alternatives"]
    assert 1 <= len(scripts) <= 4
    assert len({each["script"] for each in scripts}) == len(scripts)
    for each in scripts:
        assert set(each["scores"]) == {"syntax", "api", "bugs", "quality", "composite"}
        assert each["edit"]["range"]["start"] == {"line": 2, "character": 0}
    assert scripts[0]["accepted"]
    assert buffer.inserted() == ""
    ed.type(uri, 0, 0, "-- 😀 new first line\n")
    answer = await ed.request("insert", id=made["id"], index=len(scripts) - 1)
    assert answer["applied"]
    assert buffer.inserted() == scripts[-1]["edit"]["newText"]
    assert buffer.text == f"-- 😀 new first line\n{HEAD}-- {KILL}\n{buffer.inserted()}print(s)\n"
    for wrong in ({"id": "no such", "index": 0}, {"id": made["id"], "index": 9}, {}):
        with pytest.raises(JsonRpcException):
            await ed.request("insert", **wrong)


async def test_alternatives_are_ranked_by_score_and_no_two_say_the_same(uri: str) -> None:
    """The second answer differs from the first in a comment and blanks alone, and the fourth one scores best."""
    good = "local part = script.Parent\npart.Touched:Connect(function(hit)\n\tprint(hit)\nend)\n"
    worse = good.replace("print(hit)", "local unused = 1\n\t\tprint(hit)")
    answers = [worse, f"-- the part\n\n{worse}", worse.replace("print", "warn"), good, "no code at all"]
    async with (
        model(answers) as (address, asked),
        editor(options={"engine": "http", "endpoint": address, "model": "m"}) as ed,
    ):
        ed.open(uri, f"{HEAD}-- print what touches the part\n")
        made = await ed.request("alternatives", uri, line=1)
        scripts = [each["script"] for each in made["alternatives"]]
        composites = [each["scores"]["composite"] for each in made["alternatives"]]
        assert len(scripts) == 3
        assert scripts[0] == good
        assert composites == sorted(composites, reverse=True)
        assert composites[0] > composites[1]
        assert len({each["seed"] for each in asked}) == len(asked) == 5  # one more for the one that came twice
        assert asked[-1]["temperature"] > asked[1]["temperature"]
        # The model is told of the project's files, not of where the project lies.
        assert f"goes into {uri.removeprefix('file:///')}," in asked[0]["messages"][-1]["content"]


async def test_alternatives_of_the_built_in_model_differ_in_what_they_do(ed: Editor, uri: str) -> None:
    ed.open(uri, f"{HEAD}-- {KILL}\n")
    made = await ed.request("alternatives", uri, line=1)
    first, second, *_ = made["alternatives"]
    assert first["differs"] == []
    assert second["differs"] == ["also for every part in that folder"]
    assert second["accepted"]


async def test_the_user_is_asked_which_alternative(ed: Editor, uri: str) -> None:
    buffer = ed.open(uri, f"-- {KILL}\n")
    ed.answer = lambda question: (question.actions or [])[0].title
    (action,) = [each for each in await ed.actions(uri, 0) if each.title == "Generate alternatives…"]
    assert action.command is not None
    await ed.command("alternatives", *action.command.arguments or [])
    await until(lambda: bool(buffer.inserted()), "the script")
    (question,) = ed.questions
    assert all("syntax" in choice.title for choice in question.actions or [])


async def test_a_generated_script_is_replaced_by_another(ed: Editor, uri: str) -> None:
    """It is known by its text alone: nothing in the file marks it, and one that was changed is the user's own."""
    buffer = ed.open(uri, f"{HEAD}do\n\t-- {KILL}\n\tprint(s)\nend\n")
    first = await ed.generate(uri, 2)
    ed.type(uri, 0, 0, "\n")
    for line in (3, 4):  # its comment's, and its own first
        (action,) = [each for each in await ed.actions(uri, line) if each.title == "Regenerate"]
    assert action.command is not None
    assert "Regenerate" not in [each.title for each in await ed.actions(uri, 1)]
    ed.answer = lambda question: None
    assert (await ed.request("regenerate", uri, line=4))["applied"]
    second = buffer.inserted()
    assert second != first
    expected = f"\n{HEAD}do\n\t-- {KILL}\n{second}\n\tprint(s)\nend\n"
    assert buffer.text == expected.replace("\n\n\tprint", "\n\tprint")
    assert "Regenerate" in [each.title for each in await ed.actions(uri, 4)]
    place = buffer.text.index("print(s)") - 2
    ed.type(uri, place, place, " -- mine")
    assert "Regenerate" not in [each.title for each in await ed.actions(uri, 4)]
    refused = await ed.request("regenerate", uri, line=4)
    assert not refused["applied"]


async def suggestion(ed: Editor, uri: str, line: int) -> types.InlineCompletionItem | None:
    where = types.Position(line, 0)
    context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
    params = types.InlineCompletionParams(context, types.TextDocumentIdentifier(uri), where)
    found = await ed.client.text_document_inline_completion_async(params)
    return found.items[0] if isinstance(found, types.InlineCompletionList) and found.items else None


async def test_ghost_text_and_its_rest(ed: Editor, uri: str) -> None:
    buffer = ed.open(uri, f"{HEAD}-- {KILL}\n\nprint(s)\n")
    item = await suggestion(ed, uri, 2)
    assert item is not None
    assert isinstance(item.insert_text, str)
    assert item.insert_text.count("\n") == 5
    assert buffer.inserted() == ""
    again = await suggestion(ed, uri, 2)
    assert again == item
    start = buffer.text.index("\n\nprint") + 1
    ed.type(uri, start, start, item.insert_text)
    assert item.command is not None
    await ed.command("insertRest", *item.command.arguments or [])
    await until(lambda: bool(buffer.inserted()), "the rest")
    assert buffer.text == f"{HEAD}-- {KILL}\n{item.insert_text}{buffer.inserted()}\nprint(s)\n"
    assert "Regenerate" in [each.title for each in await ed.actions(uri, 3)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"-- {KILL}\n\n", 2),  # a line below
        (f"-- {KILL}\nprint(1)\n", 1),  # no blank line
        ("-- Services\n\n", 1),
        ("-- Returns the coins of a player\n\n", 1),
    ],
)
async def test_no_ghost_text_where_nothing_is_asked(ed: Editor, uri: str, text: str, line: int) -> None:
    ed.open(uri, text)
    assert await suggestion(ed, uri, line) is None


async def test_ghost_text_that_was_outtyped_is_dropped(ed: Editor, uri: str) -> None:
    buffer = ed.open(uri, f"-- {KILL} that is red\n\n")
    work = asyncio.ensure_future(suggestion(ed, uri, 1))
    await asyncio.sleep(0.05)
    ed.type(uri, len(buffer.text), len(buffer.text), "x")
    assert await work is None


async def test_the_models_state(ed: Editor) -> None:
    state = await ed.request("model")
    assert state["engine"] == "embedded"
    assert state["state"] in ("stopped", "ready", "busy")
    assert state["message"] == ""


async def test_scores(ed: Editor, uri: str) -> None:
    ed.open(uri, "wait(1)\n")
    scores = await ed.request("scores", uri)
    assert scores["syntax"] == 1
    assert scores["api"] < 1
    await ed.command("scores", {"uri": uri})
    await until(lambda: any("composite" in message for message in ed.shown()), "the scores", 10)


async def test_hover_tells_of_the_api_and_of_the_rule(ed: Editor, uri: str) -> None:
    buffer = ed.open(uri, "local s = '界😀' wait(1)\nworkspace.Gravity = 5\nlocal x = s\n")
    where = position_of(buffer.text, buffer.text.index("wait"), ed.encoding)
    hover = await ed.client.text_document_hover_async(types.HoverParams(types.TextDocumentIdentifier(uri), where))
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    text = hover.contents.value
    assert all(
        part in text for part in ("wait(number?)", "**Deprecated**: use `task.wait`", "deprecated-global", "http")
    )
    assert hover.range is not None
    assert hover.range.start == where
    where = position_of(buffer.text, buffer.text.index("Gravity"), ed.encoding)
    hover = await ed.client.text_document_hover_async(types.HoverParams(types.TextDocumentIdentifier(uri), where))
    assert hover is not None
    assert "Workspace.Gravity: number" in str(hover.contents)
    nothing = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(2, 0))
    assert await ed.client.text_document_hover_async(nothing) is None
