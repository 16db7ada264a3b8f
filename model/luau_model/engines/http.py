"""A model behind any OpenAI-compatible server: vLLM, llama-server, Ollama, or a company's own."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from .base import AT_ONCE, Completion, Done, EngineError, State, Token
from .merged import merged

if TYPE_CHECKING:
    import openai
    from openai import AsyncOpenAI

BYTES_PER_TOKEN = 3  # of Luau; an estimate on the safe side
CONTEXT = 8192  # tokens; for servers that do not say
# After 429 and 5xx, and lost connections. The client waits half a second, then twice as long each time, or as long as
# the server says.
RETRIES = 4
WHERE_KEYS_ARE_SET = "in VS Code by the command Set API Key, elsewhere in the variable LUAU_LSP_AI_API_KEY"


class HttpEngine:
    """An Engine over ``endpoint``, for example ``http://localhost:8000/v1``. Constraining is left to the server.

    ``model`` is a name that the server knows, such as that of a LoRA adapter; empty for the first that it lists.
    ``silence_seconds`` is how long the server may take to connect, and between two pieces of an answer.
    """

    def __init__(
        self,
        endpoint: str,
        model: str,
        *,
        api_key: str = "",
        silence_seconds: float = 120,
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._api_key = api_key
        self._context_length = CONTEXT
        self._silence_seconds = silence_seconds
        self._state = State.STOPPED
        self._open: AsyncOpenAI | None = None
        self._offered: list[str] = []
        self._running = 0

    @property
    def state(self) -> State:
        """Where the engine is in its life; FAILED after a request that the server did not answer."""
        return self._state

    @property
    def name(self) -> str:
        """The model's name on the server; before the first request, the one that was asked for."""
        return self._model

    @property
    def context_length(self) -> int:
        """In tokens, as the server says once it was asked anything."""
        return self._context_length

    async def at_once(self, *, all_wanted: bool) -> int:
        """A server writes several answers in the time of one; more would be a burden to others."""
        return AT_ONCE

    async def stream(self, completion: Completion) -> AsyncGenerator[Token | Done, None]:
        """Yield the answer's tokens and then one Done; see Engine.stream."""
        import openai

        self._state = State.BUSY
        self._running += 1
        try:
            async with aclosing(self._stream(completion)) as events:
                async for event in events:
                    yield event
        except (openai.OpenAIError, ValueError) as error:  # ValueError: what the server sends is no JSON
            self._state = State.FAILED
            raise EngineError(self._sentence(error)) from error
        finally:
            self._running -= 1
            if self._state is State.BUSY and not self._running:
                self._state = State.READY

    async def streams(self, completions: Sequence[Completion]) -> AsyncGenerator[tuple[int, Token | Done], None]:
        """Yield several answers as they come, each over a connection of its own; see Engine.streams."""

        async def numbered(number: int, completion: Completion) -> AsyncGenerator[tuple[int, Token | Done], None]:
            async with aclosing(self.stream(completion)) as events:
                async for event in events:
                    yield number, event

        async with aclosing(merged([numbered(*pair) for pair in enumerate(completions)])) as events:
            async for event in events:
                yield event

    async def count_tokens(self, text: str) -> int:
        """An estimate: servers have no common way to ask."""
        return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)

    async def close(self) -> None:
        """Close the connections."""
        client, self._open = self._open, None
        self._state = State.STOPPED
        if client is not None:
            await client.close()

    async def _stream(self, completion: Completion) -> AsyncGenerator[Token | Done, None]:
        messages: Any = [{"role": message.role, "content": message.content} for message in completion.messages]
        started = first = time.monotonic()
        pieces = 0
        finish = usage = None
        client = await self._client()
        chunks = await client.chat.completions.create(
            model=self._model,
            messages=messages,
            max_tokens=completion.max_tokens,
            temperature=completion.temperature,
            top_p=completion.top_p,
            seed=completion.seed,
            stream=True,
            stream_options={"include_usage": True},
        )
        async with chunks:  # closing the connection is what stops the server
            async for chunk in chunks:
                usage = chunk.usage or usage
                for choice in chunk.choices[:1]:
                    finish = choice.finish_reason or finish
                    if choice.delta.content:
                        first = first if pieces else time.monotonic()
                        pieces += 1
                        yield Token(choice.delta.content)
        if finish is None:
            raise EngineError(f"The server at {self._endpoint} broke off in the middle of its answer: ask again.")
        yield Done(
            finish="length" if finish == "length" else "stop",
            prompt_tokens=usage.prompt_tokens if usage else 0,
            answer_tokens=usage.completion_tokens if usage else pieces,
            mean_logprob=None,
            prompt_seconds=first - started,
            answer_seconds=time.monotonic() - first,
        )

    async def _client(self) -> AsyncOpenAI:
        """The client, connected. A server that can't be reached is no reason to wait and try again."""
        import openai

        if self._open is None:
            client = openai.AsyncOpenAI(
                base_url=self._endpoint,
                api_key=self._api_key or "none",  # the client refuses an empty one, and local servers want none
                timeout=self._silence_seconds,
                max_retries=RETRIES,
            )
            try:
                self._learn((await client.with_options(max_retries=0).models.list()).data)
            except (openai.APIConnectionError, openai.AuthenticationError, openai.PermissionDeniedError):
                await client.close()
                raise
            except (openai.OpenAIError, ValueError):
                pass  # not every server lists its models
            self._open = client
        return self._open

    def _learn(self, models: Sequence[openai.types.Model]) -> None:
        """Take what the server says of the model, or of its first one where none was asked for.

        vLLM gives the length of the context, of a LoRA adapter that of its parent.
        """
        self._offered = [model.id for model in models]
        if not self._model and models:
            self._model = models[0].id
        about = {model.id: model.model_extra or {} for model in models}
        mine = about.get(self._model, {})
        length = mine.get("max_model_len") or about.get(str(mine.get("parent")), {}).get("max_model_len")
        if isinstance(length, int):
            self._context_length = length

    def _sentence(self, error: Exception) -> str:
        """What went wrong, for the user; never with the key in it."""
        import openai

        server = f"The server at {self._endpoint}"
        if isinstance(error, openai.APITimeoutError):
            return f"{server} was silent for {self._silence_seconds:.0f} seconds: ask again later."
        if isinstance(error, openai.APIConnectionError):
            return f"No server can be reached at {self._endpoint}: start it, or change the endpoint in the settings."
        if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
            return f"{server} does not take the API key: set the right one ({WHERE_KEYS_ARE_SET})."
        if isinstance(error, openai.NotFoundError):
            has = f"; it has {', '.join(self._offered)}" if self._offered else ""
            return f"{server} has no model {self._model!r}{has}: check the model and the endpoint."
        if isinstance(error, openai.RateLimitError):
            return f"{server} has too much to do (status 429), also after {RETRIES} more tries: ask again later."
        if isinstance(error, openai.APIStatusError):
            return f"{server} refused (status {error.status_code}): {self._said(error)}"
        return f"{server} does not speak the OpenAI protocol: {str(error)[:200]}"

    def _said(self, error: openai.APIStatusError) -> str:
        body = error.body
        text = str(body["message"] if isinstance(body, dict) and "message" in body else error.message)[:200]
        return text.replace(self._api_key, "…") if self._api_key else text
