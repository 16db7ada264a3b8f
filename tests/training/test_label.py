"""Reverse labelling against real servers: what is kept, what is set aside, what is paid and never paid twice."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import models
import pytest
from hypothesis import given
from hypothesis import strategies as st
from luau_model.known import MODEL
from luau_training.data.label import cleaned, unusable
from luau_training.data.rows import part_files, read_rows
from luau_training.options import StageError
from luau_training.stages import run
from servers import anthropic_answer, llama_server, openai_answer, told_server

REQUEST = "Make a door that opens for everyone who holds the key."


@pytest.fixture
def collected(tmp_path: Path, scripts: Path) -> Path:
    run("data collect", source=str(scripts), out=tmp_path / "collected", limit=12)
    return tmp_path / "collected"


def label(collected: Path, address: str, **more: Any) -> Path:
    out = collected.parent / "labelled"
    cache = str(collected.parent / "answers.sqlite")
    given = {"endpoint": address, "model": "m", "cache": cache, "timeout": 30.0, **more}
    run("data label", input=collected, out=out, **given)
    return out


def counts(folder: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads((folder / "manifest.json").read_text())["figures"]["counts"]
    return found


def test_a_local_model_labels_every_script(collected: Path) -> None:
    with llama_server(models.sentence_model(collected.parent / "labeller.gguf", REQUEST)) as address:
        out = label(collected, address, limit=4)
    rows = list(read_rows(part_files(out)))
    assert [row.script for row in rows] == [row.script for row in read_rows(part_files(collected))][:4]
    assert {row.request for row in rows} == {REQUEST}


def test_a_model_that_answers_with_scripts_labels_none(collected: Path) -> None:
    """The built-in model knows requests, not scripts: it takes each script for a request, and answers with code."""
    with llama_server(MODEL) as address:
        out = label(collected, address, limit=2, attempts=2)
    aside = [json.loads(line) for line in (out / "aside-00000.jsonl").read_text().splitlines()]
    assert [each["why"] for each in aside] == ["answered with code"] * 2
    assert counts(out)["requests"] == 4


def test_what_is_no_request_is_asked_again(collected: Path) -> None:
    asked: Counter[str] = Counter()

    def reply(body: dict[str, Any]) -> tuple[int, object]:
        script = body["messages"][1]["content"]
        asked[script] += 1
        return openai_answer("This script opens a door." if asked[script] == 1 else f'"Request: {REQUEST}"')

    with told_server(reply) as address:
        out = label(collected, address + "/v1")
    assert set(asked.values()) == {2}
    assert {row.request for row in read_rows(part_files(out))} == {REQUEST}


def test_answers_are_never_paid_twice_even_when_the_server_dies_in_between(collected: Path) -> None:
    asked: Counter[str] = Counter()
    broken = True

    def reply(body: dict[str, Any]) -> tuple[int, object]:
        asked[body["messages"][1]["content"]] += 1
        if broken and len(asked) > 5:
            return 500, {"error": {"message": "out of order"}}
        return openai_answer(REQUEST)

    with told_server(reply) as address:
        with pytest.raises(StageError, match=r"refused \(status 500.*all answers so far are kept"):
            label(collected, address + "/v1", retries=0, concurrency=1)
        broken = False
        answered = list(asked)[:5]
        out = label(collected, address + "/v1")
    assert [asked[script] for script in answered] == [1] * 5
    rows = len(list(read_rows(part_files(out))))
    assert rows == counts(out)["kept"] == len(asked)


def test_several_are_asked_at_once_but_not_more_than_allowed(collected: Path) -> None:
    here, most, lock = 0, 0, threading.Lock()

    def reply(_: dict[str, Any]) -> tuple[int, object]:
        nonlocal here, most
        with lock:
            here += 1
            most = max(most, here)
        threading.Event().wait(0.02)
        with lock:
            here -= 1
        return openai_answer(REQUEST)

    with told_server(reply) as address:
        label(collected, address + "/v1", concurrency=3)
    assert most == 3


def test_the_anthropic_protocol_is_spoken_too(collected: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths: set[str] = set()

    def reply(body: dict[str, Any]) -> tuple[int, object]:
        paths.add(body["path"])
        return anthropic_answer(REQUEST)

    monkeypatch.setenv("A_KEY", "secret")
    with told_server(reply) as address:
        out = label(collected, address, protocol="anthropic", key_variable="A_KEY")
    assert paths == {"/v1/messages"}
    assert {row.request for row in read_rows(part_files(out))} == {REQUEST}


def test_nothing_is_spent_that_was_not_allowed(collected: Path) -> None:
    asked: list[object] = []

    def reply(body: dict[str, Any]) -> tuple[int, object]:
        asked.append(body)
        return openai_answer(REQUEST)

    with told_server(reply) as address:
        prices = {"input_price": 3.0, "output_price": 15.0}
        with pytest.raises(StageError, match=r"at most \$0\.\d\d: allow it with --most-dollars"):
            label(collected, address + "/v1", **prices)
        assert not asked
        label(collected, address + "/v1", most_dollars=1.0, **prices)
    assert asked


def test_a_server_elsewhere_needs_a_price(collected: Path) -> None:
    with pytest.raises(StageError, match=r"What does https://models\.example charge"):
        label(collected, "https://models.example")


def test_a_server_that_is_silent_is_told_of(collected: Path) -> None:
    with (
        told_server(lambda _: None) as address,
        pytest.raises(StageError, match=r"was silent for 0\.3 seconds, 1 times"),
    ):
        label(collected, address + "/v1", timeout=0.3, retries=0)


def test_a_server_that_talks_nonsense_is_told_of(collected: Path) -> None:
    with (
        told_server(lambda _: (200, b"<html>hello</html>")) as address,
        pytest.raises(StageError, match="does not speak the openai protocol"),
    ):
        label(collected, address + "/v1", retries=0)


def test_no_server_is_told_of(collected: Path) -> None:
    with pytest.raises(StageError, match="can't be reached"):
        label(collected, "http://127.0.0.1:9/v1", retries=0)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "empty answer"),
        ("```lua\nlocal x = 1\n```", "answered with code"),
        ("Do this:\nlocal door = workspace.Door", "answered with code"),
        ("I can't help with that request today.", "refused"),
        ("The script opens a door when touched.", "described the code"),
        ("Open door", "too short"),
        ("Open the door " * 90, "too long"),
        ("Task: Open the door when a player touches the pad.", ""),
        ("Let the local function of the town hall end at nine.", ""),
    ],
)
def test_what_counts_as_a_request(answer: str, why: str) -> None:
    assert unusable(cleaned(answer)) == why


@given(st.text())
def test_any_answer_is_dealt_with(answer: str) -> None:
    request = cleaned(answer)
    if not unusable(request):
        assert "\n" not in request
