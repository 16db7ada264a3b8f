"""Which name was probably meant by one that does not exist."""

from __future__ import annotations

from collections.abc import Iterable

from .finding import Edit, Fix, Span


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that a name is a slip of; None where there is none, or where two are equally near.

    Another use of capitals counts as nothing; in a name of less than eight letters one wrong letter is the most that a
    slip can be.
    """
    limit = min(2, len(name) // 4)
    best: list[str] = []
    for candidate in candidates:
        if abs(len(candidate) - len(name)) > limit:
            continue
        distance = _distance(name.lower(), candidate.lower(), limit)
        if distance < limit:
            limit, best = distance, [candidate]
        elif distance == limit:
            best.append(candidate)
    return best[0] if len(best) == 1 else None


def advice(meant: str | None) -> str:
    """What is added to a message where a name was probably meant."""
    return f": did you mean `{meant}`?" if meant else ""


def correction(span: Span, meant: str | None, *, safe: bool = True) -> Fix | None:
    """Write the name that was probably meant, if there is one."""
    return Fix(f"Write {meant}", (Edit(span, meant),), safe) if meant else None


def _distance(one: str, other: str, limit: int) -> int:
    """How many letters must be added, dropped, changed or swapped with the next; beyond the limit, just more than it.

    This is the optimal string alignment distance.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        next_row = [i]
        for j, against in enumerate(other, 1):
            cost = min(row[j] + 1, next_row[j - 1] + 1, row[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            next_row.append(cost)
        if min(next_row) > limit:
            return limit + 1
        before, row = row, next_row
    return row[-1]
