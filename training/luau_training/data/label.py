"""Reverse labelling: a model reads each script and writes the request that it answers."""

from __future__ import annotations

import asyncio
import itertools
import re
from dataclasses import replace
from pathlib import Path

from luau_model.prompt import MAX_REQUEST_CHARS, normalize

from ..answers import Answers, Question
from ..options import Label
from ..run_folder import manifest, open_run
from .rows import PartWriter, Row, input_hashes, part_files, read_rows

SYSTEM = (
    "You read a Luau script for Roblox and write the request that a developer would make to get this very script. "
    "One to three sentences, in the imperative. Say what it does in the game, with the names, numbers and keys that "
    "matter; do not describe the code, and write no code."
)
_ANSWER_TOKENS = 160
_LEAST_WORDS, _MOST_CHARACTERS = 4, 700
_BATCH = 64
_LEAD = re.compile(r"^(?:request|task|description|prompt)\s*:\s*", re.IGNORECASE)
_CODE = re.compile(r"```|\blocal \w+ *=|\bfunction\b.*\(|^\s*--|\bend\)", re.MULTILINE)
_REFUSAL = re.compile(r"^(?:i'm sorry|sorry|i can(?:no|')t|as an ai|i am unable)", re.IGNORECASE)
_ABOUT_IT = re.compile(r"^(?:this|the) (?:luau )?(?:script|code)\b", re.IGNORECASE)


def label(options: Label) -> None:
    """Write the input's rows with a request each; ``aside-*.jsonl`` holds those that no usable answer came for."""
    manifest(options.input)
    run = open_run("label", options)
    asyncio.run(_label(options, run.path, paths := part_files(options.input)))
    writer = PartWriter(run.path)
    run.finish(input_hashes(paths), writer.figures())


async def _label(options: Label, out: Path, paths: list[Path]) -> None:
    limit = options.limit or None
    writer = PartWriter(out)
    async with Answers(options) as answers:
        questions = (_question(row, 0) for row in itertools.islice(read_rows(paths), writer.read, limit))
        sizes = [question.input_tokens for question in questions]
        said = answers.check_price(sum(sizes), len(sizes) * _ANSWER_TOKENS)
        print(f"{len(sizes):,} scripts to label: {said}", flush=True)
        rows = itertools.islice(read_rows(paths), writer.read, limit)
        try:
            while batch := list(itertools.islice(rows, _BATCH)):
                # all come to their end before an error is told, so that what was paid for is in the cache
                found = await asyncio.gather(
                    *(_described(answers, row, options.attempts) for row in batch), return_exceptions=True
                )
                for row, described in zip(batch, found, strict=True):
                    if isinstance(described, BaseException):
                        raise described
                    request, why = described
                    aside = {"id": row.id, "path": row.path, "why": why, "answer": request} if why else None
                    writer.done(None if why else replace(row, request=request), why, aside=aside)
        finally:
            writer.counts.update({name: round(n) for name, n in answers.figures().items() if name != "dollars"})
            writer.commit()


async def _described(answers: Answers, row: Row, attempts: int) -> tuple[str, str]:
    """The request, and why it can't be used, if so."""
    for attempt in range(attempts):
        request = cleaned(await answers.ask(_question(row, attempt)))
        why = unusable(request)
        if not why:
            break
    return request, why


def _question(row: Row, attempt: int) -> Question:
    return Question(SYSTEM, row.script, 0.0 if attempt == 0 else 0.7, _ANSWER_TOKENS, attempt)


def cleaned(answer: str) -> str:
    """The answer without what models like to put around it."""
    return normalize(_LEAD.sub("", answer.strip().strip("\"'“”"))) if not _CODE.search(answer) else answer.strip()


def unusable(request: str) -> str:
    """Why an answer is no request; "" where it is one."""
    if not request:
        return "empty answer"
    if _CODE.search(request):
        return "answered with code"
    if _REFUSAL.match(request):
        return "refused"
    if _ABOUT_IT.match(request):
        return "described the code"
    if len(request.split()) < _LEAST_WORDS:
        return "too short"
    if len(request) > min(_MOST_CHARACTERS, MAX_REQUEST_CHARS):
        return "too long"
    return ""
