"""Positions and offsets, there and back, in each encoding; and texts that grow by edits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsp_client import position_of
from lsprotocol import types
from luau_lsp_ai.convert import Text, encode
from luau_lsp_ai.documents import Document

ENCODINGS = ("utf-8", "utf-16", "utf-32")
# Everything that is told apart somewhere: one to four bytes, one and two UTF-16 units, joiners, all line ends, and
# characters at which Python splits lines but the protocol does not.
PIECES = ["a", "é", "界", "😀", "👩‍👩‍👧", "\n", "\r\n", "\r", "\t", "\u2028", "\x0b", "\x0c", "\x85", "\ufeff", "-- "]
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
encodings = st.sampled_from(ENCODINGS)


@given(texts, encodings)
def test_every_place_goes_there_and_back(text: str, encoding: str) -> None:
    data = Text(text.encode(), encoding)
    for index in range(len(text) + 1):
        if text[index - 1 : index + 1] == "\r\n" and index:
            continue  # there is no position inside of a line end
        offset = len(text[:index].encode())
        position = data.position(offset)
        assert position == position_of(text, index, encoding)
        assert data.offset(position) == offset


@given(texts, encodings, st.integers(0, 40), st.integers(0, 40))
def test_any_position_gives_a_place_between_characters(text: str, encoding: str, line: int, character: int) -> None:
    data = Text(text.encode(), encoding)
    offset = data.offset(types.Position(line, character))
    text.encode()[:offset].decode()
    place = data.position(offset)
    assert data.offset(place) == offset
    assert place.line <= max(line, 0)


@given(texts, encodings, st.data())
def test_edits_give_the_full_text(text: str, encoding: str, data: st.DataObject) -> None:
    document = Document("untitled:1", 1, text, encoding)
    for version in range(2, 2 + data.draw(st.integers(1, 5))):
        start, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
        inside = any(text[place - 1 : place + 1] == "\r\n" for place in (start, end) if place)
        new = data.draw(texts)
        where = types.Range(position_of(text, start, encoding), position_of(text, end, encoding))
        if inside:
            continue
        document.change(version, [types.TextDocumentContentChangePartial(range=where, text=new)])
        text = text[:start] + new + text[end:]
        assert document.text.source == text


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_full_change_replaces_the_text(encoding: str) -> None:
    document = Document("untitled:1", 1, "one", encoding)
    document.change(2, [types.TextDocumentContentChangeWholeDocument("two 😀")])
    assert (document.text.source, document.version) == ("two 😀", 2)


def test_halves_of_pairs_become_a_replacement_character() -> None:
    assert encode("a\ud83d") == "a\ufffd".encode()


@pytest.mark.parametrize(
    ("text", "newline"), [("", "\n"), ("a", "\n"), ("a\nb\r\n", "\n"), ("a\r\nb", "\r\n"), ("a\rb", "\r")]
)
def test_the_newline_is_that_of_the_first_line(text: str, newline: str) -> None:
    assert Text(text.encode()).newline == newline
