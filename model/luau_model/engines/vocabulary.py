"""The model's tokens: from text to tokens and back."""

from __future__ import annotations

import ctypes
from typing import Any

_UNKNOWN, _UNUSED, _CONTROL = 1, 2, 8  # llama.cpp's token attributes
_PIECE_BYTES = 256


class Vocabulary:
    """``llama`` is a llama_cpp.Llama, ``api`` the module of its C functions.

    ``ends`` are the tokens that end an answer, ``banned`` those that never belong in one, ``special_names`` what stands
    for special ones in a chat template.
    """

    def __init__(self, llama: Any, api: Any) -> None:
        self._llama = llama
        self._api = api
        self.handle = api.llama_model_get_vocab(llama.model)
        self.size: int = llama.n_vocab()
        everything = range(self.size)
        self.ends = {token for token in everything if api.llama_vocab_is_eog(self.handle, token)}
        special = [token for token in everything if self._is_special(token)]
        # The grammar would take a control token for the text of its name.
        self.banned = frozenset(special) - self.ends
        self.special_names = [name for name in map(self.text, special) if len(name) > 1]
        self._pieces: dict[int, bytes] = {}

    @property
    def beginning(self) -> str:
        """The mark that texts begin with, as a chat template writes it; empty where there is none."""
        return self.text(self._api.llama_vocab_bos(self.handle))

    def tokens(self, text: str, *, special: bool = False, begin: bool = False) -> list[int]:
        """The text's tokens; where ``special``, names of special tokens stand for these."""
        begin = begin and bool(self._api.llama_vocab_get_add_bos(self.handle))
        tokens: list[int] = self._llama.tokenize(text.encode("utf-8", "replace"), add_bos=begin, special=special)
        return tokens

    def text(self, token: int) -> str:
        """What the vocabulary calls the token."""
        return "" if token < 0 else str(self._api.llama_vocab_get_text(self.handle, token).decode("utf-8", "replace"))

    def piece(self, token: int) -> bytes:
        """The bytes that the token stands for; they may be part of a character."""
        if token not in self._pieces:
            size = _PIECE_BYTES
            buffer = ctypes.create_string_buffer(size)
            length = self._api.llama_token_to_piece(self.handle, token, buffer, size, 0, False)
            self._pieces[token] = buffer.raw[: max(0, length)]
        return self._pieces[token]

    def _is_special(self, token: int) -> bool:
        return bool(self._api.llama_vocab_get_attr(self.handle, token) & (_UNKNOWN | _UNUSED | _CONTROL))
