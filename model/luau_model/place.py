"""Making a finished script fit the place where it goes."""

from __future__ import annotations

import re

from .file_context import declared_services

_DECLARATION = re.compile(r"local (\w+) = game:GetService\(\"(\w+)\"\)\n")
_LONG_OPEN = re.compile(r"\[(=*)\[")
_RETURN = re.compile(r"\n+return \w+\n?\Z")


def fit(script: str, above: str, below: str, indent: str, newline: str) -> str:
    """The script as it should stand between two parts of a file.

    Services that the file declares above are not declared again, a mode comment such as ``--!strict`` stays only at
    the top of a file, a module's ``return`` only at its end. Lines are indented by ``indent`` and end in ``newline``;
    the last one ends in it too.
    """
    if above.strip():
        script = re.sub(r"\A(--!\w+[^\n]*\n)+\n*", "", script)
        declared = set(declared_services(above))
        script = _DECLARATION.sub(lambda found: "" if (found[1], found[2]) in declared else found[0], script)
        script = script.lstrip("\n")
    if below.strip():
        script = _RETURN.sub("\n", script)
    return newline.join(_indented(script.rstrip("\n").split("\n"), indent)) + newline


def _indented(lines: list[str], indent: str) -> list[str]:
    """Indent all lines but empty ones and those inside a long string or comment, whose text would change."""
    out: list[str] = []
    closing: str | None = None
    for line in lines:
        out.append(line if closing or not line else indent + line)
        if closing is None:
            found = _LONG_OPEN.search(line)
            closing = f"]{found[1]}]" if found else None
            line = line[found.end() :] if found else line
        if closing is not None and closing in line:
            closing = None
    return out
