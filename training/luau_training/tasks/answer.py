"""Answers of several scripts as one text, which is what a model writes: each begins with a comment, its file's name."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEAD = re.compile(r"^--+ *(?:file: *)?([\w./ -]*?\w+(?:\.server|\.client)?\.luau?) *(?:--+)?$", re.MULTILINE)


def as_text(scripts: Mapping[str, str]) -> str:
    """One script as it is; several one after the other, each below ``-- Name.luau``."""
    if len(scripts) == 1:
        return next(iter(scripts.values()))
    return "\n".join(f"-- {name}\n{source}" for name, source in scripts.items())


def as_scripts(text: str) -> dict[str, str]:
    """The scripts in a text by their names; a text without names is the script ``answer.luau``."""
    heads = list(_HEAD.finditer(text))
    if not heads:
        return {"answer.luau": text}
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return {
        head[1].split("/")[-1]: text[head.end() : end].strip("\n") + "\n" for head, end in zip(heads, ends, strict=True)
    }
