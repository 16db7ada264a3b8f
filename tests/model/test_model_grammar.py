"""The grammar for constrained decoding: takes what recipes render to, and makes nothing that Luau rejects."""

from __future__ import annotations

import shutil

import pytest
from luau_model import grammar
from luau_training import compiler
from luau_training.embedded import recipe
from walker import Walker

VALID = [
    "",
    "--!strict\n",
    "-- a comment without a line end after it\nlocal x = 1",
    "--[[ a\nblock ]] local x --[=[ another ]] ]=]\n",
    "local a, b: number, c: string? = 1, 2.5e-3, nil",
    "local hex, bin, big, half = 0xFF_FF, 0b1010, 1_000_000, .5",
    'x += 1\ny.z -= 2\nt[i] *= 3\ns ..= "a"\nn //= 2\nm ^= 2\nk %= 3\nj /= 4',
    "a, b.c = b.c, a",
    "local s = `hello {name}, {#list} of {n + 1} and {f({ 1 })}`",
    'local s = "tab\\t \\"quoted\\" \\u{20AC} \\065 \\x41 é漢🙂" .. [[long\n]] .. [=[ ]] ]=]',
    "local v = if a then b elseif c then d else e",
    "for i = 10, 1, -1 do\n\tif i == 3 then\n\t\tcontinue\n\telse\n\t\tbreak\n\tend\nend",
    "for _, item: Model in list:GetChildren() do print(item) end",
    "while true do task.wait() end\nrepeat step() until done and not failed",
    'local p = (workspace:FindFirstChild("A") :: Part).Position - Vector3.new(0, -1, 0) * 2',
    "type Point = { x: number, y: number }\nexport type Map<K, V = any> = { [K]: V, size: number? }",
    'type F = (a: number, ...string) -> (boolean, string?)\ntype U = "a" | "b" | nil\ntype I = A & { B }',
    "type G = <T>(T, ...any) -> T\ntype O = typeof(workspace.Part)",
    "local function map<T, U>(list: { T }, f: (T) -> U): { U }\n\treturn {}\nend",
    "function Class.new(...: any): Class\n\treturn setmetatable({}, Class) :: any\nend\nfunction Class:go() end",
    "local f: (number) -> ()? = function(x) return end",
    'return { ["a b"] = 1, c = 2, 3; f(), function() end, }',
    "local ended, iff, nott = endless, order, truex\nending()",
    "if not a and (b or c) ~= #d - 1 then e() end",
    "f{ 1 }\ng\"x\":h'y'.z = 1",
]
INVALID = [
    "local end = 1",
    "end",
    "if x then",
    "local x = ",
    "x",
    "f() = 1",
    "a.b",
    "break",
    "for i = 1, 2 do f(function() break end) end",
    "local x = 1 2",
    "return 1\nlocal x",
    "x = - -",
    "x = !y",
    "x != y",
    "a = b\n(c)()",
    'local s = "unfinished',
    'local s = "\\400"',
    "local s = `{{} }`",
    "local t = { end = 1 }",
    "x =+ 1",
    "```lua\nprint(1)\n```",
    "Here is the script:\nprint(1)",
    "type X = A | B & C",
    "function f(a, ..., b) end",
    "print(1))",
    "x = 1 .. 2..3",
]


@pytest.mark.parametrize("script", VALID)
def test_takes_valid_luau(walker: Walker, script: str) -> None:
    assert walker.rejected(script) is None


@pytest.mark.parametrize("script", INVALID)
def test_rejects_what_luau_rejects(walker: Walker, script: str) -> None:
    assert walker.rejected(script) is not None


@pytest.mark.parametrize("word", grammar.RESERVED)
def test_no_reserved_word_is_a_name(walker: Walker, word: str) -> None:
    assert walker.rejected(f"local {word} = 1") is not None
    assert walker.rejected(f"local {word}s, {word}1, {word[:-1]}_ = 1") is None


@pytest.mark.parametrize("loaded", recipe.load_all(), ids=lambda loaded: loaded.name)
def test_takes_every_recipe(walker: Walker, loaded: recipe.Recipe) -> None:
    for script in {loaded.render({}, ()), loaded.render({}, loaded.options)}:
        assert walker.rejected(script) is None


needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="the official compiler needs Node.js")


@needs_node
def test_the_lists_above_are_right() -> None:
    assert [s for s, error in zip(VALID, compiler.errors(VALID), strict=True) if error] == []
    assert [s for s, error in zip(INVALID, compiler.errors(INVALID), strict=True) if not error] == []


@needs_node
def test_whatever_it_makes_compiles(walker: Walker) -> None:
    made = [script for seed in range(15) if (script := walker.random_script(seed)) is not None]
    assert len(made) > 5
    assert [(s, error) for s, error in zip(made, compiler.errors(made), strict=True) if error] == []
