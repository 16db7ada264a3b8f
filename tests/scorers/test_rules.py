"""Every rule's own examples, and what must hold for every rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from luau_scorers import fixes
from luau_scorers.docs import render
from luau_scorers.engine import Analysis, check_rule
from luau_scorers.finding import Finding
from luau_scorers.rule import Invalid, Match, Rule, all_rules, marked
from luau_scorers.syntax_tree import LUAU, parse
from tree_sitter import Query, QueryCursor

RULES = all_rules()
VALID = [pytest.param(r, c, id=f"{r.code}-valid-{i}") for r in RULES for i, c in enumerate(r.valid)]
INVALID = [pytest.param(r, c, id=f"{r.code}-invalid-{i}") for r in RULES for i, c in enumerate(r.invalid)]
PAGE = Path(__file__).parents[2] / "scorers" / "RULES.md"


def findings(rule: type[Rule], code: bytes) -> list[Finding]:
    document = parse(code)
    if rule.group != "syntax":
        assert not document.errors, f"the example does not parse:\n{code.decode()}"
    return check_rule(rule, document)


@pytest.mark.parametrize(("rule", "code"), VALID)
def test_valid_example_is_silent(rule: type[Rule], code: str) -> None:
    assert findings(rule, code.encode()) == []


@pytest.mark.parametrize(("rule", "case"), INVALID)
def test_invalid_example_is_reported_where_marked(rule: type[Rule], case: Invalid) -> None:
    code, spans = marked(case.code)
    assert spans, "mark the reported range with ^^^"
    assert [finding.span for finding in findings(rule, code)] == spans


@pytest.mark.parametrize(("rule", "case"), INVALID)
def test_invalid_example_is_reported_in_a_whole_analysis(rule: type[Rule], case: Invalid) -> None:
    # Which asks statement by statement, where the tests above ask about the whole file.
    code, spans = marked(case.code)
    assert [finding.span for finding in Analysis(code).every_finding() if finding.rule == rule.code] == spans


@pytest.mark.parametrize(
    ("code", "slip"),
    [
        ("if health = 0 then\n\trespawn()\nend", "assignment-in-condition"),
        ("if coins != 1 then print(coins) end", "foreign-operator"),
    ],
)
def test_beside_a_slip_nothing_else_is_found(code: str, slip: str) -> None:
    assert [finding.rule for finding in Analysis(code.encode()).every_finding() if finding.severity != "hint"] == [slip]


@pytest.mark.parametrize(("rule", "case"), INVALID)
def test_fix_gives_the_fixed_text_and_clears_the_finding(rule: type[Rule], case: Invalid) -> None:
    code, _ = marked(case.code)
    found = findings(rule, code)
    if case.fixed is None:
        assert all(finding.fix is None for finding in found)
        return
    fixed = fixes.apply(code, found, safe_only=False)
    assert fixed.decode() == case.fixed
    assert findings(rule, fixed) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_is_complete(rule: type[Rule]) -> None:
    assert rule.__doc__
    assert rule.valid
    assert rule.invalid
    hooks = ("check_variable", "check_global", "conclude", "scan", "review")
    assert rule.query or any(getattr(rule, hook) is not getattr(Rule, hook) for hook in hooks)
    assert rule.__name__ == "".join(word.capitalize() for word in rule.code.split("-"))


def test_rules_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == render(), "run: python -m luau_scorers.docs > scorers/RULES.md"


def verdicts(rule: type[Rule], query: str, use_check: bool) -> list[list[tuple[int, int]]]:
    """Where this version of the rule reports in each of the rule's examples."""
    out = []
    for code in [*(code.encode() for code in rule.valid), *(marked(case.code)[0] for case in rule.invalid)]:
        document = parse(code)
        matches = [Match(document, nodes) for _, nodes in QueryCursor(Query(LUAU, query)).matches(document.root)]
        kept = [match["here"] for match in matches if not use_check or rule().check(match)]
        out.append([(node.start_byte, node.end_byte) for node in kept])
    return out


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.query], ids=lambda rule: rule.code)
def test_every_condition_has_an_example_that_needs_it(rule: type[Rule]) -> None:
    whole = verdicts(rule, rule.query, use_check=True)
    for predicate in re.findall(r"\(#[^()]*\)", rule.query):
        without = rule.query.replace(predicate, "")
        assert verdicts(rule, without, use_check=True) != whole, f"no example needs {predicate}"
    if rule.check is not Rule.check:
        assert verdicts(rule, rule.query, use_check=False) != whole, "no example needs check()"
