"""Which comments are requests, and where they are."""

from __future__ import annotations

import time

import pytest
from luau_lsp_ai.documents import Snapshot


def found(source: str) -> list[tuple[str, str, str]]:
    """Each comment: its text as it stands, its request, its indentation."""
    text = Snapshot(source.encode())
    return [(text.data[c.start : c.end].decode(), c.request, c.indent) for c in text.comments]


@pytest.mark.parametrize(
    ("source", "request_text"),
    [
        ("-- make coins", "make coins"),
        ("--make coins", "make coins"),
        ("--- make coins  ", "make coins"),
        ("-- make coins\n-- that spin", "make coins\nthat spin"),
        ("-- make coins\r\n-- that spin\r\n", "make coins\nthat spin"),
        ("-- make coins\n--\n-- that spin", "make coins\n\nthat spin"),
        ("--[[ make coins ]]", "make coins"),
        ("--[[\n\tmake coins\n\tthat spin\n]]  ", "make coins\nthat spin"),
        ("--[==[ a ]] b ]==]", "a ]] b"),
        ("\ufeff-- make coins", "make coins"),
        ("-- 做一个金币系统 💰", "做一个金币系统 💰"),
        ("-- crée des pièces", "crée des pièces"),
        ("--!strict\n-- make coins", "make coins"),
        ("-- make coins\n--!strict", "make coins"),
        ("-- selene: allow(unused_variable)\n-- make coins", "make coins"),
    ],
)
def test_a_comment_is_a_request(source: str, request_text: str) -> None:
    assert [request for _, request, _ in found(source)] == [request_text]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "--",
        "--   ",
        "------",
        "--[[]]",
        "--[[ \n ]]",
        "--!strict",
        "--!nolint DeprecatedGlobal",
        "-- stylua: ignore",
        "local x = 1 -- the number of coins",
        'local x = "-- make coins"',
        "local x = [[\n-- make coins\n]]",
        "local x = `a\\\n-- make coins`",
        "--[[ never closed\n-- make coins",
        "--[[ make coins ]] local x = 1",
        "[=[ never closed\n-- make coins",
        "x = 'a\\\n-- b'",
    ],
)
def test_no_request(source: str) -> None:
    assert found(source) == []


def test_blocks_are_lines_of_one_indentation() -> None:
    source = "-- a\n\t-- b\n\t-- c\n\n\t-- d\nlocal x = 1 -- no\n-- e"
    assert [(request, indent) for _, request, indent in found(source)] == [
        ("a", ""),
        ("b\nc", "\t"),
        ("d", "\t"),
        ("e", ""),
    ]


def test_an_unclosed_string_ends_with_its_line() -> None:
    assert [request for _, request, _ in found('local x = "oops\n-- make coins\n')] == ["make coins"]


def test_a_line_finds_its_block() -> None:
    text = Snapshot(b"-- a\n-- b\nlocal x\n--[[\nc\n]]\n")
    requests = [text.comment_on(line, line) for line in range(8)]
    assert [comment and comment.request for comment in requests] == ["a\nb", "a\nb", None, "c", "c", "c", None, None]


@pytest.mark.parametrize("line", ['local x = "a" -- b\n', "-- a\n\n", "[[", "--[[ a\n", "`\n", '"\\\n', "\r"])
def test_long_texts_take_no_time(line: str) -> None:
    text = Snapshot((line * 20_000).encode())
    start = time.perf_counter()
    text.comments  # noqa: B018  computed here
    assert time.perf_counter() - start < 1
