"""What the score promises, and what must hold for any text whatever."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luau_scorers import fixes
from luau_scorers.engine import analyse
from luau_scorers.rule import Rule, all_rules, marked
from luau_scorers.score import score
from luau_scorers.syntax_tree import parse

GOOD = """
-- Coins that come back: each pays once, then hides for a while.
local Players = game:GetService("Players")

local REWARD = 5
local RESPAWN_SECONDS = 10

local function setVisible(coin: BasePart, visible: boolean)
	coin.Transparency = if visible then 0 else 1
	coin.CanTouch = visible
end

local function collect(coin: BasePart, player: Player)
	local leaderstats = player:FindFirstChild("leaderstats")
	local stat = leaderstats and leaderstats:FindFirstChild("Coins")
	if not stat or not stat:IsA("IntValue") then
		return
	end
	-- hidden before the reward, so that one coin pays only once
	setVisible(coin, false)
	stat.Value += REWARD
	task.delay(RESPAWN_SECONDS, setVisible, coin, true)
end

for _, coin in workspace.Coins:GetChildren() do
	coin.Touched:Connect(function(hit)
		local player = Players:GetPlayerFromCharacter(hit.Parent)
		if player then
			collect(coin, player)
		end
	end)
end
"""

SCRAPS = r"""end function ( ) { `{ }` --[[ ]] " ' local x const @native << ! && :: if else then wait() type T ="""
PIECES = st.sampled_from(
    [marked(case.code)[0].decode() for rule in all_rules() for case in rule.invalid]
    + [code for rule in all_rules() for code in rule.valid]
    + SCRAPS.split(" ")
    + ["\n"]
)
ANY_TEXT = st.one_of(st.text(), st.lists(PIECES, max_size=8).map(" ".join))


def test_a_good_script_scores_high() -> None:
    report = score(GOOD)
    assert report.findings == ()
    assert report.composite == pytest.approx(1)


@pytest.mark.parametrize("source", ["", "-- a coin system", 'print("Hello")', "local x = 1", 'print("a")\n' * 20])
def test_a_script_that_does_next_to_nothing_is_not_good(source: str) -> None:
    assert score(source).composite < 0.6


@pytest.mark.parametrize("slip", ["end", "if x then", "x = = 1", "x != 1", "local 5", "f(", "x++"])
def test_a_syntax_error_ruins_the_score(slip: str) -> None:
    report = score(GOOD + slip)
    assert report.syntax <= 0.3
    assert report.composite < 0.5


def test_three_seeded_bugs_show() -> None:
    bad = (
        GOOD.replace("task.delay(", "delay(")
        .replace("local REWARD", "REWARD")
        .replace('leaderstats and leaderstats:FindFirstChild("Coins")', 'player:FindFirstChild("leaderstats").Coins')
    )
    assert score(bad).composite < 0.75


def test_comments_raise_nothing() -> None:
    short = 'local part = script.Parent\npart.Name = "Lava"\n'
    padded = '-- gets the part\nlocal part = script.Parent\n-- sets the name of the part\npart.Name = "Lava"\n-- done\n'
    assert score(padded).composite <= score(short).composite


def test_types_attributes_and_constants_are_no_errors() -> None:
    source = (
        "const LIMIT: number = 5\n@native\n"
        "local function f<T...>(x: typeof(LIMIT), ...: T...): T...\n\treturn x, ...\nend\nf(1)"
    )
    document = parse(source.encode())
    assert not document.errors
    assert not [finding for finding in analyse(source.encode()) if finding.severity == "error"]


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"#!/usr/bin/env lune\n", b"\xef\xbb\xbf#!/usr/bin/env lune\n"])
def test_byte_order_marks_and_shebang_lines_are_accepted(start: bytes) -> None:
    assert analyse(start + GOOD.encode()) == []


def test_a_hundred_lines_are_scored_in_ten_milliseconds() -> None:
    source = "\n".join(f"do {GOOD} end" for _ in range(3))
    score(source)
    durations = []
    for _ in range(5):
        start = time.perf_counter()
        score(source)
        durations.append(time.perf_counter() - start)
    lines = source.count("\n")
    # a factor of five for machines that are slow or busy
    assert min(durations) < 0.050 * lines / 100


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_any_text_gets_scores_and_spans_within_it(text: str) -> None:
    report = score(text)
    length = len(text.encode("utf-8", "replace"))
    for finding in report.findings:
        edits = finding.fix.edits if finding.fix else ()
        for span in (finding.span, *(edit.span for edit in edits)):
            assert 0 <= span.start <= span.end <= length
    assert all(0 <= part <= 1 for part in (report.syntax, report.api, report.bugs, report.quality, report.composite))
    assert all(a.span.start <= b.span.start for a, b in pairwise(report.findings))


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=8).map("\n".join))
def test_fixes_break_nothing_and_settle(text: str) -> None:
    source = text.encode()
    once = fixes.apply(source, analyse(source))
    if not parse(source).errors:
        assert not parse(once).errors
    for _ in range(10):
        before, once = once, fixes.apply(once, analyse(once))
        if before == once:
            return
    raise AssertionError("fixes never settle")


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_fixing_an_example_twice_changes_nothing_more(rule: type[Rule]) -> None:
    for case in rule.invalid:
        once = fixes.apply(marked(case.code)[0], analyse(marked(case.code)[0]))
        while (again := fixes.apply(once, analyse(once))) != once:
            once = again
        assert fixes.apply(once, analyse(once)) == once
