"""Models side by side, through real engines; how sure a figure is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from luau_model.known import MODEL
from luau_training.candidates import Answer
from luau_training.data.rows import Row
from luau_training.evaluation.measure import Judged, judge_all, pass_at
from luau_training.evaluation.statistics import interval, paired_p
from luau_training.options import StageError
from luau_training.problems import load_problems
from luau_training.stages import run
from pairs import SCRIPT, rows, write
from servers import told_server


def streamed(text: str) -> bytes:
    """An answer of a server, as a stream of events."""
    about = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    choices: list[dict[str, Any]] = [
        {"index": 0, "delta": {"content": text}, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": "stop"},
    ]
    events = [{**about, "choices": [choice]} for choice in choices]
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"


def test_two_servers_are_compared_over_the_same_problems(tmp_path: Path) -> None:
    problems = write(tmp_path / "p.jsonl", rows(["Lava", "Spikes", "Acid", "Saw"]))

    def reply(body: dict[str, Any]) -> tuple[int, object]:
        name = body["messages"][-1]["content"].rsplit(" ", 1)[1]
        good = SCRIPT.format(name=name)
        return 200, streamed(good if body["model"] == "good" else good.replace("Health = 0", "Healht = 0\nfoo.bar("))

    with told_server(reply) as address:
        models = (f"{address}/v1#bad", f"{address}/v1#good")
        run("evaluate", compare=models, problems=problems, out=tmp_path / "e")
    result = json.loads((tmp_path / "e" / "report.json").read_text())
    bad, good = (result["figures"][model] for model in models)
    assert (good["pass@1"]["mean"], good["parses"]["mean"], bad["parses"]["mean"]) == (1, 1, 0)
    assert good["composite"]["mean"] > bad["composite"]["mean"]
    assert result["p against the first"][models[1]]["pass@1"] == pytest.approx(
        0.125
    )  # 2 of the 16 ways to flip 4 signs
    text = (tmp_path / "e" / "report.md").read_text()
    assert "| figure | bad | good |" in text
    assert "the same rules were used as filter and reward" in text
    assert "## Worst cases" in text
    assert "Healht" in text
    assert (tmp_path / "e" / "scores.png").read_bytes().startswith(b"\x89PNG")


def test_the_built_in_model_is_measured_as_it_is_served(tmp_path: Path) -> None:
    problems = write(tmp_path / "p.jsonl", rows(["Lava"]))
    run("evaluate", model=(str(MODEL),), problems=problems, out=tmp_path / "e", samples=2, same_scorer=())
    (row,) = json.loads((tmp_path / "e" / "answers.json").read_text())[str(MODEL)]
    assert len(row) == 2
    assert all("Lava" in each["answer"] and each["parses"] for each in row)
    assert "had no part in making" in (tmp_path / "e" / "report.md").read_text()


def test_evaluating_needs_a_model_that_is_there(tmp_path: Path) -> None:
    problems = write(tmp_path / "p.jsonl", rows(["Lava"]))
    for model, said in (
        ((), "Say which models"),
        (("none.gguf",), "no model file"),
        (("none",), "none is no model"),
        (("http://127.0.0.1:9/v1",), "names no model"),
        (("http://127.0.0.1:9/v1#m",), "No server can be reached"),
    ):
        with pytest.raises(StageError, match=said):
            run("evaluate", model=model, problems=problems, out=tmp_path / "e")


def test_the_compiler_has_the_last_word_on_what_parses(tmp_path: Path) -> None:
    write(tmp_path / "p.jsonl", [Row("a", "", "p", request="anything at all", shows=("x",))])
    problems = load_problems(str(tmp_path / "p.jsonl"))
    answers = [[Answer("local x = 1\nprint(x)\n", 1, 1), Answer("local x = = 1\nprint(x)\n", 1, 1), Answer("", 0, 1)]]
    together = "-- One.luau\nreturn 1\n\n-- Two.server.luau\nlocal x = require(script.Parent.One)\nprint(x)\n"
    answers[0].append(Answer(together, 1, 1))
    (row,) = judge_all(problems, answers, ask_compiler=True)
    assert [each.parses for each in row] == [True, False, False, True]
    assert [each.solved for each in row] == [True, False, False, True]


def fake_row(tmp: Path, right: int, wrong: int) -> list[Judged]:
    write(tmp / "p.jsonl", [Row("a", "", "p", request="anything at all", shows=("yes",))])
    texts = ["local yes = 1\nprint(yes)\n"] * right + ["local no = 1\nprint(no)\n"] * wrong
    return judge_all(load_problems(str(tmp / "p.jsonl")), [[Answer(text, 1, 1) for text in texts]], False)[0]


def test_pass_at_k_is_the_chance_that_one_of_k_is_right(tmp_path: Path) -> None:
    row = fake_row(tmp_path, 1, 3)
    assert pass_at(1, row) == 0.25
    assert pass_at(2, row) == 0.5  # of 6 pairs 3 hold the right one
    assert pass_at(4, row) == 1
    assert pass_at(4, fake_row(tmp_path, 0, 4)) == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_an_interval_holds_its_mean(values: list[float]) -> None:
    found = interval(values, seed=1)
    assert found.low <= found.mean + 1e-9
    assert found.mean <= found.high + 1e-9


def test_an_interval_is_right_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    hits = sum((found := interval(rng.normal(0.5, 0.2, 40).tolist(), 1)).low <= 0.5 <= found.high for _ in range(60))
    assert 51 <= hits <= 60


def test_the_paired_test_sees_a_steady_difference_and_no_other() -> None:
    rng = np.random.default_rng(0)
    one = rng.random(40)
    assert paired_p(one.tolist(), (one + 0.05 + 0.01 * rng.random(40)).tolist(), 1) < 0.001
    assert paired_p(one.tolist(), rng.permutation(one).tolist(), 1) > 0.05
    assert paired_p([0.5, 0.5], [0.5, 0.5], 1) == 1
