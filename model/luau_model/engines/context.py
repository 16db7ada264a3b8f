"""What the worker's model has read, and how little of the next prompt it has to read anew."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .prefixes import Prefixes
from .sampling import Scores

# The prompt is read in steps of this many tokens, counted from its start, and what is kept of it for the next
# request ends at a step. So each answer comes from the same computation to the last bit, whatever was asked before:
# a token that is read alone gives slightly other numbers than one read among others.
STEP = 32
SAVED_STATES = 4
QUICK = 0.1  # seconds; a step that takes less need not be interrupted
WORTH_DISK = 0.5  # seconds of reading; what is read faster than a file is looked for stays in memory


class Cancelled(Exception):
    """The parent no longer wants the answer."""


class Context:
    """Reads tokens and gives scores. ``llama`` is a llama_cpp.Llama, ``api`` the module of its C functions.

    A prompt has one or more branches, numbered from 0: answers that go on from it and are read at the same time.
    Setting ``stop`` from any thread ends what runs by Cancelled: within one operation of the model's graph, or within
    a token where that is quick.
    ``beat`` is when the model last showed that it is alive (``time.monotonic``). ``prefixes`` keep what prompts have
    in common beyond the life of this process.
    """

    def __init__(self, llama: Any, api: Any, prefixes: Prefixes) -> None:
        self.stop = threading.Event()
        self.beat = time.monotonic()
        self._api = api
        self._llama = llama  # kept: with it goes what the handles point to
        self._handle = llama._ctx.ctx
        self._memory = api.llama_get_memory(self._handle)
        self._row = ctypes.c_float * llama.n_vocab()
        self._size: int = llama.n_ctx()
        self._batch = api.llama_batch_init(STEP, 0, 1)
        self._tokens: list[int] = []  # the prompt, as far as it was read
        self._steady = 0  # of these, how many were read in whole steps
        self._lengths = [0]  # of each branch, in tokens, the prompt's included
        self._prefixes = prefixes
        self._saved: dict[tuple[int, ...], bytes] = {}
        self._seconds = 0.0  # that a token of the last step took
        self._abort = api.ggml_abort_callback(self._wants_stop)  # kept: llama.cpp holds only its address
        self._no_abort = api.ggml_abort_callback()
        self._asked = self._no_abort  # the one that llama.cpp has

    @property
    def room(self) -> int:
        """How many tokens more can be read, over all branches."""
        prompt = len(self._tokens)
        return self._size - prompt - sum(length - prompt for length in self._lengths)

    def read_prompt(self, tokens: Sequence[int], constant: int, branches: int = 1) -> None:
        """Make the context hold exactly these tokens, for one or more answers to go on from.

        The first ``constant`` of them come in other prompts too. Raises Cancelled.
        """
        started = time.monotonic()
        savable = constant // STEP * STEP
        kept = self._restore(tokens, savable)
        self._cut(kept)
        self._steady = kept
        for start in range(kept, len(tokens), STEP):
            step = tokens[start : start + STEP]
            self.read(step)
            self._tokens += step
            if len(step) == STEP:
                self._steady += STEP
            if self._steady == savable:
                self._save(tuple(tokens[:savable]), on_disk=time.monotonic() - started > WORTH_DISK)
        for branch in range(1, branches):
            self._api.llama_memory_seq_cp(self._memory, 0, branch, -1, -1)
        self._lengths = [len(tokens)] * branches

    def read(self, tokens: Sequence[int], branch: int = 0) -> None:
        """Read on in one branch. Raises Cancelled; the context then holds the prompt, as far as it was read."""
        for start in range(0, len(tokens), STEP):
            self._decode([(token, branch) for token in tokens[start : start + STEP]])

    def step(self, tokens: Mapping[int, Sequence[int]]) -> None:
        """Read tokens of these branches at once, in this order, ``STEP`` at most. Raises Cancelled as ``read`` does."""
        self._decode([(token, branch) for branch, more in tokens.items() for token in more], each=True)

    def keep(self, branch: int, length: int = 0) -> None:
        """Forget what a branch has beyond its first ``length`` tokens, and never the prompt."""
        length = max(length, len(self._tokens))
        if length < self._lengths[branch]:
            self._api.llama_memory_seq_rm(self._memory, branch, length, -1)
            self._lengths[branch] = length

    def scores(self, row: int = -1) -> Scores:
        """The raw scores of all tokens for the next place, one number a token. Good until the next reading.

        After ``step``, ``row`` counts its tokens.
        """
        first = self._api.llama_get_logits_ith(self._handle, row).contents
        return np.frombuffer(self._row.from_address(ctypes.addressof(first)), np.float32)

    def _decode(self, entries: Sequence[tuple[int, int]], *, each: bool = False) -> None:
        """Read tokens, each of a branch; ``each`` is to have scores, and not the last alone."""
        if self.stop.is_set():
            raise Cancelled
        self.beat = started = time.monotonic()
        # Asking at each of the graph's hundreds of operations costs a tenth of a small model's time.
        few = each or len(entries) == 1
        self._ask(self._no_abort if few and self._seconds * len(entries) < QUICK else self._abort)
        batch = self._batch
        batch.n_tokens = len(entries)
        for place, (token, branch) in enumerate(entries):
            batch.token[place], batch.pos[place] = token, self._lengths[branch]
            batch.n_seq_id[place], batch.seq_id[place][0] = 1, branch
            batch.logits[place] = each or place + 1 == len(entries)
            self._lengths[branch] += 1
        code = self._api.llama_decode(self._handle, batch)
        if code != 0:
            self._cut(len(self._tokens))
            if self.stop.is_set():
                raise Cancelled
            raise RuntimeError(f"llama_decode returned {code}")
        if few:
            self._seconds = (time.monotonic() - started) / len(entries)

    def _ask(self, abort: Any) -> None:
        """Let llama.cpp ask this one. Telling it takes as long as a tenth of a small model's token."""
        if abort is not self._asked:
            self._api.llama_set_abort_callback(self._handle, abort, None)
            self._asked = abort

    def _cut(self, length: int) -> None:
        """Forget all but the first ``length`` tokens of the prompt."""
        if len(self._lengths) > 1:
            self._api.llama_memory_seq_keep(self._memory, 0)
        self._api.llama_memory_seq_rm(self._memory, 0, length, -1)
        del self._tokens[length:]
        self._lengths = [length]

    def _wants_stop(self, _data: object) -> bool:
        self.beat = time.monotonic()
        return self.stop.is_set()

    def _restore(self, tokens: Sequence[int], savable: int) -> int:
        """Find the most of the prompt that needs no reading; returns its length, a multiple of STEP.

        The last token is always read, since its scores are wanted.
        """
        same = common([self._tokens[: self._steady], tokens])
        kept = min(same, len(tokens) - 1) // STEP * STEP
        if kept >= savable or savable >= len(tokens):
            return kept
        state = self._state(tuple(tokens[:savable]))
        if state is None:
            return kept
        self._cut(0)
        data = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if self._api.llama_state_seq_set_data(self._handle, data, len(state), 0) == 0:
            return 0
        self._tokens, self._lengths = list(tokens[:savable]), [savable]
        return savable

    def _state(self, tokens: tuple[int, ...]) -> bytes | None:
        """What the context holds after these tokens, where that was kept."""
        if tokens not in self._saved and (state := self._prefixes.load(tokens)):
            self._remember(tokens, state)
        return self._saved.get(tokens)

    def _save(self, tokens: tuple[int, ...], *, on_disk: bool) -> None:
        if not tokens or tokens in self._saved:
            return
        state = (ctypes.c_uint8 * self._api.llama_state_seq_get_size(self._handle, 0))()
        if self._api.llama_state_seq_get_data(self._handle, state, len(state), 0) == len(state):
            self._remember(tokens, bytes(state))
            if on_disk:
                self._prefixes.save(tokens, self._saved[tokens])

    def _remember(self, tokens: tuple[int, ...], state: bytes) -> None:
        if len(self._saved) == SAVED_STATES:
            del self._saved[next(iter(self._saved))]
        self._saved[tokens] = state


def common(sequences: Sequence[Sequence[int]]) -> int:
    """How many tokens sequences have in common at their start."""
    shortest = min(map(len, sequences))
    different = (place for place in range(shortest) if len({sequence[place] for sequence in sequences}) > 1)
    return next(different, shortest)
