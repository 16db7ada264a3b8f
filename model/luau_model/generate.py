"""From a request to a checked script: candidates, scored, mended, repaired once, ranked.

Yields events on the way, so that an editor, a terminal and a training log can all show what happens.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from luau_scorers.fixes import apply
from luau_scorers.score import Report, score

from . import prompt
from .clean import clean, essence
from .engines.answer import Answer
from .engines.base import Completion, Done, Engine, State, Token
from .fit import fitted, room
from .known import MODEL_NAME, Knowledge
from .request import Message, Options, Request, Role

StageName = Literal["loading", "thinking", "checking", "repairing"]

# By how much the temperature rises for the next answer when one came out like another, and the most that servers take.
HEAT = 0.2
HOTTEST = 2.0
# Below this composite a script is not inserted unasked: the threshold of the training filter.
GOOD_ENOUGH = 0.75
# At most this many findings go back to the model; more only confuses it.
_REPORTED = 6
_CLIENT_ONLY = ("Players.LocalPlayer", 'GetService("UserInputService")', ".RenderStepped", "BindToRenderStep")


@dataclass(frozen=True, slots=True)
class Stage:
    """What is going on now. ``candidate`` counts from 1; 0 where it does not apply."""

    name: StageName
    candidate: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Text that the model just wrote for a candidate, and how many tokens that makes for it."""

    candidate: int
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Script:
    """A candidate after checking: its text (LF line ends, one final newline) and what the scorers say of it.

    ``unused`` are names, numbers and texts of the request that the script does without, ``strayed`` what it has more
    or less than was asked for, such as "also with a sound". One that is ``cut`` had no end when the model had to stop.
    """

    text: str
    report: Report
    mean_logprob: float | None = None
    unused: tuple[str, ...] = ()
    strayed: tuple[str, ...] = ()
    cut: bool = False

    @property
    def clean(self) -> bool:
        """Whether another candidate could hardly be better."""
        as_asked = not self.unused and not self.strayed
        return as_asked and not self.problems and self.accepted

    @property
    def accepted(self) -> bool:
        """Whether it may be inserted unasked."""
        return not self.cut and self.report.syntax == 1 and self.report.composite >= GOOD_ENOUGH

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong for sure or very likely, with the line, as sentences."""
        source = self.text.encode()
        serious = [finding for finding in self.report.findings if finding.severity in ("error", "warning")]
        lines = [source.count(b"\n", 0, finding.span.start) + 1 for finding in serious]
        return tuple(f"line {line}: {finding.message}" for line, finding in zip(lines, serious, strict=True))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last event.

    ``script`` is what to insert, or None where nothing is good enough: then ``reasons`` are sentences for the
    user, and ``best`` may hold what they can insert anyway. ``alternatives`` are the other candidates, best first.
    ``notes`` tell what the user should know of an accepted script.
    """

    script: Script | None
    best: Script | None = None
    alternatives: tuple[Script, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


Event = Stage | Progress | Outcome


async def generate(engine: Engine, request: Request, options: Options) -> AsyncGenerator[Event, None]:
    """Make a script for the request; the last event is the Outcome.

    Raises EngineError where the engine cannot answer at all.
    """
    if reason := _unusable(request.text):
        yield Outcome(None, reasons=(reason,))
        return
    if engine.state in (State.STOPPED, State.STARTING, State.RESTARTING):
        yield Stage("loading")
    run = _Run(engine, request, options)
    await run.prepare()
    while not run.done:
        async with aclosing(run.write(run.messages, await run.next())) as events:
            async for event in events:
                yield event
    best = run.ranked[0] if run.scripts else None
    if best is not None and best.problems and run.knowledge is None:
        again = prompt.repair(run.messages, best.text, best.problems[:_REPORTED])
        if await room(engine, again) > await engine.count_tokens(best.text):
            yield Stage("repairing", run.answers + 1)
            async with aclosing(run.write(again, 1)) as events:
                async for event in events:
                    yield event
    yield _outcome(request, run.ranked, run.doubt, run.repeats > 0)


class _Run:
    """One request on its way: what was asked of the model, and what came of it."""

    def __init__(self, engine: Engine, request: Request, options: Options) -> None:
        self.engine = engine
        self.options = options
        self.knowledge = Knowledge.load() if engine.name == MODEL_NAME else None
        self.task = self.knowledge.task(prompt.normalize(request.text)) if self.knowledge else None
        self.request = request
        self.messages: tuple[Message, ...] = ()
        self.scripts: list[Script] = []
        self.answers = 0
        self.repeats = 0
        self.doubt: str | None = None

    async def prepare(self) -> None:
        """Make the prompt. Raises EngineError."""
        if self.task:
            self.messages = self.task.messages
        else:
            self.messages = await fitted(self.engine, self.request, self.options.max_tokens)

    @property
    def done(self) -> bool:
        """Whether more candidates would not help: one is clean, or the model does not know what is asked."""
        clean = any(script.clean for script in self.scripts) and not self.options.all_candidates
        return self.answers >= self.tries or clean or self.doubt is not None

    @property
    def tries(self) -> int:
        """How many answers there may be: where several scripts are wanted, some more for those that came twice."""
        wanted = self.options.candidates
        return wanted + min(self.repeats, wanted // 2) if self.options.all_candidates else wanted

    @property
    def ranked(self) -> list[Script]:
        """Best first: clean ones, then those that use what was asked for, by score, by what the model was surer of."""

        def worth(script: Script) -> tuple[bool, int, float, float]:
            off = len(script.unused) + len(script.strayed)
            return script.clean, -off, round(script.report.composite, 2), script.mean_logprob or 0.0

        return sorted(self.scripts, key=worth, reverse=True)

    async def next(self) -> int:
        """How many answers to write next. The first is often good enough, and then no others are wanted."""
        all_wanted = self.options.all_candidates
        if not self.answers and not all_wanted:
            return 1
        return min(await self.engine.at_once(all_wanted=all_wanted), self.tries - self.answers)

    async def write(self, messages: tuple[Message, ...], count: int) -> AsyncGenerator[Event, None]:
        """Stream so many candidates at once, and keep what comes of them."""
        numbers = range(self.answers + 1, self.answers + 1 + count)
        completions = [self._completion(messages, number) for number in numbers]
        answers = [Answer() for _ in numbers]
        self.answers += count
        for number in numbers:
            yield Stage("thinking", number)
        async with aclosing(self.engine.streams(completions)) as events:
            async for place, event in events:
                number, answer = numbers[place], answers[place]
                answer.take(event)
                if isinstance(event, Token):
                    yield Progress(number, event.text, answer.tokens)
                else:
                    yield Stage("checking", number)
                    self._keep(number, answer.text, event)

    def _completion(self, messages: tuple[Message, ...], number: int) -> Completion:
        # the first answer is the model's best guess; the others are drawn, the hotter the more came out the same
        is_guess = number == 1 and not self.options.seed
        is_drawn = number <= self.tries and not is_guess
        temperature = min(self.options.temperature + self.heat, HOTTEST) if is_drawn else 0.0
        seed = self.options.seed + number - 1
        return Completion(messages, self.options.max_tokens, temperature, seed, self._prefix(number))

    @property
    def heat(self) -> float:
        """What the temperature rises by, so that what comes next is not the same again. The embedded model has other
        plans for that, and loses its way when it is hotter.
        """
        return 0.0 if self.task else HEAT * self.repeats

    def _prefix(self, number: int) -> str:
        """How an answer begins. Where another script is wanted, the answers have different plans."""
        if self.task is None:
            return ""
        is_other = self.options.all_candidates or self.options.avoid
        prefixes = self.task.prefixes if is_other else (self.task.prefix,)
        return prefixes[(number - 1 + len(self.options.avoid)) % len(prefixes)]

    def _keep(self, number: int, answer: str, done: Done) -> None:
        unused: tuple[str, ...] = ()
        strayed: tuple[str, ...] = ()
        if self.knowledge and self.task:
            if number == 1 and not self.options.avoid:  # who asks again was answered before
                self.doubt = self.knowledge.doubt(self.task, done.mean_logprob)
            unused = self.knowledge.unused(self.task, answer)
            strayed = self.knowledge.strayed(self.task, answer)
            answer = self.knowledge.script(self.task, answer)
        script = check(answer, done.mean_logprob, unused, strayed, cut=done.finish == "length")
        known = (*self.options.avoid, *(other.text for other in self.scripts))
        if script is not None and essence(script.text) in map(essence, known):
            self.repeats += 1
        elif script is not None:
            self.scripts.append(script)


def _unusable(text: str) -> str | None:
    wanted = prompt.normalize(text)
    if not any(character.isalnum() for character in wanted):
        return "The comment is empty: write what the script should do, then ask again."
    if len(wanted) > prompt.MAX_REQUEST_CHARS:
        return (
            f"The comment has {len(wanted):,} characters and at most {prompt.MAX_REQUEST_CHARS:,} can be read: "
            "say in a few sentences what the script should do."
        )
    return None


def check(
    answer: str,
    mean_logprob: float | None = None,
    unused: tuple[str, ...] = (),
    strayed: tuple[str, ...] = (),
    *,
    cut: bool = False,
) -> Script | None:
    """Score a model's answer after its safe fixes; None where it holds no code."""
    text = clean(answer)
    if text is None:
        return None
    report = score(text)
    mended = apply(text.encode(), report.findings).decode()
    if mended != text:
        text, report = mended, score(mended)
    return Script(text, report, mean_logprob, unused, strayed, cut)


def _outcome(request: Request, ranked: list[Script], doubt: str | None, repeats: bool) -> Outcome:
    if not ranked and repeats:
        return Outcome(None, reasons=("The model has no other script for this comment: say more in it.",))
    if not ranked:
        return Outcome(None, reasons=("The model answered with text instead of a script: say it in other words.",))
    best, others = ranked[0], tuple(ranked[1:])
    if doubt is not None:
        return Outcome(None, best, others, (doubt,))
    if best.cut:
        return Outcome(None, best, others, ("The script has no end within the maximum of tokens: raise `maxTokens`.",))
    if not best.accepted:
        return Outcome(None, best, others, ("No candidate passed the checks.", *best.problems))
    return Outcome(best, None, others, notes=(*_missing(best), *_notes(request.role, best.text)))


def _missing(script: Script) -> tuple[str, ...]:
    if not script.unused:
        return ()
    return (
        f"The script does not use {' and '.join(script.unused)} from the comment: check that it does what you want.",
    )


def _notes(role: Role, text: str) -> tuple[str, ...]:
    if role == "server" and any(mark in text for mark in _CLIENT_ONLY):
        return ("This script is for the client and the file runs on the server: move it to a LocalScript.",)
    if role == "client" and ("DataStoreService" in text or "ServerStorage" in text):
        return ("This script is for the server and the file runs on the client: move it to a server Script.",)
    return ()
