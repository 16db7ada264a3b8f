"""Mends as a model is asked for them: a part of a script with a mistake that is often made, and the part without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import llama_cpp
from luau_model.engines.lookup import LONGEST, Lookup
from luau_model.known import MODEL
from luau_training.tasks import load_all

AROUND = 10  # lines before and behind the mistake that are written anew with it


@dataclass(frozen=True)
class Mend:
    """A prompt and its answer, in tokens of the built-in model."""

    prompt: Sequence[int]
    answer: Sequence[int]

    def steps(self) -> Iterator[int]:
        """How many tokens each step of the model reads, where what comes next is guessed from the prompt."""
        lookup = Lookup(self.prompt)
        written = 1  # the first follows from the prompt
        while written < len(self.answer):
            guess = lookup.guess([*self.prompt, *self.answer[:written]], LONGEST)
            follows = self.answer[written : written + len(guess)]
            wrong = (place for place, (one, other) in enumerate(zip(guess, follows, strict=False)) if one != other)
            right = next(wrong, len(follows))
            if guess:
                lookup.learn(len(guess), right)
            written += right + 1
            yield 1 + len(guess)


def mends() -> list[Mend]:
    """Of every wrong variant of the gold tasks."""
    vocabulary = llama_cpp.Llama(str(MODEL), vocab_only=True, verbose=False)

    def tokens(text: str) -> list[int]:
        return list(vocabulary.tokenize(text.encode(), add_bos=False))

    found = []
    for task in load_all():
        for wrong in task.wrong:
            for name, script in wrong.scripts.items():
                if script != task.scripts[name]:
                    before, after = _parts(script.splitlines(True), task.scripts[name].splitlines(True))
                    asked = f"This part of a Roblox script has a problem: {wrong.why}\n\n```luau\n{before}```\n"
                    found.append(Mend(tokens(asked), tokens(f"```luau\n{after}```")))
    return found


def _parts(wrong: Sequence[str], right: Sequence[str]) -> tuple[str, str]:
    changes = [code for code in SequenceMatcher(None, wrong, right, False).get_opcodes() if code[0] != "equal"]
    first, last = changes[0], changes[-1]
    before = min(AROUND, first[1])
    return (
        "".join(wrong[first[1] - before : last[2] + AROUND]),
        "".join(right[first[3] - before : last[4] + AROUND]),
    )
