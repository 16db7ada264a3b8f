"""Answers of any model to problems: a GGUF file, a server, or a folder of weights."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from luau_model.engines.answer import Answer as Reading
from luau_model.engines.base import Completion, Engine, EngineError
from luau_model.known import MODEL_NAME, Knowledge
from luau_model.prompt import normalize

from .options import Sampling, StageError, Tuning
from .problems import Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """A raw answer. ``seconds`` is 0 where several were written at once and it can't be told."""

    text: str
    tokens: int
    seconds: float


def draw(model: str, problems: Sequence[Problem], count: int, options: Sampling, seed: int) -> list[list[Answer]]:
    """``count`` answers to each problem; a single one is the likeliest. Raises StageError where the model can't."""
    if count == 1:
        options = replace(options, temperature=0.0)
    if Path(model).is_dir():
        return _from_folder(model, problems, count, options, seed)
    try:
        return asyncio.run(_from_engine(model, problems, count, options, seed))
    except EngineError as error:
        raise StageError(str(error)) from None


def _engine(model: str, options: Sampling) -> Engine:
    if model.startswith(("http://", "https://")):
        from luau_model.engines.http import HttpEngine

        address, _, name = model.partition("#")
        if not name:
            raise StageError(f"{model} names no model: write ADDRESS#NAME, such as http://127.0.0.1:8000/v1#sft.")
        return HttpEngine(address, name, api_key=os.environ.get(options.server_key, ""))
    if model.endswith(".gguf"):
        from luau_model.engines.embedded import EmbeddedEngine

        return EmbeddedEngine(Path(model))
    raise StageError(f"{model} is no model: give a GGUF file, a folder of weights, or ADDRESS#NAME of a server.")


async def _from_engine(
    model: str, problems: Sequence[Problem], count: int, options: Sampling, seed: int
) -> list[list[Answer]]:
    engine = _engine(model, options)
    free = asyncio.Semaphore(options.in_flight)

    async def one(problem: Problem, number: int) -> Answer:
        async with free:
            return await _answer(engine, problem, options, seed + number)

    try:
        return [
            list(row)
            for row in await asyncio.gather(
                *(asyncio.gather(*(one(problem, number) for number in range(count))) for problem in problems)
            )
        ]
    finally:
        await engine.close()


async def _answer(engine: Engine, problem: Problem, options: Sampling, seed: int) -> Answer:
    """One answer. The built-in model gets its own prompt and its plan, as in serving."""
    knowledge = Knowledge.load() if engine.name == MODEL_NAME else None
    task = knowledge.task(normalize(problem.request)) if knowledge else None
    wanted = Completion(
        task.messages if task else problem.messages,
        options.answer_tokens,
        options.temperature,
        seed,
        task.prefix if task else "",
        options.top_p,
    )
    started, reading = time.perf_counter(), Reading()
    async with aclosing(reading.read(engine, wanted)) as pieces:
        async for _ in pieces:
            pass
    text = knowledge.script(task, reading.text) if knowledge and task else reading.text
    if reading.done is None:
        return Answer(text, 0, time.perf_counter() - started)
    return Answer(text, reading.done.answer_tokens, reading.done.answer_seconds)


def _from_folder(
    folder: str, problems: Sequence[Problem], count: int, options: Sampling, seed: int
) -> list[list[Answer]]:
    from transformers import set_seed

    from .sampling import answers_of

    model, tokenizer = load_folder(folder)
    set_seed(seed)
    prompts = [problem.messages for problem in problems for _ in range(count)]
    started = time.perf_counter()
    texts = answers_of(
        model, tokenizer, prompts, options.answer_tokens, temperature=options.temperature, top_p=options.top_p
    )
    each = (time.perf_counter() - started) / max(1, len(texts))
    answers = [Answer(text, len(tokenizer(text, add_special_tokens=False)["input_ids"]), each) for text in texts]
    return [answers[start : start + count] for start in range(0, len(answers), count)]


def load_folder(folder: str) -> tuple[Any, Any]:
    """The model and its tokenizer: weights as they are, or an adapter on its 4-bit base as it was trained."""
    import json

    from peft import PeftModel

    from .base_model import load_base, load_tokenizer

    adapter = Path(folder) / "adapter_config.json"
    if not adapter.is_file():
        return load_base(Tuning(base=folder, quantized=False)), load_tokenizer(folder)
    base = json.loads(adapter.read_text("utf-8"))["base_model_name_or_path"]
    model = PeftModel.from_pretrained(load_base(Tuning(base=base)), folder)
    return model, load_tokenizer(base)
