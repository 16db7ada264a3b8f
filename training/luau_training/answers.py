"""Answers of a model behind a server: many at once, retried, cached on disk, never dearer than allowed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from luau_model.engines.http import BYTES_PER_TOKEN

from .options import Endpoint, StageError

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from openai import AsyncOpenAI

_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Question:
    """``attempt`` tells apart what is asked more than once: each gets an answer of its own."""

    system: str
    user: str
    temperature: float = 0.0
    max_tokens: int = 200
    attempt: int = 0

    @property
    def input_tokens(self) -> int:
        """An estimate."""
        return -(-len((self.system + self.user).encode("utf-8", "replace")) // BYTES_PER_TOKEN)


@dataclass(slots=True)
class Spent:
    """Requests and tokens of this run; what the cache answered cost nothing."""

    requests: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class Answers:
    """Use as an asynchronous context manager. ``spent`` is kept up to date."""

    def __init__(self, options: Endpoint) -> None:
        if not options.endpoint or not options.model:
            raise StageError("Say which model answers: --endpoint and --model are missing.")
        self.options = options
        self.spent = Spent()
        self._open = asyncio.Semaphore(options.concurrency)
        self._cache = _Cache(Path(options.cache).expanduser() if options.cache else _usual_cache())
        self._client = _client(options)

    async def __aenter__(self) -> Answers:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
        self._cache.close()

    def check_price(self, input_tokens: int, output_tokens: int) -> str:
        """What that many tokens cost at most, as a sentence. Raises StageError where it is more than allowed."""
        options = self.options
        local = urlsplit(options.endpoint).hostname in _HERE
        if not local and min(options.input_price, options.output_price) < 0:
            raise StageError(
                f"What does {options.endpoint} charge? Give --input-price and --output-price in dollars for a million "
                "tokens, 0 where it is free."
            )
        dollars = self._dollars(input_tokens, output_tokens)
        said = f"about {input_tokens:,} tokens to read and at most {output_tokens:,} to write, at most ${dollars:.2f}"
        if dollars > options.most_dollars:
            raise StageError(f"This needs {said}: allow it with --most-dollars, or do less of it with --limit.")
        return said

    async def ask(self, question: Question) -> str:
        """The answer, from the cache where there is one. Raises StageError where the server gives none."""
        key = self._key(question)
        known = self._cache.get(key)
        if known is not None:
            self.spent.cached += 1
            return known
        async with self._open:
            text, read, written = await self._asked(question)
        self.spent.requests += 1
        self.spent.input_tokens += read
        self.spent.output_tokens += written
        self._cache.put(key, text)
        return text

    def figures(self) -> dict[str, Any]:
        """What the manifest says of the answers."""
        spent = self.spent
        return {
            "requests": spent.requests,
            "cached answers": spent.cached,
            "input tokens": spent.input_tokens,
            "output tokens": spent.output_tokens,
            "dollars": round(self._dollars(spent.input_tokens, spent.output_tokens), 4),
        }

    def _dollars(self, input_tokens: int, output_tokens: int) -> float:
        prices = max(0.0, self.options.input_price), max(0.0, self.options.output_price)
        return (input_tokens * prices[0] + output_tokens * prices[1]) / 1e6

    def _key(self, question: Question) -> str:
        options = self.options
        asked = [options.protocol, options.endpoint, options.model, question.system, question.user]
        asked += [question.temperature, question.max_tokens, question.attempt]  # type: ignore[list-item]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()

    async def _asked(self, question: Question) -> tuple[str, int, int]:
        import anthropic
        import openai

        try:
            async with asyncio.timeout(self.options.timeout * (self.options.retries + 1)):
                if self.options.protocol == "anthropic":
                    return await self._ask_anthropic(question)
                return await self._ask_openai(question)
        except (TimeoutError, openai.APITimeoutError, anthropic.APITimeoutError):
            reason = f"was silent for {self.options.timeout:g} seconds, {self.options.retries + 1} times"
        except (openai.APIConnectionError, anthropic.APIConnectionError):
            reason = "can't be reached"
        except (openai.APIStatusError, anthropic.APIStatusError) as error:
            reason = f"refused (status {error.status_code}: {str(error.message)[:150]})"
        except (openai.OpenAIError, anthropic.AnthropicError, ValueError) as error:
            reason = f"does not speak the {self.options.protocol} protocol ({str(error)[:150]})"
        raise StageError(
            f"The server at {self.options.endpoint} {reason}: mend that and run the same command again; "
            "all answers so far are kept."
        )

    async def _ask_openai(self, question: Question) -> tuple[str, int, int]:
        answer = await self._client.chat.completions.create(
            model=self.options.model,
            messages=[{"role": "system", "content": question.system}, {"role": "user", "content": question.user}],
            max_tokens=question.max_tokens,
            temperature=question.temperature,
            seed=question.attempt,
        )
        if not answer.choices:
            raise ValueError("an answer without choices")
        usage = answer.usage
        text = answer.choices[0].message.content or ""
        return text, usage.prompt_tokens if usage else 0, usage.completion_tokens if usage else 0

    async def _ask_anthropic(self, question: Question) -> tuple[str, int, int]:
        answer = await self._client.messages.create(
            model=self.options.model,
            system=question.system,
            messages=[{"role": "user", "content": question.user}],
            max_tokens=question.max_tokens,  # this protocol has no temperature: its answers differ by themselves
        )
        text = "".join(block.text for block in answer.content if block.type == "text")
        return text, answer.usage.input_tokens, answer.usage.output_tokens


def _client(options: Endpoint) -> Any:
    key = os.environ.get(options.key_variable, "") if options.key_variable else "none"
    if not key:
        raise StageError(f"The environment variable {options.key_variable} holds no API key: set it.")
    if options.protocol == "anthropic":
        return _anthropic(options, key)
    return _openai(options, key)


def _openai(options: Endpoint, key: str) -> AsyncOpenAI:
    from openai import AsyncOpenAI

    return AsyncOpenAI(base_url=options.endpoint, api_key=key, timeout=options.timeout, max_retries=options.retries)


def _anthropic(options: Endpoint, key: str) -> AsyncAnthropic:
    from anthropic import AsyncAnthropic

    return AsyncAnthropic(base_url=options.endpoint, api_key=key, timeout=options.timeout, max_retries=options.retries)


def _usual_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("luau-lsp-ai") / "answers.sqlite"


class _Cache:
    """Answers by key; each lasts as soon as it is there."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._database = sqlite3.connect(path, timeout=30)
            self._database.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT) WITHOUT ROWID;"
            )
        except sqlite3.Error as error:
            raise StageError(f"The cache {path} can't be used ({error}): remove it, or name another.") from None

    def get(self, key: str) -> str | None:
        found = self._database.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def put(self, key: str, answer: str) -> None:
        with self._database:
            self._database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, answer))

    def close(self) -> None:
        self._database.close()
