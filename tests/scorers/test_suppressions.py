"""Comments that silence rules: which findings they hide, and what is said of comments that hide none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from luau_scorers.engine import Analysis, analyse, check_rule
from luau_scorers.fixes import apply
from luau_scorers.rule import all_rules, marked
from luau_scorers.score import score
from luau_scorers.suppressions import LUAU_LINTS, allowance
from luau_scorers.syntax_tree import parse


def rules(source: str) -> list[str]:
    return [finding.rule for finding in analyse(source.encode())]


@pytest.mark.parametrize(
    "source",
    [
        "wait(1) -- luau-lsp-ai: allow(deprecated-global)",
        "wait(1) --luau-lsp-ai:allow( deprecated-global )",
        "wait(1) -- luau-lsp-ai: allow(deprecated-global) the old pace is what this game needs",
        "-- luau-lsp-ai: allow(deprecated-global)\nwait(1)",
        "-- luau-lsp-ai: allow(deprecated-global)\n\n-- a pause\n--[[ of\none second ]]\nwait(1)",
        "do\n\t-- luau-lsp-ai: allow(deprecated-global)\n\twait(1)\nend",
        "-- luau-lsp-ai: allow(deprecated-global, unknown-global)\nwait(coins)",
        "-- luau-lsp-ai: allow-file(deprecated-global)\nwait(1)\nwait(2)",
        "wait(1)\r\nwait(2)\r\n-- luau-lsp-ai: allow-file(deprecated-global)\r\n",
        "--!nolint DeprecatedGlobal\nwait(1)",
        "#!/usr/bin/env lune\n--!strict\n--!nolint\nwait(coins)",
        "\ufeff--!nolint\nwait(1)",
    ],
)
def test_silenced(source: str) -> None:
    assert rules(source) == []


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("wait(1)\nwait(2) -- luau-lsp-ai: allow(deprecated-global)", ["deprecated-global"]),
        ("-- luau-lsp-ai: allow(deprecated-global)\nwait(1)\nwait(2)", ["deprecated-global"]),
        ("wait(coins) -- luau-lsp-ai: allow(deprecated-global)", ["unknown-global"]),
        ("wait(1)\n--!nolint\n", ["deprecated-global"]),
        ("--!nolint LocalUnused\nwait(1)", ["deprecated-global"]),
        ("--!nolint\nprint(1 != 2)", ["foreign-operator"]),
        ('print("-- luau-lsp-ai: allow(deprecated-global)") wait(1)', ["deprecated-global"]),
    ],
)
def test_not_silenced(source: str, left: list[str]) -> None:
    assert rules(source) == left


def test_a_comment_can_silence_the_word_on_itself() -> None:
    assert rules("-- luau-lsp-ai: allow-file(unused-suppression)\nprint(1) -- luau-lsp-ai: allow(unused-local)") == []


def test_a_broken_file_does_not_make_comments_unused() -> None:
    source = "wait(1) -- luau-lsp-ai: allow(deprecated-global, unused-local)\nprint("
    assert "unused-suppression" not in rules(source)


def test_the_message_names_the_nearest_rule() -> None:
    (finding,) = analyse(b"print(1) -- luau-lsp-ai: allow(unused-lcal)")
    assert "`unused-local`" in finding.message


def test_the_fixes_take_away_what_silences_nothing() -> None:
    source = b"""
-- luau-lsp-ai: allow(nothing, unused-local)
local count = 1 -- luau-lsp-ai: allow(deprecated-global)
-- luau-lsp-ai: allow-file(unknown-global)
print(1) -- luau-lsp-ai: allow(wrong, wronger, deprecated-global)
"""
    for _ in range(5):
        source = apply(source, analyse(source))
    assert source == b"\n-- luau-lsp-ai: allow(unused-local)\nlocal count = 1\nprint(1)\n"


def test_a_script_cannot_better_its_score_by_silencing_rules() -> None:
    source = "wait(1)\nprint(coins)\n"
    plain = score(source).composite
    assert score("--!nolint\n" + source).composite <= plain
    assert score("-- luau-lsp-ai: allow-file(deprecated-global, unknown-global)\n" + source).composite <= plain


def test_every_lint_that_a_rule_names_is_one_of_luaus() -> None:
    named = {lint for rule in all_rules() for lint in rule.luau_lints}
    assert named
    assert named <= set(LUAU_LINTS)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("wait(1)\nprint(1)", "wait(1) -- luau-lsp-ai: allow(deprecated-global)\nprint(1)"),
        ("do\r\n\twait(1)\r\nend\r\n", "do\r\n\twait(1) -- luau-lsp-ai: allow(deprecated-global)\r\nend\r\n"),
        ("wait(1) -- a pause", "-- luau-lsp-ai: allow(deprecated-global)\nwait(1) -- a pause"),
        (
            "do\n\twait(1) --[[ a\npause ]]\nend",
            "do\n\t-- luau-lsp-ai: allow(deprecated-global)\n\twait(1) --[[ a\npause ]]\nend",
        ),
        ("wait(1) print([[\n]])", "-- luau-lsp-ai: allow(deprecated-global)\nwait(1) print([[\n]])"),
        (
            "wait(1) -- luau-lsp-ai: allow(unknown-global)",
            "wait(1) -- luau-lsp-ai: allow(unknown-global, deprecated-global)",
        ),
        (
            "-- luau-lsp-ai: allow(unknown-global) why\nwait(1)",
            "-- luau-lsp-ai: allow(unknown-global, deprecated-global) why\nwait(1)",
        ),
        ("print('界😀') wait(1)", "print('界😀') wait(1) -- luau-lsp-ai: allow(deprecated-global)"),
    ],
)
def test_allowing_a_finding_here(source: str, expected: str) -> None:
    analysis = Analysis(source.encode())
    (finding,) = [each for each in analysis.every_finding() if each.rule == "deprecated-global"]
    fix = allowance(analysis.document, finding)
    assert fix is not None
    allowed = apply(source.encode(), [replace(finding, fix=fix)]).decode()
    assert allowed == expected
    assert "deprecated-global" not in rules(allowed)


@pytest.mark.parametrize("source", ["--[[\n]] print([[\n]], wait(1), [[\n]])"])
def test_what_can_not_be_allowed_here(source: str) -> None:
    analysis = Analysis(source.encode())
    (finding,) = [each for each in analysis.every_finding() if each.rule == "deprecated-global"]
    assert allowance(analysis.document, finding) is None


def test_a_finding_of_any_rule_is_allowed() -> None:
    for rule in all_rules():
        source = marked(rule.invalid[0].code)[0]
        document = parse(source)
        found = check_rule(rule, document)
        fix = allowance(document, found[0])
        if fix is not None:
            allowed = apply(source, [replace(found[0], fix=fix)])
            assert sum(each.rule == rule.code for each in analyse(allowed)) < len(found), allowed.decode()
