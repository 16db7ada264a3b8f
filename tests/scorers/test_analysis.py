"""While one types, what is shown is what a look at the whole file would show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luau_scorers.engine import Analysis
from luau_scorers.rule import all_rules, marked
from luau_scorers.units import Change

# Every rule's wrong examples: what they have in common is that there is something to find.
EXAMPLES = [marked(case.code)[0] for rule in all_rules() for case in rule.invalid if len(case.code) < 2000]
TYPED = st.sampled_from(
    rb"""end
(|)|x|2|local x = 1
|--[[|]]|"|-- c
|;|{|}|function f()
|if part then
|,|.|player|= nil|task.wait()
|return
|type T = {}|assert(part:IsA('Model'))
|game.Players.LocalPlayer.Name = x
|--!nolint
|Player|local player
| |
""".split(b"|")
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 0, 1, 3, 9, 40, 200]), TYPED | st.just(b"")), max_size=6
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(EXAMPLES), min_size=1, max_size=8).map(b"\n".join), EDITS)
def test_after_each_edit_that_parses_all_is_found_that_a_new_look_finds(
    source: bytes, edits: list[tuple[float, int, bytes]]
) -> None:
    analysis = Analysis(source)
    analysis.findings()
    for where, gone, typed in edits:
        start = int(where * len(source))
        end = min(len(source), start + gone)
        source = source[:start] + typed + source[end:]
        analysis.edit(Change(start, end, start + len(typed)), source)
        fresh = Analysis(source)
        if fresh.document.errors:
            assert syntax_errors(analysis)
            assert syntax_errors(fresh)
        else:
            assert analysis.findings() == fresh.findings()


def test_while_a_line_is_typed_what_was_found_elsewhere_stays() -> None:
    source = b"local a = workspace.Gravty\n\nlocal function run()\n\tprint(a)\nend\n\nrun()\nprint(wrkspace)\n"
    analysis = Analysis(source)
    before = {finding.rule for finding in analysis.findings()}
    at = source.index(b"\tprint")
    source = source[:at] + b"\tif a then\n" + source[at:]
    analysis.edit(Change(at, at, at + 11), source)
    found = {finding.rule: finding for finding in analysis.findings()}
    assert before | {"missing-end"} == found.keys()
    place = found["unknown-global"].span
    assert source[place.start : place.end] == b"wrkspace"


def syntax_errors(analysis: Analysis) -> list[str]:
    groups = {rule.code: rule.group for rule in all_rules()}
    return [finding.rule for finding in analysis.findings() if groups[finding.rule] == "syntax"]


def test_an_edit_looks_only_at_what_it_may_matter_to() -> None:
    source = b"\n".join(b"local function f%d(part)\n\tpart.Anchored = true\nend" % number for number in range(300))
    analysis = Analysis(source)
    analysis.findings()
    at = source.index(b"part.Anchored", len(source) // 2)
    source = source[:at] + b"x" + source[at:]
    analysis.edit(Change(at, at, at + 1), source)
    units = analysis.document.scopes.units
    assert 0 < sum(unit.checked is None for unit in units) <= 3
    assert len(units) == 300


@pytest.mark.parametrize("source", [b"local x = " + b"(" * 300 + b"1" + b")" * 300, b"local x = 1"])
def test_nesting_that_is_typed_in_at_once_is_noticed_as_in_a_new_file(source: bytes) -> None:
    analysis = Analysis(b"local x = 1")
    analysis.findings()
    analysis.edit(Change(10, 11, len(source)), source)
    assert analysis.findings() == Analysis(source).findings()
