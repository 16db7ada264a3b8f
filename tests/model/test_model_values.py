"""A request's values come out of the script as they went in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luau_model.values import Lexicon, put_aside, put_back

LEXICON = Lexicon(
    frozenset("kill brick named sprint when holding shift make a door open".split()), frozenset({"VIP", "E"})
)


@pytest.mark.parametrize(
    ("request_text", "shown", "values"),
    [
        ("kill brick named TigerPearl", "kill brick named NAME_A", {"NAME_A": "TigerPearl"}),
        ("kill brick named lava", "kill brick named NAME_A", {"NAME_A": "lava"}),
        ("Kill brick Lava_2 for 25", "Kill brick NAME_A for NUMBER_A", {"NAME_A": "Lava_2", "NUMBER_A": "25"}),
        ("Zork opens the door", "NAME_A opens the door", {"NAME_A": "Zork"}),
        ("Oscillate TigerPearl", "Oscillate NAME_A", {"NAME_A": "TigerPearl"}),
        ("speed 2.5 for 1,000 Gems", "speed NUMBER_A for NUMBER_B NAME_A",
         {"NUMBER_A": "2.5", "NUMBER_B": "1000", "NAME_A": "Gems"}),
        ('say "Hello there!" twice', "say TEXT_A twice", {"TEXT_A": "Hello there!"}),
        ("open 'Gate'", "open NAME_A", {"NAME_A": "Gate"}),
        ("every 5s, 5 times", "every NUMBER_A s, NUMBER_A times", {"NUMBER_A": "5"}),
        ("a VIP door on E", "a VIP door on E", {}),
        ("don't make players' doors", "don't make players' doors", {}),
    ],
)  # fmt: skip
def test_names_numbers_and_quoted_texts_are_put_aside(request_text: str, shown: str, values: dict[str, str]) -> None:
    assert put_aside(request_text, LEXICON) == (shown, values)


def test_a_text_with_a_quote_or_backslash_cannot_break_the_script() -> None:
    _, values = put_aside("show 'say \"hi\" C:\\new'", LEXICON)
    assert put_back('label.Text = "TEXT_A"', values) == 'label.Text = "say \\"hi\\" C:\\\\new"'


def test_a_placeholder_that_the_request_does_not_have_still_parses() -> None:
    assert put_back('local A = NUMBER_C\nlocal B = "NAME_B"', {}) == 'local A = 1\nlocal B = "Value"'


WORDS = st.one_of(st.from_regex(r"[A-Za-z_]\w{0,8}", fullmatch=True), st.integers(0, 9999).map(str), st.just("é你😀"))


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_what_was_put_aside_comes_back(text: str) -> None:
    shown, values = put_aside(text, LEXICON)
    assert put_back(shown, values) == text


@given(st.text(max_size=200))
def test_any_text_can_be_put_aside(text: str) -> None:
    shown, values = put_aside(text, LEXICON)
    assert all(name in shown for name in values)
