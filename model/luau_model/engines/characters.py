"""Characters out of tokens: a token may hold part of a character only."""

from __future__ import annotations

import codecs


class Characters:
    """The text of one answer as it grows, without ever a broken character in it."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")

    def takes(self, piece: bytes) -> bool:
        """Whether the text can go on by these bytes."""
        state = self._decoder.getstate()
        if piece.isascii():
            return not piece or not state[0]
        try:
            self._decoder.decode(piece)
            begun = self._decoder.getstate()[0]
        except UnicodeDecodeError:
            return False
        finally:
            self._decoder.setstate(state)
        # Python waits for the end of a surrogate before it rejects it, and then nothing could follow.
        return not (begun[:1] == b"\xed" and begun[1:2] >= b"\xa0")

    def add(self, piece: bytes) -> str:
        """Go on by bytes that ``takes`` accepts; returns the characters that are complete now."""
        return self._decoder.decode(piece)
