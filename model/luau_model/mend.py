"""Mending a problem that no rule has a fix for: the model writes the part of the file anew, and is checked on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass

from luau_scorers.finding import Finding, Span
from luau_scorers.score import score
from luau_scorers.syntax_tree import Document
from tree_sitter import Node

from . import prompt
from .clean import clean
from .engines.answer import Answer
from .engines.base import Completion, Engine, State
from .generate import Event, Outcome, Progress, Script, Stage
from .known import MODEL_NAME
from .request import Message, Options

# More than a model on a laptop writes in a minute.
_MOST_BYTES = 6_000
_ONLY_WRITES = "The built-in model writes new scripts and can't mend one: choose a bigger model for that."


@dataclass(frozen=True, slots=True)
class Part:
    """What is written anew: the statement around the problem."""

    span: Span
    text: str


async def mend(
    engine: Engine,
    document: Document,
    finding: Finding,
    part: Part,
    find: Callable[[bytes], Iterable[Finding]],
    options: Options,
) -> AsyncGenerator[Event, None]:
    """Write ``part`` again without the finding; the last event is the Outcome, whose script is the new part.

    ``find`` is what judges a whole file. A result is taken only if the finding is gone from it and nothing new is
    there. Raises EngineError where the engine cannot answer at all.
    """
    if engine.name == MODEL_NAME:
        yield Outcome(None, reasons=(_ONLY_WRITES,))
        return
    if engine.state in (State.STOPPED, State.STARTING, State.RESTARTING):
        yield Stage("loading")
    allowed = Counter(map(_kind, find(document.source)))
    allowed[_kind(finding)] -= 1
    messages = _messages(document, finding, part)
    for number in range(1, options.candidates + 1):
        yield Stage("repairing", number)
        temperature = options.temperature if number > 1 else 0.0
        seed = options.seed + number - 1
        completion = Completion(messages, options.max_tokens, temperature, seed, constrained=False, repeats=True)
        answer = Answer()
        async with aclosing(answer.read(engine, completion)) as pieces:
            async for text in pieces:
                yield Progress(number, text, answer.tokens)
        yield Stage("checking", number)
        script = _checked(document, part, answer.text, find, allowed)
        if script is not None and answer.done is not None and answer.done.finish == "stop":
            yield Outcome(script)
            return
    yield Outcome(None, reasons=("The model found no way to mend this without making something else worse.",))


def part_around(document: Document, finding: Finding) -> Part | None:
    """The largest statement around a finding that is short enough to be written anew; None where there is none."""
    node: Node | None = document.root.descendant_for_byte_range(finding.span.start, finding.span.end)
    found = None
    while node is not None and node.parent is not None and node.end_byte - node.start_byte <= _MOST_BYTES:
        if node.parent.type in ("chunk", "block"):
            found = node
        node = node.parent
    return Part(Span(found.start_byte, found.end_byte), document.text(found)) if found is not None else None


def _messages(document: Document, finding: Finding, part: Part) -> tuple[Message, ...]:
    line = document.source.count(b"\n", part.span.start, finding.span.start) + 1
    asked = (
        f"This part of a Roblox script has a problem on its line {line}: {finding.message}\n\n"
        f"```luau\n{part.text}\n```\n\nWrite this part again without the problem and change nothing else."
    )
    return (Message("system", prompt.SYSTEM), Message("user", asked))


def _checked(
    document: Document, part: Part, answer: str, find: Callable[[bytes], Iterable[Finding]], allowed: Counter[str]
) -> Script | None:
    text = clean(answer)
    if text is None or text.strip() == part.text.strip():
        return None
    new = text.strip("\n")
    source = document.source[: part.span.start] + new.encode() + document.source[part.span.end :]
    after = Counter(map(_kind, find(source)))
    return Script(new, score(source.decode("utf-8", "replace"))) if after <= allowed else None


def _kind(finding: Finding) -> str:
    return f"{finding.rule}: {finding.message}"
