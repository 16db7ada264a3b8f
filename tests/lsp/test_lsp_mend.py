"""Fix with the model, and what is said and offered when the model can't answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsp_client import REQUEST, Editor, editor, until
from lsp_model import model
from lsprotocol import types

pytestmark = pytest.mark.asyncio
URI = "file:///workspace/a.server.luau"
# A value of another player is used unchecked: there is no fix for that.
TEXT = """local s = '界😀'
local remote = game:GetService("ReplicatedStorage"):WaitForChild("Buy")
remote.OnServerEvent:Connect(function(player, amount)
	player:SetAttribute("Coins", amount)
end)
print(s)
"""
PART = TEXT[TEXT.index("remote.OnServer") : TEXT.index("print(s)") - 1]
CHECK = '\tif type(amount) ~= "number" or amount ~= amount or amount < 0 or amount > 100 then\n\t\treturn\n\tend\n'
MENDED = PART.replace("\tplayer:Set", f"{CHECK}\tplayer:Set")
WORSE = PART.replace("\tplayer:Set", "\twait(1)\n\tplayer:Set")


async def problem_without_fix(ed: Editor) -> types.Diagnostic:
    found = await ed.shows(URI, bool)
    return next(each for each in found if each.code == "remote-argument-unchecked")


async def fix(ed: Editor, problem: types.Diagnostic) -> Any:
    actions = await ed.actions(URI, problem.range.start.line, diagnostics=(problem,))
    (action,) = [each for each in actions if each.title == "Fix with the model"]
    assert action.command is not None
    argument = (action.command.arguments or [])[0]
    return await ed.request("fix", URI, range=argument["range"], code=argument["code"])


async def test_what_makes_it_worse_is_not_applied() -> None:
    """The first answer adds a problem and the second one is no code; the third clears the one and adds none."""
    answers = [f"```luau\n{WORSE}\n```", "I am sorry, I can't do that for you.", f"```luau\n{MENDED}\n```"]
    async with (
        model(answers) as (address, asked),
        editor(options={"engine": "http", "endpoint": address, "model": "m"}) as ed,
    ):
        buffer = ed.open(URI, TEXT)
        answer = await fix(ed, await problem_without_fix(ed))
        assert answer["applied"], answer
        assert buffer.text == TEXT.replace(PART, MENDED)
        assert len(asked) == 3
        assert PART in asked[0]["messages"][-1]["content"]
        await ed.shows(URI, lambda found: not any(each.code == "remote-argument-unchecked" for each in found))


async def test_where_nothing_helps_nothing_is_changed() -> None:
    async with (
        model([f"```luau\n{WORSE}\n```"]) as (address, asked),
        editor(options={"engine": "http", "endpoint": address, "model": "m"}) as ed,
    ):
        buffer = ed.open(URI, TEXT)
        answer = await fix(ed, await problem_without_fix(ed))
        assert not answer["applied"]
        assert any("no way to mend" in message for message in ed.shown())
        assert (buffer.text, len(asked)) == (TEXT, 4)


async def test_the_built_in_model_says_that_it_can_not_mend() -> None:
    async with editor() as ed:
        buffer = ed.open(URI, TEXT)
        answer = await fix(ed, await problem_without_fix(ed))
        assert not answer["applied"]
        assert any("choose a bigger model" in message for message in ed.shown())
        assert buffer.text == TEXT


@pytest.mark.parametrize(
    "options",
    [{"model": "/nowhere/model.gguf"}, {"engine": "http", "endpoint": "http://127.0.0.1:9/v1", "model": "m"}],
)
async def test_a_model_that_can_not_answer_is_said_and_another_one_offered(options: dict[str, Any]) -> None:
    def interested(capabilities: types.ClientCapabilities) -> None:
        capabilities.experimental = {"luauLspAi": {"modelState": True}}

    states: list[dict[str, Any]] = []
    async with editor(options=options, change=interested) as ed:
        ed.client.feature("luau-lsp-ai/modelState")(lambda state: states.append(state))
        buffer = ed.open(URI, f"-- {REQUEST}\n")
        ed.answer = lambda question: question.actions[-1].title if question.actions else None
        answer = await ed.write(URI, 0)
        assert not answer["applied"]
        await until(lambda: bool(buffer.inserted()), "the script of the built-in model")
        question = ed.questions[0]
        assert question.type == types.MessageType.Error
        assert [choice.title for choice in question.actions or []] == ["Try again", "Use the built-in model"]
        assert (await ed.request("model"))["name"] == "luau-mini"
        assert "failed" in [state["state"] for state in states]
        assert states[-1]["state"] in ("ready", "busy")


async def test_a_damaged_model_can_be_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + b"\x00" * 5000)
    async with editor(options={"model": str(path)}) as ed:
        ed.open(URI, f"-- {REQUEST}\n")
        answers = iter(["Try again"])
        ed.answer = lambda question: next(answers, None)
        await ed.write(URI, 0)
        await until(lambda: len(ed.questions) == 2, "the second question", 60)
        assert all("broken.gguf" in question.message for question in ed.questions)
