"""What people write who come from other languages, what they are told, and what is written for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luau_scorers import fixes
from luau_scorers.finding import Finding
from luau_scorers.mending import mistakes
from luau_scorers.rule import all_rules, marked
from luau_scorers.syntax_tree import parse

SYNTAX = [rule for rule in all_rules() if rule.group == "syntax"]


def syntax_findings(code: str) -> list[Finding]:
    document = parse(code.encode())
    found: Iterator[Finding] = (finding for rule in SYNTAX for finding in rule().scan(document))
    return sorted(found, key=lambda finding: finding.span.start)


# What is written, a part of the message, and the code with the safe fixes ("" where there is none, None where they
# are of no use).
SLIPS = [
    ("if a != b then f() end", "write `~=`", "if a ~= b then f() end"),
    ("if a !== b then f() end", "write `~=`", "if a ~= b then f() end"),
    ("if a === b then f() end", "write `==`", "if a == b then f() end"),
    ("if a <> b then f() end", "write `~=`", "if a ~= b then f() end"),
    ("if a not= b then f() end", "write `~=`", "if a ~= b then f() end"),
    ("if a =< b then f() end", "write `<=`", "if a <= b then f() end"),
    ("if a => b then f() end", "write `>=`", "if a >= b then f() end"),
    ("if a&&b then f() end", "write `and`", "if a and b then f() end"),
    ("if a || b then f() end", "write `or`", "if a or b then f() end"),
    ("if !a then f() end", "write `not`", "if not a then f() end"),
    ("if (!a) then f() end", "write `not`", "if (not a) then f() end"),
    ("local a = b ?? 1", "write `or`", "local a = b or 1"),
    ("local a = b ? 1 : 2", "write `if a then b else c`", ""),
    ("local a = b?.c", "write `a and a.b`", ""),
    ("count++", "write `+= 1`", "count += 1"),
    ("count--", "write `-= 1`", "count -= 1"),
    ("part.Count++;", "write `+= 1`", "part.Count += 1;"),
    ("local a = 2 ** 3", "write `^`", "local a = 2 ^ 3"),
    ("local a = b >> 2", "bit32.rshift", ""),
    ("local a = b | c", "bit32.bor", ""),
    ("if a is None then f() end", "write `==`", "if a == None then f() end"),
    ("if a is not None then f() end", "write `~=`", "if a ~= None then f() end"),
    ("if a in list then f() end", "table.find", ""),
    ("if a not in list then f() end", "table.find", ""),
    ("if a = b then f() end", "write `==`", "if a == b then f() end"),
    ("while (a = b) do f() end", "write `==`", "while (a == b) do f() end"),
    ("a == 1", "write `=`", "a = 1"),
    ("local f = (a) => a + 1", "function(...)", ""),
    ("if a then f() elif b then g() end", "write `elseif`", "if a then f() elseif b then g() end"),
    ("if a then f() elsif (b) then g() end", "write `elseif`", "if a then f() elseif (b) then g() end"),
    ("if a then\n\tf()\nelse if b then\n\tg()\nend", "write `elseif`", "if a then\n\tf()\nelseif b then\n\tg()\nend"),
    ("let a = 1", "write `local`", "local a = 1"),
    ("var a = 1;", "write `local`", "local a = 1;"),
    ("int a = 1", "write `local`", "local a = 1"),
    ("def f(a)\n\tg()\nend", "write `function`", "function f(a)\n\tg()\nend"),
    ("fn f(a)\n\tg()\nend", "write `function`", "function f(a)\n\tg()\nend"),
    ("func f(a)\n\tg()\nend", "write `function`", "function f(a)\n\tg()\nend"),
    ("async function f()\nend", "any function may wait", "function f()\nend"),
    ("switch (a) {\n\tcase 1: f()\n}", "no `switch`", ""),
    ("try {\n\tlet a = f();\n} catch (e) {\n\tg();\n}", "pcall", ""),
    ("try:\n\ta = f()\nexcept:\n\tg()", "pcall", ""),
    ("throw new Error('x')", "error(...)", ""),
    ("class Car extends Vehicle {}", "setmetatable", ""),
    ("import a from 'b'", "require", ""),
    ("f(new Car(1))", "write `Car.new(...)`", "f(Car.new(1))"),
    ("f(lambda x: x)", "function(...)", ""),
    ("local a = f(await g())", "simply waits", ""),
    ("foreach (a in b) {\n\tf(a)\n}", "for _, a in b do", ""),
    ("for (let i = 0; i < n; i++) {\n\tf(i);\n}", "for i = 0, n - 1 do", ""),
    ("for (const a of b) {\n\tf(a)\n}", "for _, a in b do", ""),
    ("for i in range(10):\n\tf(i)\n", "`do`", "for i in range(10) do\n\tf(i)\nend\n"),
    ("if a:\n\tf()\nelse:\n\tg()\n", "`then`", "if a then\n\tf()\nelse\n\tg()\nend\n"),
    ("while True:\n\tf()\n", "`do`", "while True do\n\tf()\nend\n"),
    ("def f(a):\n\treturn a\n", "write `function`", "function f(a)\n\treturn a\nend\n"),
    ("function f(a):\n\tprint(a)\nend", "nothing", "function f(a)\n\tprint(a)\nend"),
    ("if (a) {\n\tf();\n}", "no braces", "if (a) then\n\tf();\nend"),
    ("while (a) {\n\tf()\n\tg()\n}", "no braces", "while (a) do\n\tf()\n\tg()\nend"),
    ("function f(a) {\n\treturn a;\n}", "no braces", "function f(a)\n\treturn a;\nend"),
    ("if (a)\n{\n\tf();\n}\nelse\n{\n\tg();\n}", "no braces", "if (a) then\n\tf();\nelse\n\tg();\nend"),
    ("f(function() {\n\tg()\n})", "no braces", "f(function()\n\tg()\nend)"),
    ("if a\n\tf()\nend", "`then` is missing", "if a then\n\tf()\nend"),
    ("while a\n\tf()\nend", "`do` is missing", "while a do\n\tf()\nend"),
    ("for i = 1, 3\n\tf(i)\nend", "`do` is missing", "for i = 1, 3 do\n\tf(i)\nend"),
    ("for i = 1, 3 then\n\tf(i)\nend", "not with `then`", "for i = 1, 3 do\n\tf(i)\nend"),
    ("while a then\n\tf(i)\nend", "not with `then`", "while a do\n\tf(i)\nend"),
    ("// says hello\nf()", "begins with `--`", "-- says hello\nf()"),
    ("# says hello\nf()", "begins with `--`", "-- says hello\nf()"),
    ("f() # says 'hello", "begins with `--`", "f() -- says 'hello"),
    ("local a = 1 // the first one", "begins with `--`", ""),
    ("/* says\nhello */\nf()", "--[[ ... ]]", "--[[ says\nhello ]]\nf()"),
    ('"""says\nhello"""\nf()', "--[[ ... ]]", "--[[says\nhello]]\nf()"),
    ('local a = """two\nlines"""', "[[ ... ]]", ""),
    ('f($"{a} b")', "backticks", "f(`{a} b`)"),
    ("f(‘a’)", "plain quotes", "f('a')"),
    ('f("a)', "never ends", ""),
    ("local a = 'it's'", "`", ""),
    ("local a = [==[text]]", "`]==]` is missing", ""),
    ("--[[ text\nf()", "comment never ends", ""),
    ("local a = b.end", 'write `["end"]`', 'local a = b["end"]'),
    ("local a = { end = 1 }", '`["end"] =`', 'local a = { ["end"] = 1 }'),
    ("local function end() end", "keyword", ""),
    ("local a = {\n\tb = 1\n\tc = 2\n}", "`,` is missing", "local a = {\n\tb = 1,\n\tc = 2\n}"),
    ("local a = {1 2}", "`,` is missing", "local a = {1, 2}"),
    ("print('a' b)", "`,` or an operator", ""),
    ("print(f(1)\nlocal a = 1", "`)` is missing", ""),
    ("local a = {\n\tf(1),\nprint(a)", "`}` is missing", ""),
    ("if a then\n\tf()\n", "close the `if` of line 1", "if a then\n\tf()\nend\n"),
    ("f()\nend", "closes nothing", ""),
    ("f())", "closes nothing", ""),
    ("local a = 5px", "no number", ""),
    ("local a =", "a value is missing", ""),
    ("a.b.c", "nothing is done with this value", ""),
    ("a = f\n(g or h)()", "end that with `;`", "a = f;\n(g or h)()"),
    ("return 1\nf()", "could never run", ""),
    ("local a = [1, 2]", "`{ ... }`", "local a = {1, 2}"),
    ("local a = [b for b in c]", "`{ ... }`", None),
    ("local a = { b: 1, c: d }", "`b = ...`", "local a = { b = 1, c = d }"),
    ('local a = { "b": 1 }', '`["b"] = ...`', 'local a = { ["b"] = 1 }'),
    ("local a = b if c else d", "`if a then b else c`", ""),
    ("local f(a)\n\tg(a)\nend", "`function` is missing", "local function f(a)\n\tg(a)\nend"),
    ("if a then f() else g() elseif b then h() end", "cannot come after `else`", ""),
    ("if a then\n\tpass\nend", "needs no `pass`", "if a then\nend"),
    ("if a then\n\tf()\nendif", "write `end`", "if a then\n\tf()\nend"),
]


@pytest.mark.parametrize(("code", "message", "mended"), SLIPS)
def test_slip(code: str, message: str, mended: str | None) -> None:
    found = syntax_findings(code)
    assert message in " ".join(finding.message for finding in found)
    after = fixes.apply(code.encode(), found).decode()
    assert mended is None or after == (mended or code)
    if mended:
        assert syntax_findings(mended) == []


PYTHON = """
# Gives coins to everyone who touches the part.
def reward(player, amount):
    if player is not None and amount != 0:
        player.coins += amount  # pays
    elif amount == 0:
        print("nothing")
    else:
        pass

for player in players:
    reward(player, 5)
"""
LUAU = """
-- Gives coins to everyone who touches the part.
function reward(player, amount)
    if player ~= None and amount ~= 0 then
        player.coins += amount  -- pays
    elseif amount == 0 then
        print("nothing")
    else
    end
end

for player in players do
    reward(player, 5)
end
"""


def test_a_python_script_is_mended_whole() -> None:
    code = PYTHON
    for _ in range(3):
        code = fixes.apply(code.encode(), syntax_findings(code)).decode()
    assert code == LUAU


JAVASCRIPT = """
function reward(player, amount) {
    if (!player || amount === 0) {
        return;
    } else if (amount > 10) {
        amount = 10;
    } else {
        amount++;
    }
    give(player, amount);
}
"""


def test_a_javascript_function_is_mended_whole() -> None:
    code = JAVASCRIPT
    for _ in range(3):
        code = fixes.apply(code.encode(), syntax_findings(code)).decode()
    assert not parse(code.encode()).errors, code
    assert "elseif (amount > 10) then" in code


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.sampled_from([marked(case.code)[0].decode() for rule in SYNTAX for case in rule.invalid]), max_size=4)
)
def test_any_mixture_of_slips_is_read(pieces: list[str]) -> None:
    document = parse("\n".join(pieces).encode())
    for _, mistake in mistakes(document):
        assert 0 <= mistake.span.start <= mistake.span.end <= len(document.source)
