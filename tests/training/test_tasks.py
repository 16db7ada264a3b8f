"""The gold tasks: references are what we would ship, and the checks tell right answers from wrong ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luau_scorers.score import score
from luau_training import compiler, npm, stylua
from luau_training.embedded import recipe
from luau_training.tasks import Task, TaskError, as_scripts, as_text, load, load_all, run_checks

TASKS = load_all()
ALTERNATIVES = sorted((Path(__file__).parent / "alternatives").glob("*.luau"))
by_name = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


def test_there_are_fifty_tasks_to_learn_from_and_thirty_to_be_judged_by() -> None:
    assert Counter(task.split for task in TASKS) == {"gold": 50, "evaluation": 30}


@pytest.mark.parametrize("split", ["gold", "evaluation"])
def test_both_splits_have_every_category_and_every_kind_of_script(split: str) -> None:
    tasks = [task for task in TASKS if task.split == split]
    assert min(Counter(task.category for task in tasks).values()) >= 4
    assert len({task.category for task in tasks}) == 6
    kinds = Counter(task.kind for task in tasks)
    assert kinds["multi"] == 5
    assert min(kinds[kind] for kind in ("server", "client", "module")) >= 5
    assert {task.difficulty for task in tasks} == {"easy", "medium", "hard"}


@by_name
def test_the_names_of_the_files_tell_where_they_run(task: Task) -> None:
    sides = {name.split(".")[1] if name.count(".") == 2 else "module" for name in task.scripts}
    assert sides == {task.kind} or (task.kind == "multi" and 2 <= len(task.scripts) <= 3)
    if task.kind == "multi":
        assert all(name in task.prompt for name in task.scripts)


@by_name
def test_the_reference_passes_every_check(task: Task) -> None:
    assert [result for result in run_checks(task, as_text(task.scripts)) if not result.passed] == []


@by_name
def test_wrong_variants_are_rejected_by_the_check_that_they_name(task: Task) -> None:
    assert len(task.wrong) >= 2
    for wrong in task.wrong:
        (result,) = run_checks(replace(task, checks={wrong.check: task.checks[wrong.check]}), wrong.scripts)
        assert not result.passed, wrong.why
        assert "does not parse" not in result.why


@pytest.mark.parametrize("path", ALTERNATIVES, ids=lambda path: path.stem)
def test_a_right_answer_in_another_style_passes_every_check(path: Path) -> None:
    task = next(task for task in TASKS if task.name == path.stem)
    assert [result for result in run_checks(task, path.read_text("utf-8")) if not result.passed] == []


@by_name
def test_the_reference_passes_our_own_rules(task: Task) -> None:
    for source in task.scripts.values():
        report = score(source)
        assert report.composite >= 0.9
        assert [f.message for f in report.findings if f.severity in ("error", "warning")] == []


def _need_node() -> None:
    try:
        npm.program("npm")
        npm.program("node")
    except npm.NodeMissing as missing:
        pytest.skip(str(missing))


def test_the_official_compiler_accepts_references_wrong_variants_and_alternatives() -> None:
    _need_node()
    sources = [source for task in TASKS for source in task.scripts.values()]
    sources += [source for task in TASKS for wrong in task.wrong for source in wrong.scripts.values()]
    sources += [path.read_text("utf-8") for path in ALTERNATIVES]
    assert [error for error in compiler.errors(sources) if error] == []


def test_references_are_formatted_as_stylua_does() -> None:
    _need_node()
    sources = [source for task in TASKS for source in task.scripts.values()]
    assert stylua.formatted(sources) == sources


def test_stylua_really_formats() -> None:
    _need_node()
    assert stylua.formatted(["local x = {1}"]) == ["local x = { 1 }\n"]


# No task to be judged by may be learnt from


def _grams(text: str, length: int) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+|[^\s\w]", text)
    return frozenset(zip(*(words[start:] for start in range(length)), strict=False))


def _shared(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


@cache
def _learnt() -> list[tuple[str, frozenset[tuple[str, ...]]]]:
    recipes = [(each.name, each.render({}, each.options)) for each in recipe.load_all()]
    gold = [(task.name, as_text(task.scripts)) for task in TASKS if task.split == "gold"]
    return [(name, _grams(source, 8)) for name, source in recipes + gold]


@pytest.mark.parametrize("task", [t for t in TASKS if t.split == "evaluation"], ids=lambda task: task.name)
def test_no_evaluation_task_is_nearly_a_gold_task_or_a_recipe(task: Task) -> None:
    own = _grams(as_text(task.scripts), 8)
    assert [name for name, other in _learnt() if _shared(own, other) > 0.35] == []
    prompt = _grams(task.prompt.lower(), 4)
    others = [other for other in TASKS if other.split == "gold"]
    assert [other.name for other in others if _shared(prompt, _grams(other.prompt.lower(), 4)) > 0.35] == []


# What the words of the checks mean

COOLDOWN = """
local last = 0
part.Touched:Connect(function()
    if os.clock() - last < 1 then return end
    last = os.clock()
    give()
end)
"""
SHARED = """
local loaded = {}
local function save(player)
    if loaded[player] then
        pcall(function() store:SetAsync(player.UserId, loaded[player]) end)
    end
end
Players.PlayerRemoving:Connect(save)
loaded[player] = true
"""
REMOTE = """
remote.OnServerEvent:Connect(function(player, item, count)
    if type(item) ~= "string" then return end
    buy(player, item)
    player:SetAttribute("Count", count)
end)
"""
BUY = "local function buy(player, name)\n    player:SetAttribute(name, 1)\nend\n" + REMOTE
MEANINGS = [
    ('some(call("GetAsync"))', "local data = store:GetAsync(1)", True),
    ('some(call("GetAsync"))', "pcall(store.GetAsync, store, 1)", True),
    ('some(call("task.wait"))', "signal:wait()", False),
    ('some(call("Humanoid:MoveTo"))', 'local m = Instance.new("Model")\nm:MoveTo(Vector3.zero)', False),
    ('some(call("GetTagged", "Coin"))', 'local TAG = "Coin"\nCollectionService:GetTagged(TAG)', True),
    ('some(call("GetTagged", "Coin"))', 'CollectionService:GetTagged("Gem")', False),
    ('some(assign("Health", "0"))', "humanoid.Health = 0", True),
    ('some(assign("Transparency"))', "TweenService:Create(part, info, { Transparency = 1 })", True),
    ('every(call("give"), debounced())', COOLDOWN, True),
    ('every(call("give"), debounced())', COOLDOWN.replace("if os.clock() - last < 1 then return end", ""), False),
    ('every(call("SetAsync"), under_pcall, asked(state()))', SHARED, True),
    ('every(call("SetAsync"), asked(state()))', SHARED.replace("if loaded[player]", "if player"), False),
    ('some(call("SetAsync"), on("PlayerRemoving"))', SHARED, True),
    ('some(call("SetAsync"), on("PlayerAdded"))', SHARED, False),
    ('every(call("SetAttribute", "Count"), validated)', REMOTE, False),
    ('every(call("SetAttribute"), validated)', BUY.replace('player:SetAttribute("Count", count)', ""), True),
    (
        'some(call("Heal"), on("Touched"))',
        "a.Touched:Connect(function() b.Died:Connect(function() Heal() end) end)",
        False,
    ),
    ('some(call("Heal"), on("Died"))', "a.Touched:Connect(function() b.Died:Connect(function() Heal() end) end)", True),
    ('some(call("Heal"), on("Touched"))', "while true do a.Touched:Wait() Heal() end", True),
    ('some(call("save"), repeats)', "local function f() save() end\nwhile true do f() task.wait(1) end", True),
    ('some(call("save"), repeats)', "local function f() save() end\nf()", False),
    ('some(call("fire"), preceded_by(call("task.wait")))', "task.wait(1)\nfire()", True),
    ('some(call("fire"), preceded_by(call("task.wait")))', "fire()\ntask.wait(1)", False),
    ('some(connects("OnClientEvent").where(named("Toast")))', 'f:WaitForChild("Toast").OnClientEvent:Connect(g)', True),
    ('some(connects("OnClientEvent").where(named("Toast")))', "f.Shop.OnClientEvent:Connect(g)", False),
    ('present_too("PlayerAdded", "GetPlayers")', "local function f() end\nPlayers.PlayerAdded:Connect(f)", False),
    (
        'present_too("PlayerAdded", "GetPlayers")',
        "local function f() end\nPlayers.PlayerAdded:Connect(f)\nfor _, p in Players:GetPlayers() do f(p) end",
        True,
    ),
    ('forgets() & some(call("Connect"))', "Players.PlayerAdded:Connect(function(p) t[p] = 1 end)", False),
    ('forgets() & some(call("Connect"))', "t[p] = 1\nPlayers.PlayerRemoving:Connect(function(p) t[p] = nil end)", True),
    ('exports("add,remove")', "local M = {}\nfunction M.add() end\nM.remove = function() end\nreturn M", True),
    ('exports("add,remove")', "local M = {}\nfunction M.add() end\nreturn M", False),
    ('some(literal("25")) & no(call("wait"))', "local DAMAGE = 25", True),
    ('some(enum("KeyCode.Q")) | some(enum("KeyCode.E"))', "print(Enum.KeyCode.E)", True),
]


@pytest.mark.parametrize(("expression", "script", "passes"), MEANINGS)
def test_a_check_says_whether_a_script_shows_something(expression: str, script: str, passes: bool) -> None:
    (result,) = run_checks(replace(TASKS[0], checks={"it": expression}), script)
    assert result.passed is passes
    assert passes is not bool(result.why)


def test_a_check_across_scripts_asks_for_a_function_that_the_module_has() -> None:
    task = replace(TASKS[0], checks={"it": 'requires("Bag", "add")'})
    main = "local Bag = require(script.Parent.Bag)\nBag.add(1)"
    has = {"Bag.luau": "local Bag = {}\nfunction Bag.add(x) end\nreturn Bag", "Main.server.luau": main}
    lacks = {"Bag.luau": "local Bag = {}\nfunction Bag.put(x) end\nreturn Bag", "Main.server.luau": main}
    assert [r.passed for r in run_checks(task, has)] == [True]
    assert [r.passed for r in run_checks(task, lacks)] == [False]


def test_a_failed_check_says_where() -> None:
    task = replace(TASKS[0], checks={"it": 'every(call("GetAsync"), under_pcall)'})
    (result,) = run_checks(task, {"Save.server.luau": "print(1)\nstore:GetAsync(1)"})
    assert result.why == "Save.server.luau, line 2: the call of GetAsync is not under pcall"


@by_name
def test_an_empty_answer_and_one_that_does_not_parse_pass_nothing(task: Task) -> None:
    for answer in ("", "-- done", "local = 1"):
        assert not any(result.passed for result in run_checks(task, answer))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_checks_take_any_text(data: st.DataObject) -> None:
    task = data.draw(st.sampled_from(TASKS))
    source = as_text(task.scripts)
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, len(source)))
    text = source[:start] + data.draw(st.text(max_size=8)) + source[end:]
    assert len(run_checks(task, text)) == len(task.checks)


# Answers as one text


@pytest.mark.parametrize("task", [t for t in TASKS if t.kind == "multi"], ids=lambda task: task.name)
def test_several_scripts_go_into_one_text_and_come_out_again(task: Task) -> None:
    assert as_scripts(as_text(task.scripts)) == dict(task.scripts)


def test_scripts_are_found_below_the_headings_that_models_write() -> None:
    text = "-- ServerScriptService/Shop.server.luau\nprint(1)\n\n--- file: Shop.client.luau\nprint(2)\n"
    assert as_scripts(text) == {"Shop.server.luau": "print(1)\n", "Shop.client.luau": "print(2)\n"}


# Bad task files

HEADER = 'prompt = "x"\ndifficulty = "easy"\nkind = "server"\nwrong = []\n[checks]\nit = \'some(call("f"))\''


def _bad() -> Iterator[tuple[str, str]]:
    yield "print(1)", "does not begin with a header"
    yield "--[=[\nprompt = \n]=]\n\nf()", "the header is not TOML"
    yield f"--[=[\n{HEADER.replace('easy', 'simple')}\n]=]\n\nf()", "difficulty is 'simple'"
    yield f"--[=[\nextra = 1\n{HEADER}\n]=]\n\nf()", "unknown key 'extra'"
    yield f"--[=[\n{HEADER.replace('prompt', '#')}\n]=]\n\nf()", "'prompt' is missing"
    yield f"--[=[\n{HEADER.replace('call', 'cal')}\n]=]\n\nf()", "uses 'cal', which is none of"
    yield f"--[=[\n{HEADER.replace('some(', 'print(')}\n]=]\n\nf()", "uses 'print'"
    bad = '[{ why = "w", check = "it", replace = [["g()", "h()"]] }]'
    yield f"--[=[\n{HEADER.replace('[]', bad)}\n]=]\n\nf()", "must stand exactly once"


@pytest.mark.parametrize(("text", "said"), list(_bad()))
def test_a_bad_task_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "gold" / "data" / "bad.server.luau"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(TaskError) as error:
        load(path)
    assert str(path) in str(error.value)
    assert said in str(error.value)
