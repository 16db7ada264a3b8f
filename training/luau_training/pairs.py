"""Pairs of a request and its script as token ids; the loss is on the script alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from luau_model.request import Message

from .data.rows import read_rows
from .options import StageError
from .problems import Problem, messages_for

Pair = dict[str, list[int]]
IGNORED = -100  # the label of a token without loss


def chat(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Messages as chat templates take them."""
    return [{"role": message.role, "content": message.content} for message in messages]


def encode(tokenizer: Any, messages: Sequence[Message], script: str) -> Pair:
    """``input_ids`` of the prompt and the script, and ``labels``: IGNORED over the prompt."""
    asked = chat(messages)
    prompt = tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=True, return_dict=False)
    answered = [*asked, {"role": "assistant", "content": script}]
    whole = tokenizer.apply_chat_template(answered, tokenize=True, return_dict=False)
    if whole[: len(prompt)] != prompt:
        raise StageError("The chat template writes a prompt in another way once it is answered: choose another --base.")
    return {"input_ids": whole, "labels": [IGNORED] * len(prompt) + whole[len(prompt) :]}


def encoded_rows(tokenizer: Any, files: Sequence[str], max_length: int) -> Iterator[Pair]:
    """The pairs of the files that fit. A script that is cut would teach to have no end."""
    for row in read_rows([Path(file) for file in files]):
        if row.request:
            pair = encode(tokenizer, messages_for(row.request, row.side), row.script)
            if len(pair["input_ids"]) <= max_length:
                yield pair


def encoded_problems(tokenizer: Any, problems: Sequence[Problem], max_length: int) -> Iterator[Pair]:
    """The problems with their references, as pairs."""
    for problem in problems:
        if problem.reference:
            pair = encode(tokenizer, problem.messages, problem.reference)
            if len(pair["input_ids"]) <= max_length:
                yield pair


def dataset_of(pairs: Callable[..., Iterator[Pair]], cache: Path, what: str, **given: Any) -> Any:
    """An Arrow dataset on disk. Raises StageError where it is empty."""
    from datasets import Dataset, Features, List, Value

    columns = Features({name: List(Value("int32")) for name in ("input_ids", "labels")})
    if next(iter(pairs(**given)), None) is None:
        raise StageError(
            f"{what} is empty: no row has a request and fits into --max-length. Label the scripts, or raise it."
        )
    return Dataset.from_generator(pairs, features=columns, cache_dir=str(cache), gen_kwargs=given)


def check_files(files: Sequence[str]) -> None:
    """Raises StageError where a file of rows is missing."""
    if not files:
        raise StageError("Say what to train on: --train is missing.")
    for file in files:
        if not Path(file).is_file():
            raise StageError(f"There is no file {file}: check --train and --validation.")
