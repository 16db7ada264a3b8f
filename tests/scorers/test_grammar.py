"""What the grammar accepts, what it refuses, and how it carries on after a mistake."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import luau_scorers.grammar
import pytest
from luau_scorers.syntax_tree import parse
from luau_training import compiler
from tree_sitter import Node, Tree

GRAMMAR = Path(luau_scorers.grammar.__file__).parent

ACCEPTED = {
    "empty": ["", "-- nothing", "\n\n", "--[==[ a ]] b ]==]"],
    "line ends": ["local a = 1\r\n-- b\r\nlocal c = [[\r\n]]\r\n", "local a\v=\f1"],
    "numbers": ["f(1, 1., .5, 1e3, 1E-3, 1_000, 0xFF_ff, 0x_20, 0b1010_01, 1__0, 1_e5)", "f(0xF..'', 1e3 ..'')"],
    "strings": ["f'a' f[[d]] f[=[ ]] ]=] f[==[]==]", 'f"b\\"c" f"--" f"[["', "f('a\\\nb\\z\n  c\\u{1F600}\\x41\\065')"],
    "interpolation": [
        "f(``, `a`, `{b}`, `{b}{c}`, `{ {1} }`, `\\{b}`, `\\u{41}{b}`, `{`{`{c}`}`}`, `{'}'}`, `{f{1}}`)",
        "local s = `a\\\n b {\n\tc -- of the line\n}`",
    ],
    "operators": ["local a = -b ^ -c ^ 2 .. #d // 2 % 3 * 4 / 5 - 6 + 7 < 8 and not 9 or 10 ~= 11 == (12 >= 13)"],
    "assignment": ["a, b.c, d[1], e().f = 1, 2", "a += 1 a -= 1 a *= 1 a /= 1 a //= 1 a %= 1 a ^= 1 a.b ..= ''"],
    "calls": ["f() f{} f'' a.b:c(1)'':d{}.e()", "f\n:g()\n:h{}", "f\n'x'", "(f or g)(1, ...)"],
    "tables": ["f{1; 2, [3] = 4; five = 6, function() end; if a then b else c,}"],
    "choices": ["local a = if b then c elseif d then e else if f then g else h + 1", "f(-if a then b else c :: T)"],
    "blocks": [
        "if a then elseif b then else end while a do end repeat local b until b do end",
        "for i = 1, 2 do end for i: number = 1, 2, 3 do end for a, b: T in c, d do end",
        "while a do if b then break end; if c then continue; end end",
        "do return end do return 1, 2; end return",
    ],
    "words": [
        "local type, export, const, continue, typeof, read, write, goto, string = 1 type = 2 export.a = 3 const += 4",
        "type(a) type 'a' type{} type:a() export(a) const{} continue() continue[1] = 2 continue, type = 1",
        "f(type, continue, { type = 1, continue, export = const }) a.type, a.continue = a:type(), a:export()",
        "function type.export() end local function continue() end for type in export do end",
    ],
    "functions": ["function a() end function a.b.c(d, ...) end function a.b:c(...: T) end", "f(function(a, b: T) end)"],
    "attributes": [
        "@native function f() end @native local function g() end @native @checked const function h() end",
        "@[deprecated] function f() end @[native, deprecated { use = 'g', reason = 'old' }] local function g() end",
        "f(@native function() end)",
    ],
    "const": ["const a = 1 const b: number, c = 2, 3 const function d() end"],
    "generics": ["function f<A, B, C..., D...>(a: A, ...: C...): (B, D...) end", "local f = function<T>(x: T): T end"],
    "return types": [
        "function f(): () end function g(): (A, B) end function h(): (A, ...B) end function i(): ...A end",
        "function f(): A... end function g(): (A) -> (B) -> () end function h(): (A)? end",
    ],
    "instantiation": ["f<<A>>(1) f<<>>{} a.b:c<<A, (B, C), D..., ...E>>'' local g = f<<A<B>>> f< <A>>()"],
    "casts": ["local a = (b :: any) :: T, -c :: T ^ 2, d :: A | B, e :: (A) -> B, f :: typeof(g) + 1"],
    "names of types": ["type A = B.C | B.C<D> | string.E | B<> | B<C<D>> | B<(C)> | B<(C) -> D> | B<()> | B<(C)?>"],
    "unions": ["type A = B? | C?? | nil | true | 'd' | [[e]]", "type A =\n\t| B\n\t| C", "type A =\n\t& B\n\t& C"],
    "tables of types": [
        "type A = {} | { B } | { B? } | { read B } | { b: B, ['c']: C; [D]: E, }",
        "type A = { read b: B, write c: C, read [D]: E, read ['f']: F, read: G, write: H, read read: I }",
        "type A = { type: B, export: C, typeof: D, string: E, any: any, continue: F }",
    ],
    "types of functions": [
        "type A = () -> () | (B, ...C) -> ...D",
        "type A = (b: B, C, typeof: D, string: E, F...) -> (G, H...)",
        "type A = <B, C...>(B, C...) -> C... type D = { e: <F>(F) -> F } type G = (<H>(H) -> H) & (() -> ())",
        "type A = ((B) -> C)? type D = () -> (E, F)? type G = (H) -> (I) -> J | K",
    ],
    "typeof": ["type A = typeof(b) & typeof(setmetatable({} :: { c: D }, {})) local e: typeof(f.g)? = 1"],
    "aliases": [
        "type A<B, C = D, E... = ...F> = G type A<B... = ()> = C type A<B..., C... = (D, ...E)> = F",
        "type A<B... = C...> = D export type type = typeof(1) do type E = F end",
        "type function f(a) return a end export type function g() end",
    ],
}
# What the pinned official compiler is too old for.
NEWER = ["local a = 5i, 0xFFi, 0b1i", "export local a = 1", "export function f() end", "export const a = 1"]
REFUSED = {
    "numbers": ["f(12abc)", "f(0x)", "f(0b2)", "f(1e)", "f(1..'')", "f(0x1.8)", "f(0x1p4)", "f(1.2.3)"],
    "strings": ["f('a)", "f('a\n')", "f(`a\n`)", "f([[a)", "f([=a)", "--[[ a", "f(`{}`)", "f(`{{1}}`)", "f`a`"],
    "operators": ["f(a != b)", "f(a && b)", "f(!a)", "f(a++)", "f(a << b)", "f(a?.b)", "f(a ? b : c)", "f(=)"],
    "assignment": ["a, b += 1", "a += 1, 2", "(a) = 1", "f() = 1", "a:b = 1", "a = ", "a", "a.b", "(f())", "f<<A>>"],
    "local": ["local 5", "local a b", "local a <const> = 1", "local a.b = 1", "local end = 1", "local a, = 1"],
    "const": ["const a", "const a: A", "const function = 1"],
    "semicolons": [";", "f();;"],
    "keywords": ["a.end = 1", "f{end = 1}", "a:end()", "function end() end", "goto a", "defer f()", "class A end"],
    "blocks": ["if a then", "end", "if a then else elseif b then end", "if local a = b then end", "for a = 1 do end"],
    "last statements": ["do return f() g() end", "while a do break f() end", "while a do continue f() end"],
    "lists": ["f(a,)", "f{a,,b}", "f{;}", "local function f(a,) end", "local a = 1,", "for a, in b do end"],
    "choices": ["local a = if b then c", "local a = do return 1 end"],
    "functions": ["function a:b.c() end", "function f(a = 1) end", "f(function g() end)", "function f() -> A end"],
    "values": ["f({}.a)", "f(''.a)", "f(''  :a())", "f(function() end())", "f(a :: A :: B)", "f(a :: A < 5)"],
    "attributes": ["@native local a = 1", "@ native function f() end", "@[] function f() end", "@native type A = B"],
    "generics": ["function f<>() end", "function f<A..., B>() end", "function f<A = B>() end", "type A<> = B"],
    "defaults": ["type A<B = C, D> = E", "type A<B... = C> = D", "type A<B = ...C> = D", "type A<B = C, D...> = E"],
    "types": ["type A = B & C?", "type A = B | C & D", "type A = B.C.D", "type A = 5", "type A = typeof b"],
    "packs": ["type A = (B, C)", "type A = ()", "type A = (b: B)", "type A = ...B", "type A = B...", "local a: () = 1"],
    "tables of types": ["type A = { B, }", "type A = { b: B c: C }", "type A = { b: B, C }", "type A = { read }"],
}


def words(groups: dict[str, list[str]]) -> list[object]:
    return [pytest.param(code, id=f"{name}-{n}") for name, codes in groups.items() for n, code in enumerate(codes)]


@pytest.mark.parametrize("code", [*words(ACCEPTED), *NEWER])
def test_accepted(code: str) -> None:
    assert not parse(code.encode()).errors


@pytest.mark.parametrize("code", words(REFUSED))
def test_refused(code: str) -> None:
    assert parse(code.encode()).errors


def test_the_official_compiler_agrees() -> None:
    accepted = [code for codes in ACCEPTED.values() for code in codes]
    refused = [code for codes in REFUSED.values() for code in codes]
    messages = compiler.errors([*accepted, *refused])
    assert [pair for pair in zip(accepted, messages, strict=False) if pair[1]] == []
    assert [code for code, message in zip(refused, messages[len(accepted) :], strict=True) if not message] == []


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"#!/usr/bin/env lune\n", b"\xef\xbb\xbf#!/bin/lune\r\n"])
def test_a_file_may_start_with_a_mark_and_a_shebang(start: bytes) -> None:
    document = parse(start + b"local a = 1")
    assert not document.errors
    assert document.root.named_children[-1].type == "variable_declaration"


def test_a_shebang_stands_at_the_very_start() -> None:
    assert parse(b"\n#!/bin/lune\n").errors


def functions(root: Node) -> list[str]:
    declared = [node for node in root.named_children if node.type == "function_declaration" and not node.has_error]
    return [(name.text or b"").decode() for node in declared if (name := node.child_by_field_name("name"))]


BROKEN = [
    "player.",
    "player",
    "local x =",
    "x +=",
    "x = = 5",
    "foo(1,",
    "foo(bar(",
    "if x == then y() end",
    "if x != y && z then y() end",
    "local t = { a = 1, b = }",
    "local t = { a = 1 b = 2 }",
    "local s = 'abc",
    'print("abc)',
    "print(`abc)",
    "local n = 12abc",
    "local x: = 1",
    "type T = { a: A b: B }",
    "type T =",
    "return 5",
    "break",
    "for i = 1, do f() end",
    "for i in do f() end",
    "export 1",
    "@native 1",
    "#",
    "x ? y",
]


@pytest.mark.parametrize("broken", BROKEN)
def test_one_broken_statement_leaves_what_stands_around_it(broken: str) -> None:
    code = f"local function before() return 1 end\n{broken}\nlocal function after() return 1 end\nfunction last() end\n"
    document = parse(code.encode())
    assert document.errors
    assert {"before", "last"} <= set(functions(document.root))


def edited(tree: Tree, source: bytes, start: int, end: int, new: bytes) -> bytes:
    def point(text: bytes, at: int) -> tuple[int, int]:
        return text.count(b"\n", 0, at), at - text.rfind(b"\n", 0, at) - 1

    after = source[:start] + new + source[end:]
    stop = start + len(new)
    tree.edit(start, end, stop, point(source, start), point(source, end), point(after, stop))
    return after


def test_a_tree_that_follows_the_typing_equals_a_fresh_one() -> None:
    """Every token is deleted and put back; what the scanner remembers must not outlive the edit."""
    source = b"local a = [==[ ]] ]==]\nlocal b = `c {'d' .. `{e}`} f` -- g\n--[[ h ]] f('i', \"j\", 0x1F)\n"
    for found in re.finditer(rb"\[==\[|\]==\]|--(\[\[)?|\w+|[^\w\s]", source):
        document = parse(source)
        without = edited(document.tree, source, found.start(), found.end(), b"")
        broken = parse(without, document.tree)
        assert bool(broken.errors) == bool(parse(without).errors)
        mended = edited(broken.tree, without, found.start(), found.start(), found.group())
        assert str(parse(mended, broken.tree).root) == str(parse(source).root)


def test_the_generated_parser_is_fresh(tmp_path: Path) -> None:
    tool = shutil.which("tree-sitter")
    if tool is None or " 0.26." not in subprocess.run([tool, "--version"], capture_output=True, text=True).stdout:
        pytest.skip("tree-sitter 0.26 is not on the path")
    subprocess.run([GRAMMAR / "generate.sh", tmp_path], check=True, capture_output=True)
    for made in filter(Path.is_file, tmp_path.rglob("*")):
        committed = GRAMMAR / "src" / made.relative_to(tmp_path)
        assert made.read_text() == committed.read_text(), f"run {GRAMMAR / 'generate.sh'}"
