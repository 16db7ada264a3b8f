"""How well syntax errors are found and placed: one token is deleted from real files, and Luau's own compiler judges.

    python tests/bench/syntax.py FOLDER [--files 60] [--mutants 10]

Prints false errors in the files as they are, the share of rejected mutants that are reported, how often the first
error is within one line of the compiler's, and for deleted ``end``s how often it is within one line of the deletion
(the compiler's own figure beside it). The choice of files and tokens is the same in each run.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from luau_scorers.engine import analyse
from luau_scorers.rule import all_rules
from luau_scorers.tokens import Token, tokenize
from luau_training.compiler import errors

LARGEST = 40_000
SYNTAX = {rule.code for rule in all_rules() if rule.group == "syntax"}
_LINE = re.compile(r":(\d+): ")


@dataclass(frozen=True)
class Mutant:
    """A file without one of its tokens."""

    path: Path
    source: str
    deleted: bytes
    line: int
    any_token: bool  # chosen among all tokens, not among the ``end``s


def verdicts(sources: Sequence[str]) -> list[str | None]:
    """The compiler's message for each source, "" where it accepts it, None where it fails to judge."""
    try:
        return list(errors(sources))
    except RuntimeError:
        if len(sources) == 1:
            return [None]
        middle = len(sources) // 2
        return verdicts(sources[:middle]) + verdicts(sources[middle:])


def first_line(source: str) -> int | None:
    """The line of the first syntax error that we report."""
    text = source.encode()
    found = [finding for finding in analyse(text) if finding.rule in SYNTAX and finding.severity == "error"]
    return text.count(b"\n", 0, found[0].span.start) + 1 if found else None


def mutants(path: Path, source: str, count: int, choice: random.Random) -> Iterator[Mutant]:
    text = source.encode()
    tokens = tokenize(text)
    ends = [token for token in tokens if token.text == b"end"]
    some: list[Token] = choice.sample(tokens, min(count, len(tokens)))
    for number, token in enumerate(some + choice.sample(ends, min(2, len(ends)))):
        left = (text[: token.start] + text[token.end :]).decode()
        yield Mutant(path, left, token.text, text.count(b"\n", 0, token.start) + 1, number < len(some))


def sources(folder: Path, count: int, choice: random.Random) -> list[tuple[Path, str]]:
    """So many files of the folder that the compiler accepts."""
    paths = sorted(path for end in ("luau", "lua") for path in folder.rglob(f"*.{end}") if path.is_file())
    choice.shuffle(paths)
    read = []
    for path in paths[:count]:
        text = path.read_bytes()
        if len(text) <= LARGEST:
            try:
                read.append((path, text.decode()))
            except UnicodeDecodeError:
                continue
    judged = verdicts([source for _, source in read])
    return [pair for pair, message in zip(read, judged, strict=True) if message == ""]


def share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {part / whole:.1%}" if whole else "none"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--files", type=int, default=60)
    options.add_argument("--mutants", type=int, default=10, help="per file, besides two deleted ends")
    options.add_argument("--verbose", action="store_true", help="print each miss")
    chosen = options.parse_args()
    choice = random.Random(3)
    files = sources(chosen.folder, chosen.files, choice)
    wrong = [path for path, source in files if first_line(source) is not None]
    print(f"false errors: {share(len(wrong), len(files))} files", *wrong[:5])
    made = [mutant for path, source in files for mutant in mutants(path, source, chosen.mutants, choice)]
    report(made, verdicts([mutant.source for mutant in made]), chosen.verbose)


def report(made: list[Mutant], messages: list[str | None], verbose: bool) -> None:
    rejected = accepted_by_both = accepted = reported = near = judged = ends = our_ends = luau_ends = 0
    for mutant, message in zip(made, messages, strict=True):
        if message is None:
            continue
        ours = first_line(mutant.source)
        if not message:
            accepted += 1
            accepted_by_both += ours is None
            if verbose and ours is not None:
                print(f"FALSE {mutant.path}:{ours} without {mutant.deleted!r} of line {mutant.line}")
            continue
        line = _LINE.search(message)
        luau = int(line[1]) if line else 0
        rejected += 1
        reported += ours is not None
        close = ours is not None and abs(ours - luau) <= 1
        near += close and mutant.any_token
        judged += mutant.any_token
        if mutant.deleted == b"end":
            ends += 1
            luau_ends += abs(luau - mutant.line) <= 1
            our_ends += ours is not None and abs(ours - mutant.line) <= 1
            close = ours is not None and abs(ours - mutant.line) <= 1
        if verbose and not close:
            print(f"{mutant.path}: without {mutant.deleted!r} of line {mutant.line}: {ours}, Luau {message}")
    print(f"accepted mutants without a finding: {share(accepted_by_both, accepted)}")
    print(f"rejected mutants reported: {share(reported, rejected)}")
    print(f"first error within a line of the compiler's: {share(near, judged)}")
    print(f"deleted end, within a line of it: {share(our_ends, ends)}; the compiler {share(luau_ends, ends)}")


if __name__ == "__main__":
    main()
