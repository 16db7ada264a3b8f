"""What comes before what, and which function serves which event."""

from __future__ import annotations

import pytest
from luau_scorers.flow import always_runs, asks_state, conditions_before, job
from luau_scorers.handlers import handlers
from luau_scorers.layout import lines_after, lines_before
from luau_scorers.nodes import FUNCTIONS, descendants, enclosing_function, text
from luau_scorers.syntax_tree import Document, parse
from tree_sitter import Node


def call(document: Document, name: str) -> Node:
    """The first call whose text starts so."""
    inside = descendants(document.root)
    return next(node for node in inside if node.type == "function_call" and text(node).startswith(name))


def functions(document: Document) -> list[Node]:
    return [node for node in descendants(document.root) if node.type in FUNCTIONS]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("here()", True),
        ("do here() end", True),
        ("repeat here() until done", True),
        ("local x = here() and y", True),
        ("if here() then end", True),
        ("if a then here() end", False),
        ("if a then elseif here() then end", False),
        ("while a do here() end", False),
        ("local x = y and here()", False),
        ("local x = if a then here() else b", False),
        ("local function f() here() end", False),
    ],
)
def test_always_runs(code: str, expected: bool) -> None:
    document = parse(code.encode())
    assert always_runs(call(document, "here"), document.root) is expected


def test_what_pcall_is_given_belongs_to_the_function_around_it() -> None:
    document = parse(b"local function save() pcall(function() here() end) task.spawn(function() there() end) end")
    save, _, spawned = functions(document)
    assert job(call(document, "here"), document.scopes) == save
    assert job(call(document, "there"), document.scopes) == spawned


def test_conditions_before_are_those_on_lines_above_and_asserts() -> None:
    document = parse(b"local function f(a, b)\n\tif a then return end\n\tassert(b)\n\there()\n\tif c then end\nend")
    found = conditions_before(call(document, "here"), functions(document)[0])
    assert [text(condition) for condition in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("busy", True), ("last[hit]", True), ("hit:GetAttribute('A')", True), ("hit.Parent", False), ("size > 3", False)],
)
def test_state_is_what_outlives_the_function(condition: str, expected: bool) -> None:
    before = "local busy, last, size = false, {}, 4\nbusy = true\n"
    document = parse(f"{before}local function f(hit)\n\tif {condition} then return end\n\there()\nend".encode())
    function = functions(document)[0]
    asked = next(conditions_before(call(document, "here"), function))
    assert asks_state(asked, function, document.scopes) is expected


@pytest.mark.parametrize(
    ("code", "events"),
    [
        ("part.Touched:Connect(function(hit) here() end)", ["Touched"]),
        ("local function f() here() end\na.One:Connect(f)\nb.Two:Once(f)\nf()", ["One", "Two"]),
        ("local f = function() here() end\na.One:Connect(f)", ["One"]),
        ("function f() here() end\na.One:Connect(f)", ["One"]),
        ("remote.OnServerInvoke = function() here() end", ["OnServerInvoke"]),
        ("function remote.OnServerInvoke() here() end", ["OnServerInvoke"]),
        ("service:BindToRenderStep('x', 1, function() here() end)", ["BindToRenderStep"]),
        ("local f = function() here() end\nf = g\na.One:Connect(f)", []),
        ("function f() here() end\nfunction f() end\na.One:Connect(f)", []),
        ("task.spawn(function() here() end)", []),
        ("a.One = function() here() end", []),
    ],
)
def test_handlers(code: str, events: list[str]) -> None:
    document = parse(code.encode())
    function = enclosing_function(call(document, "here"))
    assert function is not None
    assert [handler.event for handler in handlers(function, document.scopes)] == events


def test_inserted_lines_are_indented_as_the_statement_is() -> None:
    document = parse(b"do\n    here()\nend")
    statement = call(document, "here")
    leave = "if a then\n\treturn\nend"
    assert lines_before(statement, leave, document).text == "if a then\n        return\n    end\n    "
    assert lines_after(statement, "\n" + leave, document).text == "\n\n    if a then\n        return\n    end"
