"""Reads the declarations of a TypeScript ``.d.ts`` file, as far as tables of an API need them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`|=>|[{}()\[\]<>;]', re.DOTALL)
_BLOCK = re.compile(r"(?:(?:export|declare)\s+)*(interface|namespace)\s+(\w+)")
_CONST = re.compile(r"(?:(?:export|declare)\s+)*(?:const|let|var)\s+(\w+)\s*:(.*)", re.DOTALL)
_FUNCTION = re.compile(r"(?:(?:export|declare)\s+)*function\s+(\w+)(.*)", re.DOTALL)
_ALIAS = re.compile(r"(?:(?:export|declare)\s+)*type\s+(\w+)\s*=(.*)", re.DOTALL)
_FIELD = re.compile(r"(readonly\s+)?(\w+)\??\s*:(.*)", re.DOTALL)
_METHOD = re.compile(r"(\w+)\s*(?=[(<])(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration or a member.

    ``kind`` is interface, namespace, const, function or alias, and for a member field or method; a constructor is the
    method ``new``. ``text`` is what the braces hold, the type, or the signature.
    """

    kind: str
    name: str
    text: str
    doc: str
    read_only: bool = False
    extends: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """``parameters`` are names, with ``?`` or ``...`` where TypeScript writes them, and types."""

    parameters: tuple[tuple[str, str], ...]
    result: str


def declarations(text: str) -> Iterator[Declaration]:
    """What a file or a namespace declares."""
    for doc, statement in _statements(text):
        if block := _BLOCK.match(statement):
            rest = _without_type_parameters(statement[block.end() :])
            head, _, body = split_at(rest, "{")
            yield Declaration(block[1], block[2], body.removesuffix("}"), doc, extends=head.removeprefix("extends "))
        elif const := _CONST.match(statement):
            yield Declaration("const", const[1], const[2].strip(), doc)
        elif function := _FUNCTION.match(statement):
            yield Declaration("function", function[1], function[2].strip(), doc)
        elif alias := _ALIAS.match(statement):
            yield Declaration("alias", alias[1], alias[2].strip(), doc)


def members(text: str) -> Iterator[Declaration]:
    """What an interface has; index signatures are left out."""
    for doc, statement in _statements(text):
        if field := _FIELD.match(statement):
            yield Declaration("field", field[2], field[3].strip(), doc, read_only=field[1] is not None)
        elif method := _METHOD.match(statement):
            yield Declaration("method", method[1], method[2].strip(), doc)


def signature(text: str) -> Signature:
    """Read ``<T>(name: Type, other?: Type): Result``, or the same with ``=>`` before the result."""
    text = _without_type_parameters(text)
    end = _end_of_brackets(text)
    parameters = []
    for part in split(text[1 : end - 1], ","):
        name, _, kind = split_at(part, ":")
        parameters.append((name.strip(), kind.strip()))
    return Signature(tuple(parameters), text[end:].strip().removeprefix("=>").removeprefix(":").strip())


def split(text: str, separator: str) -> list[str]:
    """The parts between separators that stand outside of all brackets; empty ones are left out."""
    parts = []
    while text:
        part, _, text = split_at(text, separator)
        if part.strip():
            parts.append(part.strip())
    return parts


def split_at(text: str, separator: str) -> tuple[str, str, str]:
    """``str.partition`` that looks outside of brackets and strings only."""
    depth = 0
    for found in re.finditer(_TOKEN.pattern + "|" + re.escape(separator), text, re.DOTALL):
        token = found[0]
        if token == separator and depth == 0:
            return text[: found.start()], token, text[found.end() :]
        depth += _step(token)
    return text, "", ""


def _statements(text: str) -> Iterator[tuple[str, str]]:
    """Each statement with the comment before it."""
    depth, start, doc = 0, 0, ""
    for found in _TOKEN.finditer(text):
        token = found[0]
        comment = token.startswith(("/*", "//"))
        if comment and depth == 0 and not text[start : found.start()].strip():
            doc, start = (token if token.startswith("/**") else doc), found.end()
        if comment:
            continue
        depth += _step(token)
        block = token == "}" and _BLOCK.match(text[start : found.end()].lstrip())
        if depth == 0 and (token == ";" or block):
            yield doc, text[start : found.end()].strip().removesuffix(";")
            start, doc = found.end(), ""


def _step(token: str) -> int:
    return 1 if token in ("{", "(", "[", "<") else -1 if token in ("}", ")", "]", ">") else 0


def _without_type_parameters(text: str) -> str:
    text = text.lstrip()
    return text[_end_of_brackets(text) :].lstrip() if text.startswith("<") else text


def _end_of_brackets(text: str) -> int:
    depth = 0
    for found in _TOKEN.finditer(text):
        depth += _step(found[0])
        if depth == 0:
            return found.end()
    raise ValueError(f"brackets that nothing closes: {text[:60]!r}")
