"""Keeps an answer to the Luau grammar, token by token."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import grammar
from .sampling import Ids

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Constraint:
    """Where one answer stands in the grammar. ``api`` is the module of llama.cpp's C functions.

    Raises RuntimeError where llama.cpp does not take the grammar: sampling with it would kill the process.
    """

    def __init__(self, api: Any, vocab: Any) -> None:
        self._api = api
        self._state = api.llama_sampler_init_grammar(vocab, grammar.source().encode(), grammar.ROOT.encode())
        if not self._state:
            raise RuntimeError("llama.cpp does not take the Luau grammar")

    def allowed(self, ids: Ids) -> npt.NDArray[np.bool_]:
        """Which of the tokens may come next; an end mark may where a script may end."""
        candidates = np.zeros(len(ids), _CANDIDATE)
        candidates["id"] = ids
        pointer = candidates.ctypes.data_as(self._api.llama_token_data_p)
        array = self._api.llama_token_data_array(data=pointer, size=len(ids), selected=-1, sorted=False)
        self._api.llama_sampler_apply(self._state, ctypes.byref(array))
        fits: npt.NDArray[np.bool_] = np.isfinite(candidates["logit"])
        return fits

    def accept(self, token: int) -> None:
        """Go on by a token, which must be an allowed one: any other kills the process."""
        self._api.llama_sampler_accept(self._state, token)

    def close(self) -> None:
        """Free the state."""
        self._api.llama_sampler_free(self._state)
