"""What the worker's model has read, and how little of the next prompt it has to read anew."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from .prefixes import Prefixes
from .sampling import Scores

# The prompt is read in steps of this many tokens, counted from its start, and what is kept of it for the next
# request ends at a step. So each answer comes from the same computation to the last bit, whatever was asked before:
# a token that is read alone gives slightly other numbers than one read among others.
STEP = 32
SAVED_STATES = 4
QUICK = 0.1  # seconds; a single token that takes less need not be interrupted
WORTH_DISK = 0.5  # seconds of reading; what is read faster than a file is looked for stays in memory


class Cancelled(Exception):
    """The parent no longer wants the answer."""


class Context:
    """Reads tokens and gives scores. ``llama`` is a llama_cpp.Llama, ``api`` the module of its C functions.

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
        self._tokens: list[int] = []  # what the context holds
        self._steady = 0  # of these, how many were read in whole steps
        self._prefixes = prefixes
        self._saved: dict[tuple[int, ...], bytes] = {}
        self._seconds = 0.0  # that the last single token took
        self._abort = api.ggml_abort_callback(self._wants_stop)  # kept: llama.cpp holds only its address
        self._no_abort = api.ggml_abort_callback()
        self._asked = self._no_abort  # the one that llama.cpp has

    def read_prompt(self, tokens: Sequence[int], constant: int) -> None:
        """Make the context hold exactly these tokens. The first ``constant`` of them come in other prompts too.

        Raises Cancelled.
        """
        started = time.monotonic()
        savable = constant // STEP * STEP
        kept = self._restore(tokens, savable)
        self._cut(kept)
        self._steady = kept
        for start in range(kept, len(tokens), STEP):
            step = tokens[start : start + STEP]
            self.read(step)
            if len(step) == STEP:
                self._steady += STEP
            if self._steady == savable:
                self._save(tuple(tokens[:savable]), on_disk=time.monotonic() - started > WORTH_DISK)

    def read(self, tokens: Sequence[int]) -> None:
        """Read on. Raises Cancelled; the context then holds what it held before, and whole steps of what was new."""
        if self.stop.is_set():
            raise Cancelled
        self.beat = started = time.monotonic()
        # Asking at each of the graph's hundreds of operations costs a tenth of a small model's time.
        self._ask(self._no_abort if len(tokens) == 1 and self._seconds < QUICK else self._abort)
        ids = (ctypes.c_int32 * len(tokens))(*tokens)
        code = self._api.llama_decode(self._handle, self._api.llama_batch_get_one(ids, len(tokens)))
        if code != 0:
            self._cut(len(self._tokens))
            if self.stop.is_set():
                raise Cancelled
            raise RuntimeError(f"llama_decode returned {code}")
        self._tokens += tokens
        if len(tokens) == 1:
            self._seconds = time.monotonic() - started

    def scores(self) -> Scores:
        """The raw scores of all tokens for the next place, one number a token. Good until the next ``read``."""
        first = self._api.llama_get_logits_ith(self._handle, -1).contents
        return np.frombuffer(self._row.from_address(ctypes.addressof(first)), np.float32)

    def _ask(self, abort: Any) -> None:
        """Let llama.cpp ask this one. Telling it takes as long as a tenth of a small model's token."""
        if abort is not self._asked:
            self._api.llama_set_abort_callback(self._handle, abort, None)
            self._asked = abort

    def _cut(self, length: int) -> None:
        """Forget all but the first ``length`` tokens."""
        del self._tokens[length:]
        self._api.llama_memory_seq_rm(self._memory, 0, length, -1)

    def _wants_stop(self, _data: object) -> bool:
        self.beat = time.monotonic()
        return self.stop.is_set()

    def _restore(self, tokens: Sequence[int], savable: int) -> int:
        """Find the most of the prompt that needs no reading; returns its length, a multiple of STEP.

        The last token is always read, since its scores are wanted.
        """
        same = _common(self._tokens[: self._steady], tokens)
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
        self._tokens = list(tokens[:savable])
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


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two sequences have in common at their start."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
