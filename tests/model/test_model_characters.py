"""Characters from bytes, one token at a time."""

from __future__ import annotations

import pytest
from luau_model.engines.characters import Characters

# Where the rules for bytes change, and some between.
BYTES = [bytes([value]) for low in range(0, 256, 16) for value in (low, low + 1, low + 4, low + 13, low + 15)]


def after(pieces: bytes) -> Characters:
    text = Characters()
    for value in pieces:
        assert text.takes(bytes([value]))
        text.add(bytes([value]))
    return text


def test_comes_out_when_it_is_whole() -> None:
    text = Characters()
    assert [text.add(bytes([value])) for value in "é🙂".encode()] == ["", "é", "", "", "", "🙂"]


@pytest.mark.parametrize("bad", [b"\x80", b"\xc0", b"\xff", b"\xe9a", b"a\xe9\n"])
def test_broken_pieces_are_not_taken(bad: bytes) -> None:
    assert not Characters().takes(bad)


def test_every_beginning_can_be_completed() -> None:
    beginnings = [b""]
    while beginnings:
        begun = beginnings.pop()
        following = [begun + each for each in BYTES if after(begun).takes(each)]
        assert following, begun
        beginnings += [longer for longer in following if not _whole(longer)]


def _whole(pieces: bytes) -> bool:
    text = Characters()
    return any(text.add(bytes([value])) for value in pieces)
