"""What the progress says while scripts are written: one after another, or several at once."""

from luau_lsp_ai.stages import Narrator
from luau_model.generate import Event, Progress, Stage


def said(*events: Event) -> list[str]:
    narrator = Narrator(4)
    return [narrator.said(event).partition(",")[0] for event in events]


def test_one_after_another() -> None:
    assert said(
        Stage("thinking", 1), Progress(1, "a", 3), Stage("checking", 1), Stage("thinking", 2), Progress(2, "b", 1)
    ) == [
        *("reading script 1", "script 1 of up to 4: 3 tokens", "checking script 1", "reading script 2"),
        "script 2 of up to 4: 1 tokens",
    ]


def test_several_at_once_count_together_until_the_last_has_ended() -> None:
    first = Stage("thinking", 1), Stage("thinking", 2), Progress(1, "a", 3), Progress(2, "b", 2), Progress(1, "c", 6)
    then = Stage("checking", 1), Progress(2, "d", 4), Stage("checking", 2), Progress(3, "e", 1)
    assert said(*first, *then)[2:] == [
        *("script 1 of up to 4: 3 tokens", "2 scripts at once: 5 tokens", "2 scripts at once: 8 tokens"),
        *("checking script 1", "2 scripts at once: 10 tokens", "checking script 2", "script 3 of up to 4: 1 tokens"),
    ]
