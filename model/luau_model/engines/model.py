"""The worker's model: from a conversation to an answer, piece by piece."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import numpy as np
import numpy.typing as npt

from .characters import Characters
from .constraint import Constraint
from .context import Context
from .lifeline import Message
from .prefixes import Prefixes
from .sampling import Ids, Sampler, Scores

_UNKNOWN, _UNUSED, _CONTROL = 1, 2, 8  # llama.cpp's token attributes
_PIECE_BYTES = 256
LEAST_ANSWER = 16  # tokens; with less room there is no use in beginning
# Seconds between messages. A small model's token takes less than two, and a message costs a tenth of one.
PAUSE = 0.02


class Refused(Exception):
    """The request can't be answered; the message is one sentence for the user."""


class Model:
    """Completes conversations. ``llama`` is a llama_cpp.Llama, ``api`` the module of its C functions.

    ``formatter`` turns ``messages=[{role, content}, …]`` into an object with the ``prompt`` as text.
    """

    def __init__(self, llama: Any, api: Any, formatter: Any, prefixes: Prefixes) -> None:
        self._llama = llama
        self._api = api
        self._formatter = formatter
        self._vocab = api.llama_model_get_vocab(llama.model)
        self.context = Context(llama, api, prefixes)
        self.context_length = min(llama.n_ctx(), api.llama_model_n_ctx_train(llama.model))
        self.name = str(llama.metadata.get("general.name", ""))
        everything = range(llama.n_vocab())
        self._ends = {token for token in everything if api.llama_vocab_is_eog(self._vocab, token)}
        special = [token for token in everything if self._is_special(token)]
        # These never belong in an answer, and the grammar would take a control token for the text of its name.
        self._banned = np.array([token for token in special if token not in self._ends], np.intp)
        self._special_names = [name for name in map(self._text, special) if len(name) > 1]
        self._pieces: dict[int, bytes] = {}
        self._open = np.empty(llama.n_vocab(), np.float32)  # scores of what may be chosen

    def count(self, text: str) -> int:
        """How many tokens the text is, without a beginning mark."""
        return len(self._tokens(text, special=False, begin=False))

    def answer(self, request: Message) -> Iterator[Message]:
        """Yield ``token`` messages and one ``done``. Raises Refused, and Cancelled when the context is stopped."""
        started = time.monotonic()
        prompt, constant = self._prompt(request["messages"])
        prompt += self._tokens(request["prefix"], special=False, begin=False)
        room = self.context_length - len(prompt)
        if room < LEAST_ANSWER:
            raise Refused(
                f"The request is {len(prompt)} tokens long, but the model takes {self.context_length} in all, the "
                "answer included: shorten the comment."
            )
        request = {**request, "max_tokens": min(room, request["max_tokens"])}
        self.context.read_prompt(prompt, constant)
        read = time.monotonic()
        finish, logprobs = "length", []
        text = Characters()
        held, count, sent = "", 0, 0.0
        for token, score in self._sample(request, text):
            logprobs.append(score)
            if token in self._ends:
                finish = "stop"
                break
            held += text.add(self._piece(token))
            count += 1
            if (now := time.monotonic()) - sent >= PAUSE:
                yield {"type": "token", "text": held, "tokens": count}
                held, count, sent = "", 0, now
        if count:
            yield {"type": "token", "text": held, "tokens": count}
        yield {
            "type": "done",
            "finish": finish,
            "prompt_tokens": len(prompt),
            "answer_tokens": len(logprobs),
            "mean_logprob": sum(logprobs) / len(logprobs) if logprobs else None,
            "prompt_seconds": read - started,
            "answer_seconds": time.monotonic() - read,
        }

    def _sample(self, request: Message, text: Characters) -> Iterator[tuple[int, float]]:
        """Yield each token of the answer, the end mark too, with its logarithmic probability.

        ``text`` is what the consumer has made of the tokens so far.
        """
        sampler = Sampler(request["temperature"], request["seed"], len(self._open))
        with closing(Constraint(self._api, self._vocab)) as grammar:
            constraint = grammar if request["constrained"] else None
            for place in range(request["max_tokens"]):
                scores = self.context.scores()
                token = self._choose(sampler, scores, text, constraint)
                if token is None:  # nothing fits the grammar any more: better a script to mend than none
                    constraint = None
                    token = self._choose(sampler, scores, text, None)
                if token is None:
                    raise Refused("The model computes no sensible numbers, its file is damaged: download it again.")
                if constraint is not None and token not in self._ends:
                    constraint.accept(token)
                yield token, sampler.logprob(scores, token)
                if place + 1 < request["max_tokens"]:
                    self.context.read([token])

    def _choose(self, sampler: Sampler, scores: Scores, text: Characters, constraint: Constraint | None) -> int | None:
        def allowed(ids: Ids) -> npt.NDArray[np.bool_]:
            fits = np.array([text.takes(self._piece(token)) for token in ids.tolist()], np.bool_)
            if constraint is not None and fits.any():
                fits[fits] = constraint.allowed(ids[fits])
            return fits

        open_to_choice = self._open
        np.copyto(open_to_choice, scores)
        open_to_choice[self._banned] = -np.inf
        if np.isnan(open_to_choice.max()):
            open_to_choice[np.isnan(open_to_choice)] = -np.inf
        return sampler.choose(open_to_choice, allowed)

    def _prompt(self, messages: Sequence[Message]) -> tuple[list[int], int]:
        """The conversation's tokens, and how many of them every request with this system message begins with."""
        prompt = self._render(messages)
        if messages[0]["role"] != "system":
            return prompt, 0
        other = self._render([messages[0], {"role": "user", "content": "?"}])
        different = (place for place, pair in enumerate(zip(prompt, other, strict=False)) if pair[0] != pair[1])
        return prompt, next(different, min(len(prompt), len(other)))

    def _render(self, messages: Sequence[Message]) -> list[int]:
        try:
            text = self._formatter(messages=[{**m, "content": self._harmless(m["content"])} for m in messages]).prompt
        except ValueError as error:
            raise Refused(f"The model's chat template does not take this conversation: {error}.") from error
        mark = self._text(self._api.llama_vocab_bos(self._vocab))
        return self._tokens(text, special=True, begin=not text.startswith(mark))

    def _harmless(self, content: str) -> str:
        """Part the names of special tokens, so that nobody's text can pose as the template's."""
        for name in self._special_names:
            content = content.replace(name, f"{name[0]} {name[1:]}")
        return content

    def _is_special(self, token: int) -> bool:
        return bool(self._api.llama_vocab_get_attr(self._vocab, token) & (_UNKNOWN | _UNUSED | _CONTROL))

    def _tokens(self, text: str, *, special: bool, begin: bool) -> list[int]:
        begin = begin and bool(self._api.llama_vocab_get_add_bos(self._vocab))
        tokens: list[int] = self._llama.tokenize(text.encode("utf-8", "replace"), add_bos=begin, special=special)
        return tokens

    def _text(self, token: int) -> str:
        return "" if token < 0 else str(self._api.llama_vocab_get_text(self._vocab, token).decode("utf-8", "replace"))

    def _piece(self, token: int) -> bytes:
        """The bytes that the token stands for; they may be part of a character."""
        if token not in self._pieces:
            size = _PIECE_BYTES
            buffer = ctypes.create_string_buffer(size)
            length = self._api.llama_token_to_piece(self._vocab, token, buffer, size, 0, False)
            self._pieces[token] = buffer.raw[: max(0, length)]
        return self._pieces[token]
