"""The worker's model: from a conversation to answers, piece by piece."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Any

from .constraint import Constraint
from .context import STEP, Context, common
from .draft import Draft, Refused
from .lifeline import Message
from .lookup import Lookup
from .prefixes import Prefixes
from .sampling import Sampler
from .vocabulary import Vocabulary

LEAST_ANSWER = 16  # tokens; with less room there is no use in beginning


class Model:
    """Completes conversations. ``llama`` is a llama_cpp.Llama, ``api`` the module of its C functions.

    ``formatter`` turns ``messages=[{role, content}, …]`` into an object with the ``prompt`` as text.
    """

    def __init__(self, llama: Any, api: Any, formatter: Any, prefixes: Prefixes) -> None:
        self._api = api
        self._formatter = formatter
        self._vocabulary = Vocabulary(llama, api)
        self.context = Context(llama, api, prefixes)
        self.context_length = min(llama.n_ctx(), api.llama_model_n_ctx_train(llama.model))
        self.name = str(llama.metadata.get("general.name", ""))
        self.on_graphics_card = llama.model_params.n_gpu_layers != 0

    def count(self, text: str) -> int:
        """How many tokens the text is, without a beginning mark."""
        return len(self._vocabulary.tokens(text))

    def answer(self, completions: Sequence[Message]) -> Iterator[Message]:
        """Yield ``token`` messages and an ``answer`` at the end of each, to completions of the same messages.

        Raises Refused, and Cancelled when the context is stopped.
        """
        prompt, constant = self._prompt(completions[0]["messages"])
        with ExitStack() as open_constraints:
            drafts: list[Draft] = []
            for number, completion in enumerate(completions):
                constraint = Constraint(self._api, self._vocabulary.handle) if completion["constrained"] else None
                if constraint is not None:
                    open_constraints.enter_context(closing(constraint))
                drafts.append(self._draft(number, prompt, completion, constraint))
            while drafts:
                drafts = yield from self._write(drafts, constant)

    def _draft(self, number: int, prompt: Sequence[int], completion: Message, constraint: Constraint | None) -> Draft:
        tokens = [*prompt, *self._vocabulary.tokens(completion["prefix"])]
        room = self.context_length - len(tokens)
        if room < LEAST_ANSWER:
            raise Refused(
                f"The request is {len(tokens)} tokens long, but the model takes {self.context_length} in all, the "
                "answer included: shorten the comment."
            )
        sampler = Sampler(completion["temperature"], completion["seed"], self._vocabulary.size)
        lookup = Lookup(tokens) if completion["repeats"] else None
        return Draft(number, tokens, min(room, completion["max_tokens"]), sampler, constraint, lookup)

    def _write(self, drafts: Sequence[Draft], constant: int) -> Generator[Message, None, list[Draft]]:
        """Write the drafts, a token of each at a time; returns those that there was too little room for."""
        shared = common([draft.tokens for draft in drafts])
        self.context.read_prompt(drafts[0].tokens[:shared], min(constant, shared), len(drafts))
        running: dict[int, Draft] = {}
        paused: list[Draft] = []
        # Those of which nothing more is to be read have the scores that are there now.
        for branch, draft in enumerate(sorted(drafts, key=lambda draft: len(draft.tokens))):
            rest = draft.tokens[shared:]
            if running and self.context.room <= len(rest) + len(running):
                paused.append(draft)
                continue
            running[branch] = draft
            self.context.read(rest, branch)
            yield from self._go_on(running, branch, -1)
        while running:
            while self.context.room < len(running):
                branch, draft = running.popitem()
                self.context.keep(branch)
                paused.append(draft)
            spare = min(self.context.room, STEP) // len(running) - 1
            steps = {branch: [draft.tokens[-1], *draft.guess(spare)] for branch, draft in running.items()}
            self.context.step(steps)
            row = 0
            for branch, read in steps.items():
                yield from self._go_on(running, branch, row, read[1:])
                row += len(read)
        return paused

    def _go_on(
        self, running: dict[int, Draft], branch: int, row: int, guessed: Sequence[int] = ()
    ) -> Iterator[Message]:
        """Choose a branch's next token, and one more for each guess that was right."""
        draft = running[branch]
        draft.go_on(self.context.scores(row), self._vocabulary)
        right = 0
        while not draft.finish and right < len(guessed) and draft.tokens[-1] == guessed[right]:
            right += 1
            draft.go_on(self.context.scores(row + right), self._vocabulary)
        draft.learn(len(guessed), right)
        yield from draft.news()
        if draft.finish:
            del running[branch]
            self.context.keep(branch)
        else:
            self.context.keep(branch, len(draft.tokens) - 1)

    def _prompt(self, messages: Sequence[Message]) -> tuple[list[int], int]:
        """The conversation's tokens, and how many of them every request with this system message begins with."""
        prompt = self._render(messages)
        if messages[0]["role"] != "system":
            return prompt, 0
        return prompt, common([prompt, self._render([messages[0], {"role": "user", "content": "?"}])])

    def _render(self, messages: Sequence[Message]) -> list[int]:
        try:
            text = self._formatter(messages=[{**m, "content": self._harmless(m["content"])} for m in messages]).prompt
        except ValueError as error:
            raise Refused(f"The model's chat template does not take this conversation: {error}.") from error
        begins = text.startswith(self._vocabulary.beginning)
        return self._vocabulary.tokens(text, special=True, begin=not begins)

    def _harmless(self, content: str) -> str:
        """Part the names of special tokens, so that nobody's text can pose as the template's."""
        for name in self._vocabulary.special_names:
            content = content.replace(name, f"{name[0]} {name[1:]}")
        return content
