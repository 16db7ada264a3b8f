"""A comment is followed through any edits: never to a wrong place, and always to the right one."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lsprotocol import types
from luau_lsp_ai.documents import Anchor, Document

COMMENT = "-- make 金币 for 😀"
# Pieces that make and break comments, strings and lines.
PIECES = [
    "-- ",
    "--",
    "--[[",
    "]]",
    "[[",
    "'",
    '"',
    "x",
    " ",
    "\t",
    "\n",
    "\r\n",
    "é",
    "😀",
    COMMENT,
    "-- other",
    "make",
]
pieces = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
edits = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.3), pieces), max_size=8)


def document(head: str = "", tail: str = "", indent: str = "") -> tuple[Document, Anchor]:
    """A document with the comment between two other texts."""
    text = f"{head}\n\n{indent}{COMMENT}\n\n{tail}"
    it = Document("untitled:1", 1, text, "utf-16")
    line = it.text.line_of(len(f"{head}\n\n".encode()))
    comment = it.text.comment_on(line, line)
    assert comment is not None
    return it, it.track(comment.start, comment.end, comment.request)


def apply(it: Document, names: list[int], start: int, end: int, new: str, fresh: int) -> None:
    """Replace characters, in the document and in the list of the characters' names."""
    source = it.text.source
    it.replace(len(source[:start].encode()), len(source[:end].encode()), new.encode())
    names[start:end] = range(fresh, fresh + len(new))


@given(edits)
@example([(0.0, 0.0, COMMENT + "\n"), (0.5, 0.3, "")])
@example([(0.296875, 0.0, "-- ")])
@example([(0.0, 0.25, ""), (0.0, 0.1875, ""), (0.0, 0.25, "-- "), (0.0, 0.28125, "-- ")])
@settings(max_examples=500)
def test_what_is_found_is_the_comment_itself(schedule: list[tuple[float, float, str]]) -> None:
    """Each character has a name of its own: another comment with the same words is another comment."""
    it, anchor = document("local a\n-- other", f"local b\n{COMMENT}\nreturn a")
    source = it.text.source
    first = source.index(COMMENT)
    names = list(range(len(source)))
    words = anchor.request  # more dashes before them leave the comment what it is
    first_word = first + COMMENT.index(words)
    wanted = names[first_word : first_word + len(words)]
    other = set(names[source.rindex(words) :][: len(words)])
    whole = True
    for number, (place, size, new) in enumerate(schedule, 1):
        length = len(it.text.source)
        start = int(place * length)
        end = min(length, start + int(size * length))
        apply(it, names, start, end, "", 0)  # what is cut goes first: what is the same in both stays the same
        apply(it, names, start, start, new, number * 10_000)
        # A comment that was changed may be changed back, and is found then: undo does this.
        whole = whole and any(names[at : at + len(words)] == wanted for at in range(len(names)))
        found = it.find(anchor)
        if found is not None:
            begin = it.text.source.index(words, len(it.text.data[: found.start].decode()))
            here = names[begin : begin + len(words)]
            assert here == wanted if whole else not other & set(here)
            assert found.request == anchor.request


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.floats(0, 1), st.sampled_from("x\n 😀é()=")), max_size=12))
@settings(max_examples=300)
def test_edits_elsewhere_do_not_lose_it(schedule: list[tuple[bool, float, float, str]]) -> None:
    head, tail = "local head = 1\nprint(head)", "local tail = 2\nprint(tail)"
    it, anchor = document(head, tail, "\t")
    for above, place, other, new in schedule:
        length = len(head if above else tail)
        start, end = sorted((int(place * length), int(other * length)))
        offset = 0 if above else len(it.text.source) - len(tail)
        apply(it, [0] * len(it.text.source), offset + start, offset + end, new, 0)
        if above:
            head = head[:start] + new + head[end:]
        else:
            tail = tail[:start] + new + tail[end:]
    assert it.text.source == f"{head}\n\n\t{COMMENT}\n\n{tail}"
    found = it.find(anchor)
    assert found is not None
    assert found.start == len(f"{head}\n\n\t".encode())
    assert found.indent == "\t"


@given(pieces, pieces)
def test_whole_files_are_compared(head: str, tail: str) -> None:
    """Some clients send the whole text; what is the same around the comment stays where it is."""
    it, anchor = document("local a", "local b")
    it.change(2, [types.TextDocumentContentChangeWholeDocument(f"x = 1\nlocal a\n\n{COMMENT}\n\nlocal b")])
    found = it.find(anchor)
    assert found is not None
    assert it.text.data[found.start : found.end].decode() == COMMENT


def edited(start: int, end: int, new: str) -> tuple[Document, Anchor]:
    """The document after one edit, whose places count from the comment's first dash."""
    it, anchor = document("local a", "local b")
    first = it.text.source.index(COMMENT)
    apply(it, [0] * len(it.text.source), first + start, first + end, new, 0)
    return it, anchor


def test_a_changed_comment_is_lost() -> None:
    end = len(COMMENT)
    for start, stop, new in (
        (end, end, " fast"),
        (3, 7, "take"),
        (0, end, ""),
        (0, 0, "x = 1 "),
        (0, 3, ""),
        (5, 5, "\n"),
    ):
        it, anchor = edited(start, stop, new)
        assert it.find(anchor) is None, (start, stop, new)


def test_a_line_more_is_another_request() -> None:
    it, anchor = edited(len(COMMENT), len(COMMENT), "\n-- that spin")
    assert it.find(anchor) is None


def test_blanks_and_new_lines_change_nothing() -> None:
    end = len(COMMENT)
    for start, stop, new in (
        (end, end, "  "),
        (end, end, "\nlocal c"),
        (0, 0, "\t\t"),
        (0, 0, "\n\n"),
        (-1, 0, "\r\n"),
    ):
        it, anchor = edited(start, stop, new)
        assert it.find(anchor) is not None, (start, stop, new)


def test_undo_brings_it_back() -> None:
    it, anchor = edited(0, len(COMMENT), "")
    place = anchor.start
    it.replace(place, place, COMMENT.encode())
    found = it.find(anchor)
    assert found is not None
    assert found.start == place


def test_the_same_words_elsewhere_are_not_it() -> None:
    it = Document("untitled:1", 1, f"{COMMENT}\n\n{COMMENT}\n", "utf-16")
    comment = it.text.comment_on(0, 0)
    assert comment is not None
    anchor = it.track(comment.start, comment.end, comment.request)
    it.replace(0, len(f"{COMMENT}\n\n".encode()), b"")
    assert it.find(anchor) is None


def test_a_released_anchor_stays() -> None:
    it, anchor = document()
    it.release(anchor)
    it.replace(0, 0, b"x\n")
    assert anchor.start == 2
    assert it.find(anchor) is None
