"""What must hold for the scores of any script, so that nobody is led to make one worse by making it score higher."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luau_scorers import fixes
from luau_scorers.rule import Rule, all_rules, marked
from luau_scorers.score import Report, score
from luau_training.embedded.recipe import Recipe, load_all

RULES = all_rules()
RECIPES = load_all()
BUGS = [(rule, marked(case.code)[0].decode()) for rule in RULES for case in rule.invalid]
# What people get wrong: the right text, and what stands in its place then.
SLIPS = (
    ("task.wait(", "wait("),
    ("task.spawn(", "spawn("),
    ("task.delay(", "delay("),
    ("Instance.new(", "Instance.New("),
    ("Vector3.new(", "Vector3.New("),
    (":GetPlayers()", ":GetPlayer()"),
    (":GetChildren()", ":Children()"),
    ("math.max(", "math.maximum("),
    (".Touched:Connect(", ".Touched:connect("),
    (".PlayerAdded:Connect(", ".PlayerAdded:connect("),
    ('GetService("Players")', 'GetService("Player")'),
    ("local function ", "local unused = Vector3.new(0, 0, 0) + nil\nlocal function "),
)


def scores(report: Report) -> tuple[float, ...]:
    return report.syntax, report.api, report.bugs, report.quality, report.composite


def assert_no_better(worse: Report, better: Report, why: object) -> None:
    assert all(a <= b + 1e-9 for a, b in zip(scores(worse), scores(better), strict=True)), why


def assert_fixing_lowers_nothing(source: str) -> None:
    report = score(source)
    for finding in report.findings:
        if finding.fix:
            fixed = fixes.apply(source.encode(), [finding], safe_only=False).decode()
            assert_no_better(report, score(fixed), (finding, fixed))


def script(recipe: Recipe) -> str:
    return recipe.render({}, list(recipe.choices())[-1])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_fixing_what_a_rule_finds_lowers_no_score(rule: type[Rule]) -> None:
    for case in rule.invalid:
        assert_fixing_lowers_nothing(marked(case.code)[0].decode())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_what_a_rule_finds_raises_no_score(rule: type[Rule]) -> None:
    good = script(RECIPES[0])
    for case in rule.invalid:
        bug = marked(case.code)[0].decode()
        assert_no_better(score(f"{good}{bug}"), score(good), bug)


@pytest.mark.parametrize("recipe", RECIPES[::3], ids=lambda recipe: recipe.name)
def test_slips_lower_a_good_script_and_their_fixes_raise_it_again(recipe: Recipe) -> None:
    good = script(recipe)
    slips = [slip for slip in SLIPS if slip[0] in good]
    bad = good
    for right, wrong in random.Random(recipe.name).sample(slips, min(3, len(slips))):
        worse = bad.replace(right, wrong, 1)
        assert_no_better(score(worse), score(bad), worse)
        bad = worse
    assert_fixing_lowers_nothing(bad)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(RECIPES), st.lists(st.sampled_from(BUGS), min_size=3, max_size=3, unique_by=lambda bug: bug[0].code)
)
def test_a_good_script_scores_high_and_with_three_bugs_low(recipe: Recipe, bugs: list[tuple[type[Rule], str]]) -> None:
    good = script(recipe)
    assert score(good).composite >= 0.9
    if all(rule.severity in ("error", "warning") for rule, _ in bugs):
        assert score("\n".join((good, *(f"do\n{bug}\nend" for _, bug in bugs)))).composite < 0.75


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([text for _, text in BUGS] + ["-- why", "", "x = 1", "\t", "return {}"]), max_size=4))
def test_a_file_pasted_twice_scores_as_the_file_once(pieces: list[str]) -> None:
    source = "\n".join(pieces)
    assert scores(score(f"{source}\n{source}")) == scores(score(source))


@pytest.mark.parametrize("recipe", RECIPES[::9], ids=lambda recipe: recipe.name)
def test_a_good_script_pasted_twice_scores_as_it_does_once(recipe: Recipe) -> None:
    source = script(recipe)
    assert scores(score(source + source)) == scores(score(source))


PADDING = ('print("Done!")', 'warn("Loaded successfully")', "-- set the value", "", "local _spare = 1", "do end", "\t")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_comments_success_messages_and_padding_raise_no_score(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(["local part = workspace.Lava\npart.Name = 'a'\n", script(RECIPES[0])]))
    lines = source.splitlines()
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(lines)))
        lines.insert(at, data.draw(st.sampled_from([*PADDING, f"-- {lines[at - 1].strip(' -')}" if lines else ""])))
    padded = score("\n".join(lines))
    assert padded.quality <= score(source).quality + 1e-9
    assert padded.composite <= score(source).composite + 1e-9
