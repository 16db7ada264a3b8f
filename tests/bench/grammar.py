"""How the grammar does on real code, with the official compiler as the judge.

    python tests/bench/grammar.py FOLDER [--deletions 1000] [--seed 1]

Prints, of the files that the compiler accepts, how many the grammar refuses; of so many single tokens deleted from
them after which the compiler refuses the file, how many leave an error in the tree and how many more the rules report;
and how long parsing takes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from luau_scorers.engine import analyse
from luau_scorers.syntax_tree import parse
from luau_scorers.tokens import tokenize
from luau_training.compiler import errors

BATCH = 50


def sources(folder: Path) -> dict[str, Path]:
    """Each text once, as the compiler takes it: without a mark or a shebang line."""
    found: dict[str, Path] = {}
    for path in sorted([*folder.rglob("*.luau"), *folder.rglob("*.lua")]):
        if not path.is_file():
            continue
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        found.setdefault("--" + text if text.startswith("#!") else text, path)
    return found


def accepts(texts: Sequence[str]) -> list[bool | None]:
    """Whether the compiler accepts each text; None where it fails to judge."""
    try:
        return [not message for message in errors(texts)]
    except RuntimeError:
        if len(texts) == 1:
            return [None]
        return accepts(texts[: len(texts) // 2]) + accepts(texts[len(texts) // 2 :])


def batched(texts: Sequence[str]) -> Iterator[tuple[str, bool | None]]:
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        yield from zip(batch, accepts(batch), strict=True)


def broken(text: str) -> bool:
    return bool(parse(text.encode()).errors)


def reported(text: str) -> bool:
    return any(finding.severity == "error" for finding in analyse(text.encode()))


def without_a_token(text: str, choice: random.Random) -> str:
    source = text.encode()
    token = choice.choice(tokenize(source))
    return (source[: token.start] + source[token.end :]).decode()


def deletions(texts: Sequence[str], wanted: int, choice: random.Random) -> list[str]:
    """So many texts without one of their tokens that the compiler refuses."""
    refused: list[str] = []
    texts = [text for text in texts if tokenize(text.encode())]
    while len(refused) < wanted:
        tried = [without_a_token(choice.choice(texts), choice) for _ in range(BATCH)]
        refused += [text for text, accepted in zip(tried, accepts(tried), strict=True) if accepted is False]
    return refused[:wanted]


def milliseconds(text: str) -> float:
    source = text.encode()
    started = time.perf_counter()
    parse(source)
    return (time.perf_counter() - started) * 1000


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--deletions", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    found = sources(chosen.folder)
    accepted = [text for text, verdict in batched(list(found)) if verdict]
    wrong = [text for text in accepted if broken(text)]
    print(f"{len(found)} files, of which the compiler accepts {len(accepted)}")
    print(f"false errors: {len(wrong)} files = {len(wrong) / len(accepted):.2%}", *(found[text] for text in wrong))
    if chosen.deletions:
        refused = deletions(accepted, chosen.deletions, random.Random(chosen.seed))
        in_tree = sum(map(broken, refused))
        by_all = sum(broken(text) or reported(text) for text in refused)
        print(f"deletions that the compiler refuses: {len(refused)}, in the tree {in_tree}, with the rules {by_all}")
    times = [milliseconds(text) for text in accepted]
    lines = sum(text.count("\n") + 1 for text in accepted)
    print(f"parse: median {statistics.median(times):.2f} ms a file, {sum(times) / lines * 1000:.2f} ms per 1,000 lines")


if __name__ == "__main__":
    main()
