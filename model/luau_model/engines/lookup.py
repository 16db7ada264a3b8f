"""Guessing how an answer goes on that repeats much of its prompt: prompt lookup decoding (A. Saxena, 2023)."""

from __future__ import annotations

from collections.abc import Sequence

GRAM = 3  # tokens by which a place in the prompt is known again
SHORTEST, LONGEST = 4, 31  # tokens that are guessed at once


class Lookup:
    """Where an answer stands in its prompt, and how far ahead to guess: further while the guesses are right."""

    def __init__(self, prompt: Sequence[int]) -> None:
        self._prompt = list(prompt)
        self._places: dict[tuple[int, ...], list[int]] = {}
        for end in range(GRAM, len(prompt)):
            self._places.setdefault(tuple(prompt[end - GRAM : end]), []).append(end)
        self._at = 0  # behind what was repeated last
        self._reach = SHORTEST

    def guess(self, tokens: Sequence[int], most: int) -> list[int]:
        """At most so many tokens that may come after ``tokens``; none where the prompt has nothing like their end.

        Of several places that next behind the last one is taken, since texts are repeated in their order.
        """
        places = self._places.get(tuple(tokens[-GRAM:]), [])
        if not places or most < 1:
            return []
        place = next((place for place in places if place >= self._at), places[-1])
        self._at = place
        return self._prompt[place : place + min(self._reach, most)]

    def learn(self, guessed: int, right: int) -> None:
        """Take note of how many of the guessed tokens were right."""
        self._at += right
        self._reach = min(LONGEST, 2 * self._reach) if right == guessed else SHORTEST
