"""RFT and GRPO: real rounds on a tiny 4-bit model, a judge behind a real connection, and what the judge is worth."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from luau_training.data.rows import Row
from luau_training.grpo import rewards_of
from luau_training.judge import CRITERIA, Judge, question, verdict
from luau_training.options import Rft, StageError
from luau_training.problems import load_problems
from luau_training.stages import run
from pairs import SCRIPT, given, manifest, rows, write
from servers import openai_answer, told_server
from test_evaluate import streamed


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter that has seen one step."""
    folder = tmp_path_factory.mktemp("adapter")
    run("sft", **given(base, folder, epochs=1.0, learning_rate=1e-5))
    return folder / "run" / "adapter"


def drawing(body: dict[str, Any]) -> tuple[int, object]:
    """A server that draws right scripts for some problems and poor ones for others."""
    name = body["messages"][-1]["content"].rsplit(" ", 1)[1]
    script = SCRIPT.format(name=name)
    return 200, streamed(script if name in ("Lava", "Acid") and body["seed"] % 2 else "local x = 1\nprint(x)\n")


def rft_options(base: Path, adapter: Path, folder: Path, **more: Any) -> dict[str, Any]:
    problems = write(folder / "problems.jsonl", rows(["Lava", "Spikes", "Acid"]))
    held = write(folder / "held.jsonl", rows(["Water"]))
    wanted = given(base, folder, epochs=1.0, adapter=str(adapter), problems=problems, rounds=1, held_out=held)
    return {**wanted, **more}


def test_the_best_candidates_are_kept_and_trained_on(base: Path, adapter: Path, tmp_path: Path) -> None:
    with told_server(drawing) as address:
        run("rft", **rft_options(base, adapter, tmp_path, sampler=f"{address}/v1#m"))
    kept = [json.loads(line) for line in (tmp_path / "run" / "round-1" / "kept.jsonl").read_text().splitlines()]
    assert [row["script"] for row in kept] == [SCRIPT.format(name=name) for name in ("Lava", "Acid")]
    assert [row["request"] for row in kept] == ["kill brick named Lava", "kill brick named Acid"]
    trained = json.loads((tmp_path / "run" / "round-1" / "sft" / "manifest.json").read_text())
    assert trained["figures"]["pairs"] == 10  # eight of the SFT data and the two that were kept
    rounds = manifest(tmp_path / "run")["figures"]["rounds"]
    assert [each["round"] for each in rounds] == [0, 1]
    assert rounds[1]["kept"] == 2
    best = max(each["held-out score"] for each in rounds)
    assert manifest(tmp_path / "run")["figures"]["held-out score"] == best
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").is_file()


def test_rounds_that_were_stopped_are_not_drawn_again(
    base: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def counting(body: dict[str, Any]) -> tuple[int, object]:
        drawn.append(body["messages"][-1]["content"])
        return drawing(body)

    with told_server(counting) as address:
        options = rft_options(base, adapter, tmp_path, sampler=f"{address}/v1#m")
        with monkeypatch.context() as patch:
            patch.setattr("luau_training.rft.sft", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                run("rft", **options)
        assert len(drawn) == 12
        run("rft", **options)
    assert len(drawn) == 12


def test_where_nothing_is_good_enough_the_adapter_stays_as_it_was(base: Path, adapter: Path, tmp_path: Path) -> None:
    with told_server(lambda _: (200, streamed("print(1)\n"))) as address:
        run("rft", **rft_options(base, adapter, tmp_path, sampler=f"{address}/v1#m"))
    figures = manifest(tmp_path / "run")["figures"]
    assert figures["rounds"][1]["kept"] == 0
    before = (adapter / "adapter_model.safetensors").read_bytes()
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"adapter": ""}, "--adapter is missing"),
        ({"held_out": ""}, "--held-out is missing"),
        ({"problems": "UNCHECKED"}, "without checks of their own: let a judge decide"),
        ({"problems": "UNCHECKED", "judge": True}, "--endpoint and --model are missing"),
    ],
)
def test_bad_input_is_one_sentence(
    base: Path, adapter: Path, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    unchecked = write(tmp_path / "unchecked.jsonl", [Row("a", "", "p", request="do something nice")])
    wanted = {name: unchecked if value == "UNCHECKED" else value for name, value in change.items()}
    with told_server(lambda _: (200, streamed("print(1)\n"))) as address, pytest.raises(StageError, match=said):
        run("rft", **{**rft_options(base, adapter, tmp_path, sampler=f"{address}/v1#m"), **wanted})


def judge_options(address: str, folder: Path, **more: Any) -> Rft:
    given = {"endpoint": f"{address}/v1", "model": "judge", "cache": str(folder / "cache.sqlite"), **more}
    return Rft(out=folder, judge=True, **given)


def fair(body: dict[str, Any]) -> tuple[int, object]:
    """A judge that looks for what was asked."""
    user = body["messages"][1]["content"]
    name = re.search(r"named (\w+)", user)
    right = name is not None and f'WaitForChild("{name[1]}")' in user
    return openai_answer(json.dumps(dict.fromkeys(CRITERIA, 9 if right else 2)))


def test_the_judge_tells_right_from_wrong_and_is_asked_once(tmp_path: Path) -> None:
    asked = []

    def reply(body: dict[str, Any]) -> tuple[int, object]:
        asked.append(body)
        return fair(body)

    problem = load_problems(write(tmp_path / "p.jsonl", rows(["Lava"])))[0]
    tasks = [(problem, SCRIPT.format(name=name)) for name in ("Lava", "Mud")] + [(problem, "")]
    with told_server(reply) as address:
        first = Judge(judge_options(address, tmp_path)).score_all(tasks)
        count = len(asked)
        again = Judge(judge_options(address, tmp_path)).score_all(tasks)
    assert first == again == [pytest.approx(0.9), pytest.approx(0.2), 0.0]
    assert count == len(asked) == 2 * 3 + 2  # three verdicts on each script, and two padded ones


def test_each_criterion_comes_first_in_one_verdict(tmp_path: Path) -> None:
    problem = load_problems(write(tmp_path / "p.jsonl", rows(["Lava"])))[0]
    firsts = [re.search(r"- (\w+): it", question(problem, "", n).system) for n in range(3)]
    assert {found[1] for found in firsts if found} == set(CRITERIA)


def test_a_judge_that_is_swayed_is_found_out(tmp_path: Path) -> None:
    """This one likes long scripts, and whatever it is asked for first."""

    def swayed(body: dict[str, Any]) -> tuple[int, object]:
        system, user = (message["content"] for message in body["messages"])
        first = re.search(r"- (\w+): it", system)
        grade = min(8.0, len(user) / 150)
        return openai_answer(json.dumps({name: grade + (2 if first and name == first[1] else 0) for name in CRITERIA}))

    problem = load_problems(write(tmp_path / "p.jsonl", rows(["Lava"])))[0]
    tasks = [(problem, SCRIPT.format(name="x" * size)) for size in (1, 40, 160, 320)]
    with told_server(swayed) as address:
        judge = Judge(judge_options(address, tmp_path))
        judge.score_all(tasks)
    bias = judge.bias()
    assert bias.order == pytest.approx(0.2, abs=0.01)
    assert bias.padding is not None
    assert bias.padding > 0.1
    assert bias.length is not None
    assert bias.length > 0.9
    with told_server(fair) as address:
        judge = Judge(judge_options(address, tmp_path))
        judge.score_all(tasks)
    assert (judge.bias().order, judge.bias().padding) == (0, 0)


def test_nonsense_is_asked_again_and_then_told(tmp_path: Path) -> None:
    answers = iter(["Great script! 10/10", '{"asked": 11, "correct": 1, "complete": 1}'])
    lock = threading.Lock()

    def hesitant(body: dict[str, Any]) -> tuple[int, object]:
        with lock:
            return openai_answer(text) if (text := next(answers, "")) else fair(body)

    problem = load_problems(write(tmp_path / "p.jsonl", rows(["Lava"])))[0]
    with told_server(hesitant) as address:
        judge = Judge(judge_options(address, tmp_path, judge_samples=1, concurrency=1))
        assert judge.score_all([(problem, SCRIPT.format(name="Lava"))]) == [pytest.approx(0.9)]
    with (
        told_server(lambda _: openai_answer("I love it!")) as address,
        pytest.raises(StageError, match="gave no verdict in 3 attempts but 'I love it!'"),
    ):
        Judge(judge_options(address, tmp_path)).score_all([(problem, SCRIPT.format(name="Lava"))])


def test_a_judge_that_times_out_is_told_of(tmp_path: Path) -> None:
    problem = load_problems(write(tmp_path / "p.jsonl", rows(["Lava"])))[0]
    with told_server(lambda _: None) as address, pytest.raises(StageError, match=r"was silent for 0\.3 seconds"):
        Judge(judge_options(address, tmp_path, timeout=0.3, retries=0)).score_all([(problem, "local x = 1\n")])


@pytest.mark.parametrize(
    ("answer", "good"),
    [
        ('{"asked": 10, "correct": 5, "complete": 0}', True),
        ('Let me think. {"draft": 1} So: {"complete": 7, "asked": 7, "correct": 7}', True),
        ('{"asked": 10, "correct": 5}', False),
        ('{"asked": "ten", "correct": 5, "complete": 1}', False),
        ('{"asked": -1, "correct": 5, "complete": 1}', False),
        ("10, 10, 10", False),
    ],
)
def test_what_counts_as_a_verdict(answer: str, good: bool) -> None:
    assert (verdict(answer) is not None) == good


def test_grpo_gets_the_very_reward_of_rft(tmp_path: Path) -> None:
    problems = load_problems(write(tmp_path / "p.jsonl", rows(["Lava", "Acid"])))
    right = [[{"role": "assistant", "content": SCRIPT.format(name="Acid")}]]
    scored = rewards_of(problems)
    assert scored(completions=right, problem=[1])[0] > 0.9 > scored(completions=right, problem=[0])[0]


def test_grpo_takes_steps_and_goes_on_where_it_was(base: Path, adapter: Path, tmp_path: Path) -> None:
    problems = write(tmp_path / "p.jsonl", rows(["Lava", "Acid"]))
    options = {
        name: value
        for name, value in given(base, tmp_path).items()
        if name not in ("train", "accumulation", "learning_rate")
    }
    more = {"adapter": str(adapter), "problems": problems, "held_out": problems, "group": 2, "batch": 2}
    run("grpo", **{**options, **more, "accumulation": 1, "steps": 2, "temperature": 1.0})
    figures = manifest(tmp_path / "run")["figures"]
    assert figures["steps"] == 2
    assert len(figures["rewards"]) == 2
    assert figures["held-out after"] is not None
    after = (tmp_path / "run" / "adapter" / "adapter_model.safetensors").read_bytes()
    assert after != (adapter / "adapter_model.safetensors").read_bytes()


def test_grpo_says_what_does_not_fit_together(base: Path, tmp_path: Path) -> None:
    problems = write(tmp_path / "p.jsonl", rows(["Lava"]))
    with pytest.raises(StageError, match="must be a multiple of --group 3"):
        run("grpo", base=str(base), problems=problems, group=3, batch=2, accumulation=1, out=tmp_path / "run")
