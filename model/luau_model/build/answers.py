"""What a model makes of examples: its distributions, its own scripts, and how it splits the text. The GGUF's side.

    python -m luau_model.build.answers FILE.gguf JOB.json FOLDER

A process of its own, since a broken file can crash llama.cpp.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Question:
    """A ``text`` that asks for a script; of ``ids`` the first ``prompt`` are its tokens, the others the script's."""

    text: str
    ids: list[int]
    prompt: int


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logarithmic probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def save(folder: Path, place: int, logits: NDArray[np.float32], question: Question) -> None:
    """Keep what is predicted of the script: shape (its tokens, vocabulary), log probabilities."""
    np.save(folder / f"{place}.npy", log_softmax(logits[question.prompt - 1 : len(question.ids) - 1]))


def load(folder: Path, place: int) -> NDArray[np.float32]:
    loaded: NDArray[np.float32] = np.load(folder / f"{place}.npy")
    return loaded


def main() -> None:
    """Answer all questions of the job."""
    path, job, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    os.dup2(2, 1)  # the library prints
    settings = json.loads(job.read_text("utf-8"))
    questions = [Question(**question) for question in settings["questions"]]
    llama = _opened(path, max(len(question.ids) for question in questions) + settings["tokens"])
    split, scripts = [], []
    for place, question in enumerate(questions):
        split.append(llama.tokenize(question.text.encode(), add_bos=False, special=True))
        llama.reset()
        llama.eval(question.ids)
        save(folder, place, np.array(llama.scores[: len(question.ids)], np.float32), question)
        scripts.append(_written(llama, question.ids[: question.prompt], settings["tokens"]))
    (folder / "answers.json").write_text(json.dumps({"split": split, "scripts": scripts}), "utf-8")


def _opened(path: str, context: int) -> Any:
    import llama_cpp
    from llama_cpp import llama_cpp as api

    defaults = api.llama_model_default_params

    def plain() -> Any:  # repacked weights cost memory, and crash where the library was compiled with AMX by GCC 12
        params = defaults()
        params.use_extra_bufts = False
        return params

    api.llama_model_default_params = plain
    try:
        return llama_cpp.Llama(path, n_ctx=context, n_batch=512, logits_all=True, verbose=False)
    except (ValueError, AssertionError, MemoryError) as error:
        sys.exit(str(error))


def _written(llama: Any, prompt: Sequence[int], tokens: int) -> str:
    """What the model writes by itself, always taking the likeliest token."""
    if not tokens:
        return ""
    answer: list[int] = []
    llama.reset()
    for token in llama.generate(list(prompt), temp=0.0, reset=True):
        if token == llama.token_eos() or len(answer) == tokens:
            break
        answer.append(token)
    return str(llama.detokenize(answer).decode("utf-8", "replace"))


if __name__ == "__main__":
    main()
