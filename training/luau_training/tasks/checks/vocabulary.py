"""The words that checks are written in: points in the scripts, conditions that hold there, and checks made of both.

``every(call("GetAsync"), under_pcall)`` reads: there is a call of GetAsync, and each is under pcall. Names may be
alternatives, ``"Heartbeat|PreSimulation"``. Points join with ``|``, conditions and checks with ``|`` and ``&``, and
``~`` denies a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .program import Program
from .script import Place

Keys = frozenset[tuple[str, int, int, str]]


@dataclass(frozen=True)
class Condition:
    """Something that is so at a place, or not."""

    says: str
    holds: Callable[[Program, Place], bool]

    def __and__(self, other: Condition) -> Condition:
        return Condition(f"{self.says} and {other.says}", lambda *at: self.holds(*at) and other.holds(*at))

    def __or__(self, other: Condition) -> Condition:
        return Condition(f"{self.says} or {other.says}", lambda *at: self.holds(*at) or other.holds(*at))

    def __invert__(self) -> Condition:
        return Condition(f"not {self.says}", lambda *at: not self.holds(*at))


@dataclass(frozen=True)
class Points:
    """Places of one kind."""

    says: str
    find: Callable[[Program], Iterator[Place]]

    def __or__(self, other: Points) -> Points:
        def find(program: Program) -> Iterator[Place]:
            yield from self.find(program)
            yield from other.find(program)

        return Points(f"{self.says} or {other.says}", find)

    def where(self, *conditions: Condition) -> Points:
        """Those of them at which all conditions hold."""

        def find(program: Program) -> Iterator[Place]:
            for place in self.find(program):
                if all(condition.holds(program, place) for condition in conditions):
                    yield place

        return Points(" ".join([self.says, *(c.says for c in conditions)]), find)

    def keys(self, program: Program) -> Keys:
        return frozenset(place.key for place in self.find(program))


@dataclass(frozen=True)
class Check:
    """What an answer must show. ``fault`` is "" where it does, or says what is missing."""

    fault: Callable[[Program], str]

    def __and__(self, other: Check) -> Check:
        return Check(lambda program: self.fault(program) or other.fault(program))

    def __or__(self, other: Check) -> Check:
        def fault(program: Program) -> str:
            first, second = self.fault(program), other.fault(program)
            return f"{first}, and {second}" if first and second else ""

        return Check(fault)


def some(points: Points, *conditions: Condition) -> Check:
    """There is such a point at which all conditions hold."""
    wanted = points.where(*conditions)
    return Check(lambda program: "" if any(wanted.find(program)) else f"there is no {wanted.says}")


def every(points: Points, *conditions: Condition) -> Check:
    """There are such points, and the conditions hold at each."""

    def fault(program: Program) -> str:
        places = list(points.find(program))
        for place in places:
            for condition in conditions:
                if not condition.holds(program, place):
                    return f"{place.script.name}, line {place.line}: the {points.says} is not {condition.says}"
        return "" if places else f"there is no {points.says}"

    return Check(fault)


def no(points: Points, *conditions: Condition) -> Check:
    """There is no such point at which all conditions hold."""
    unwanted = points.where(*conditions)

    def fault(program: Program) -> str:
        place = next(unwanted.find(program), None)
        return f"{place.script.name}, line {place.line}: there is a {unwanted.says}" if place else ""

    return Check(fault)
