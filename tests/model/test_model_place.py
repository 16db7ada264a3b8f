"""A finished script fits the file that it goes into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luau_model.clean import clean
from luau_model.file_context import request_for, role_of
from luau_model.place import fit

SCRIPT = 'local Players = game:GetService("Players")\n\nlocal PART = "Lava"\nprint(Players, PART)\n'


def test_a_service_that_the_file_declares_above_is_not_declared_again() -> None:
    above = 'local Players = game:GetService("Players")\n-- print them\n'
    assert fit(SCRIPT, above, "", "", "\n") == 'local PART = "Lava"\nprint(Players, PART)\n'


def test_a_service_that_the_file_declares_below_is_declared_since_it_would_not_be_seen() -> None:
    assert fit(SCRIPT, "-- print them\n", 'local Players = game:GetService("Players")\n', "", "\n") == SCRIPT


def test_a_service_under_another_name_is_declared() -> None:
    assert "GetService" in fit(SCRIPT, 'local Plrs = game:GetService("Players")\n', "", "", "\n")


def test_lines_are_indented_like_the_comment_and_empty_ones_stay_empty() -> None:
    assert fit("if x then\n\n\ty()\nend\n", "", "", "\t", "\n") == "\tif x then\n\n\t\ty()\n\tend\n"


def test_the_text_of_a_long_string_is_not_indented() -> None:
    script = "local a = [[\none\ntwo]]\nlocal b = 1\n"
    assert fit(script, "", "", "\t", "\n") == "\tlocal a = [[\none\ntwo]]\n\tlocal b = 1\n"


def test_lines_end_as_the_file_has_them() -> None:
    assert fit("a()\nb()\n", "", "", "", "\r\n") == "a()\r\nb()\r\n"


def test_a_mode_comment_stays_at_the_top_of_an_empty_file_alone() -> None:
    assert fit("--!strict\nlocal a = 1\n", "", "", "", "\n").startswith("--!strict")
    assert fit("--!strict\nlocal a = 1\n", "print(1)\n", "", "", "\n") == "local a = 1\n"


def test_a_modules_return_does_not_cut_the_rest_of_the_file_off() -> None:
    module = "local M = {}\n\nreturn M\n"
    assert fit(module, "", "print(1)\n", "", "\n") == "local M = {}\n"
    assert fit(module, "", "", "", "\n") == module


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("src/Coins.server.luau", "server"),
        ("src/init.client.lua", "client"),
        ("C:\\game\\ServerScriptService\\Round.luau", "server"),
        ("src/StarterPlayer/StarterPlayerScripts/Camera.luau", "client"),
        ("src/shared/Prices.luau", "module"),
        ("src/server/Coins.client.luau", "client"),
        ("Script.luau", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_role_of_a_file_is_known_by_rojos_suffixes_and_folders(path: str | None, role: str) -> None:
    assert role_of(path) == role


def test_a_request_knows_the_files_services_and_names() -> None:
    source = (
        'local RS = game:GetService("ReplicatedStorage")\r\nlocal COINS = 3\r\nlocal function pay() end\r\n-- more\r\n'
    )
    request = request_for("more", source, 3, "a.server.luau")
    assert request.services == (("ReplicatedStorage", "RS"),)
    assert request.names == ("COINS", "pay")
    assert "COINS" in request.nearby
    assert "-- more" not in request.nearby


def test_markdown_and_prose_around_a_script_go() -> None:
    answer = "Sure! Here is the script:\n\n```lua\nlocal a = 1\nprint(a)\n```\nHope that helps!"
    assert clean(answer) == "local a = 1\nprint(a)\n"
    assert clean("```luau\nlocal a = 1\nprint(a)") == "local a = 1\nprint(a)\n"


def test_prose_alone_is_no_script() -> None:
    assert clean("I am sorry, I cannot help you with this request.") is None
    assert clean("  \n ") is None


@given(st.lists(st.sampled_from(["local a = 1", "print(a)", "-- why", "", "\tif a then", "end"])))
def test_a_clean_script_stays_as_it_is(lines: list[str]) -> None:
    once = clean("\n".join(lines))
    assert once is None or clean(once) == once
