"""From raw scripts to sets: what is kept, what is dropped and why, and that nothing is lost when a stage is stopped."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luau_training import tasks
from luau_training.data.duplicates import TaskOverlap, signature
from luau_training.data.rows import Row, part_files, read_rows
from luau_training.data.split import related
from luau_training.options import Split as SplitOptions
from luau_training.options import StageError, read
from luau_training.stages import run

GOOD = """-- Opens the door {name} while a player stands on the pad
local Players = game:GetService("Players")
local TweenService = game:GetService("TweenService")

local door = workspace:WaitForChild("{name}")
local pad = workspace:WaitForChild("{name}Pad")
local open = TweenService:Create(door, TweenInfo.new({number}), {{ Transparency = 1 }})

local standing = 0

pad.Touched:Connect(function(part)
	if Players:GetPlayerFromCharacter(part.Parent) then
		standing += 1
		open:Play()
	end
end)

pad.TouchEnded:Connect(function(part)
	if Players:GetPlayerFromCharacter(part.Parent) then
		standing -= 1
	end
end)
"""


def good(name: str = "Gate", number: int = 1) -> str:
    return GOOD.format(name=name, number=number)


def rows_of(folder: Path) -> list[Row]:
    return list(read_rows(part_files(folder)))


def figures(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text())["figures"]


def test_a_folder_of_scripts_becomes_rows_with_project_licence_and_side(tmp_path: Path) -> None:
    source = tmp_path / "src"
    (source / "doors").mkdir(parents=True)
    (source / "doors" / "LICENSE").write_text("MIT License\n\nCopyright")
    (source / "doors" / "Gate.server.luau").write_text(good())
    run("data collect", source=str(source), out=tmp_path / "out")
    (row,) = rows_of(tmp_path / "out")
    assert (row.project, row.licence, row.side, row.path) == (
        "doors",
        "mit license",
        "server",
        "doors/Gate.server.luau",
    )
    assert row.script == good()


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_datasets_are_read_by_the_columns_that_they_usually_have(tmp_path: Path, kind: str) -> None:
    rows = [{"content": good(), "max_stars_repo_name": "a/b", "max_stars_repo_licenses": ["MIT", "ISC"]}]
    file = tmp_path / f"data.{kind}"
    if kind == "jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        pq.write_table(pa.Table.from_pylist(rows), file)
    run("data collect", source=str(file), out=tmp_path / "out")
    (row,) = rows_of(tmp_path / "out")
    assert (row.script, row.project, row.licence) == (good(), "a/b", "mit, isc")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("print(1)\n", "too short"),
        (good() + "-- note\n" * 4000, "too long"),
        ("\n".join(f"local a{i} = {i}" for i in range(30)), "too few functions"),
        ("\n".join(line for line in good().splitlines() if not line.startswith("--")), "too few comments"),
        (good() + "-- note\n" * 60, "too many comments"),
        (
            "-- sums\n" + "\n".join(f"local function f{i}(n)\n\treturn n + {i}\nend" for i in range(9)),
            "little of the Roblox API",
        ),
        (good().replace("local standing", "local s = '" + "x" * 700 + "'\nlocal standing"), "generated or minified"),
        (good() + "-- \ufffd\n", "not text"),
    ],
)
def test_poor_scripts_are_dropped_and_counted_by_why(tmp_path: Path, script: str, why: str) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "a.luau").write_text(good())
    (source / "b.luau").write_text(script)
    run("data collect", source=str(source), out=tmp_path / "out")
    assert figures(tmp_path / "out")["counts"][f"dropped: {why}"] == 1
    assert len(rows_of(tmp_path / "out")) == 1


def test_near_duplicates_are_kept_once(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "a.luau").write_text(good(number=1))
    (source / "b.luau").write_text(good(number=2).replace("-- Opens", "-- This opens"))
    run("data collect", source=str(source), out=tmp_path / "out")
    assert figures(tmp_path / "out")["counts"] == {
        "bytes read": sum(file.stat().st_size for file in source.iterdir()),
        "kept": 1,
        "dropped: near-duplicate": 1,
    }


def test_nothing_that_a_task_is_measured_by_gets_in(tmp_path: Path) -> None:
    task = next(task for task in tasks.load_all() if len(task.scripts) == 1)
    (reference,) = task.scripts.values()
    source = tmp_path / "src"
    source.mkdir()
    (source / "copy.luau").write_text("-- my own work\n" + reference.replace("task.wait", "wait") + good())
    (source / "own.luau").write_text(good())
    run("data collect", source=str(source), out=tmp_path / "out", least_comments=0.0, least_functions=0)
    assert [row.path for row in rows_of(tmp_path / "out")] == ["own.luau"]
    assert figures(tmp_path / "out")["counts"]["dropped: overlaps a task"] == 1


@given(st.lists(st.sampled_from("local x = y + 1 end if then".split()), max_size=60))
@settings(max_examples=50, deadline=None)
def test_a_script_is_like_itself_and_overlaps_itself(tokens: list[str]) -> None:
    text = " ".join(tokens)
    assert signature(text).jaccard(signature(text + "\n-- a comment").values) == 1
    assert TaskOverlap([text]).holds(signature(text))


def test_two_workers_give_what_one_gives(tmp_path: Path, scripts: Path) -> None:
    run("data collect", source=str(scripts), out=tmp_path / "one")
    run("data collect", source=str(scripts), out=tmp_path / "two", workers=2)
    assert rows_of(tmp_path / "one") == rows_of(tmp_path / "two")


def test_collecting_that_was_killed_goes_on_and_gives_the_same(tmp_path: Path, scripts: Path) -> None:
    code = (
        "import sys, time; from luau_training.data import collect, rows; from luau_training.stages import run\n"
        "rows.PART_ROWS = 10; examine = collect._examine\n"
        "collect._examine = lambda raw, options: (time.sleep(0.02), examine(raw, options))[1]\n"
        "run('data collect', source=sys.argv[1], out=__import__('pathlib').Path(sys.argv[2]))"
    )
    out = tmp_path / "killed"
    stopped = subprocess.Popen([sys.executable, "-c", code, str(scripts), str(out)])
    while not list(out.glob("part-*")) and stopped.poll() is None:
        time.sleep(0.01)
    stopped.send_signal(signal.SIGKILL)
    stopped.wait()
    assert not (out / "manifest.json").exists()
    run("data collect", source=str(scripts), out=out)
    run("data collect", source=str(scripts), out=tmp_path / "whole")
    assert rows_of(out) == rows_of(tmp_path / "whole")
    assert figures(out) == figures(tmp_path / "whole")


def collected(tmp_path: Path, scripts: Path) -> Path:
    run("data collect", source=str(scripts), out=tmp_path / "collected")
    return tmp_path / "collected"


def test_the_scorers_decide_what_stays_and_the_rule_is_named(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    bad = good("Trap").replace('game:GetService("Players")', 'game:GetService("Playerz")')
    bad = bad.replace("standing += 1", 'workspace:FindFirstChild("A").Name = 1').replace("Transparency", "Tranzparency")
    (source / "bad.luau").write_text(bad)
    (source / "good.luau").write_text(good())
    run("data collect", source=str(source), out=tmp_path / "c", similarity=0.95)
    run("data filter", input=tmp_path / "c", out=tmp_path / "f", gold=False)
    (row,) = rows_of(tmp_path / "f")
    assert row.path == "good.luau"
    assert row.scores["composite"] >= 0.75
    assert figures(tmp_path / "f")["counts"]["dropped: score"] == 1
    assert sum(figures(tmp_path / "f")["rules"].values()) == 1


def test_gold_tasks_come_in_and_evaluation_tasks_stay_out(tmp_path: Path, scripts: Path) -> None:
    run("data filter", input=collected(tmp_path, scripts), out=tmp_path / "f")
    gold = {row.path for row in rows_of(tmp_path / "f") if row.origin == "gold"}
    assert gold == {task.name for task in tasks.load_all() if task.split == "gold"}
    held_out = {task.prompt for task in tasks.load_all() if task.split == "evaluation"}
    assert held_out.isdisjoint(row.request for row in rows_of(tmp_path / "f"))


def test_a_label_that_asks_for_a_task_is_dropped(tmp_path: Path, scripts: Path) -> None:
    folder = collected(tmp_path, scripts)
    part = part_files(folder)[0]
    first, *others = part.read_text().splitlines()
    asked = tasks.load_all()[0].prompt
    part.write_text("\n".join([json.dumps({**json.loads(first), "request": "please " + asked}), *others]) + "\n")
    run("data filter", input=folder, out=tmp_path / "f", gold=False)
    assert figures(tmp_path / "f")["counts"]["dropped: asks for a task"] == 1


def test_no_project_and_no_sibling_is_on_two_sides(tmp_path: Path, scripts: Path) -> None:
    run("data filter", input=collected(tmp_path, scripts), out=tmp_path / "f", gold=False)
    run("data split", input=tmp_path / "f", out=tmp_path / "s", validation=0.15, test=0.15)
    sides = {name: list(read_rows([tmp_path / "s" / f"{name}.jsonl"])) for name in ("train", "validation", "test")}
    assert all(sides.values())
    for one, other in itertools.combinations(sides.values(), 2):
        assert {row.project for row in one}.isdisjoint(row.project for row in other)
        for row in one:
            assert all(signature(row.script).jaccard(signature(o.script).values) < 0.75 for o in other)


def test_siblings_of_different_projects_belong_together(tmp_path: Path) -> None:
    rows = [
        Row(str(n), good(name), project) for n, (name, project) in enumerate([("A", "x"), ("Zed", "y"), ("A", "z")])
    ]
    rows[1] = Row("1", "local sum = 0\nfor i = 1, 9 do sum += i end\nreturn sum\n", "y")
    groups = related(rows, tmp_path / "i.sqlite", 0.6)
    assert groups.root(0) == groups.root(2) != groups.root(1)


def test_splits_are_the_same_for_the_same_seed_and_others_for_another(tmp_path: Path, scripts: Path) -> None:
    folder = collected(tmp_path, scripts)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run("data split", input=folder, out=tmp_path / name, validation=0.2, test=0.2, seed=seed)
    test = {name: (tmp_path / name / "test.jsonl").read_text() for name in "abc"}
    assert test["a"] == test["b"] != test["c"]


def test_too_few_projects_for_a_split_is_said(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.luau").write_text(good())
    run("data collect", source=str(tmp_path / "src"), out=tmp_path / "c")
    with pytest.raises(StageError, match="validation split is empty: 1 groups"):
        run("data split", input=tmp_path / "c", out=tmp_path / "s")


def test_the_report_counts_what_is_there_and_what_was_dropped(tmp_path: Path, scripts: Path) -> None:
    run("data filter", input=collected(tmp_path, scripts), out=tmp_path / "f", gold=False)
    run("data report", input=tmp_path / "f", out=tmp_path / "r")
    text = (tmp_path / "r" / "report.md").read_text()
    assert f"{len(rows_of(tmp_path / 'f'))} scripts" in text
    assert "| server |" in text
    for plot in ("lengths.png", "scores.png"):
        assert plot in text
        assert (tmp_path / "r" / plot).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"source": "SRC/none.jsonl"}, "There are no files at"),
        ({"source": "SRC/data.jsonl"}, "Which column holds the script"),
        ({"source": "SRC/data.jsonl", "text_column": "code"}, "no column 'code'; there are luau"),
        ({"source": "SRC/empty"}, "holds no .luau"),
        ({"source": ""}, "--source is missing"),
        ({"source": "SRC", "workers": 0}, "workers is 0; it must be at least 1"),
        ({"source": "SRC", "colour": 1}, "no option 'colour'"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    source = tmp_path / "src"
    (source / "empty").mkdir(parents=True)
    (source / "data.jsonl").write_text('{"luau": "print(1)"}\n')
    values = {k: v.replace("SRC", str(source)) if isinstance(v, str) else v for k, v in given.items()}
    with pytest.raises(StageError, match=said) as caught:
        run("data collect", out=tmp_path / "out", **values)
    assert "\n" not in str(caught.value)
    (source / "a.luau").write_text(good())
    run("data collect", source=str(source), out=tmp_path / "out")  # the folder is free


def test_what_is_complete_is_not_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.luau").write_text(good())
    run("data collect", source=str(tmp_path / "src"), out=tmp_path / "out")
    with pytest.raises(StageError, match="is complete already"):
        run("data collect", source=str(tmp_path / "src"), out=tmp_path / "out")
    run("data collect", source=str(tmp_path / "src"), out=tmp_path / "out", force=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear")
    for force in (True, False):
        with pytest.raises(StageError, match=r"mine (was not made|is not empty)"):
            run("data collect", source=str(tmp_path / "src"), out=tmp_path / "mine", force=force)
    assert (tmp_path / "mine" / "diary.txt").read_text() == "dear"


def test_options_come_from_the_file_and_the_command_line_wins(tmp_path: Path) -> None:
    (tmp_path / "split.toml").write_text('input = "in"\nout = "out"\nvalidation = 0.2\ntest = 0')
    made = read(SplitOptions, tmp_path / "split.toml", {"validation": 0.1})
    assert (made.input, made.validation, made.test) == (Path("in"), 0.1, 0.0)


def test_a_stage_whose_input_never_finished_says_so(tmp_path: Path) -> None:
    (tmp_path / "half").mkdir()
    with pytest.raises(StageError, match="not the folder of a finished stage"):
        run("data filter", input=tmp_path / "half", out=tmp_path / "f")
