"""The child process that holds the model: reads requests and writes answers, as JSON lines.

Its arguments are a base.Load as JSON and PARENT_PID. Its parent is embedded.py, and a crash in here costs the
parent no more than one answer.

Requests are ``complete``, for one or more answers at once, and ``count``, with an ``id`` that what is said to them
carries: ``token`` and ``answer``, which ends one, and at last ``done``; or ``count``, ``refused`` with a sentence,
``cancelled``. ``cancel`` names the id of a request. ``ping`` is answered by ``pong`` at any time. Before all else comes
``ready``, or ``unusable`` with a reason.
"""

from __future__ import annotations

import collections
import ctypes
import json
import queue
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .base import AT_ONCE, Load
from .context import STEP, Cancelled
from .draft import Refused
from .lifeline import Lifeline, Message, die_with
from .model import Model
from .prefixes import Prefixes

LOG_LINES = 40


class Unusable(Exception):
    """The model can't be used at all; the message says why, as a clause."""


def load(wanted: Load) -> Model:
    """Load a model. Raises Unusable with llama.cpp's own reason."""
    import llama_cpp
    from llama_cpp import llama_chat_format
    from llama_cpp import llama_cpp as api

    log = Log(api)
    _set_defaults(api)
    try:
        llama = _llama(llama_cpp.Llama, wanted, gpu=api.llama_supports_gpu_offload())
    except (ValueError, AssertionError, MemoryError) as error:
        raise Unusable(log.reason() or str(error)) from error
    if wanted.lora:
        _adapt(llama, api, wanted.lora, log)
    template = llama.metadata.get("tokenizer.chat_template")
    if template is None:
        raise Unusable("it has no chat template")
    vocab = api.llama_model_get_vocab(llama.model)
    bos, eos = api.llama_vocab_bos(vocab), api.llama_vocab_eos(vocab)
    formatter = llama_chat_format.Jinja2ChatFormatter(
        template=template, eos_token=_text(api, vocab, eos), bos_token=_text(api, vocab, bos)
    )
    files = [Path(file) for file in (wanted.model, wanted.lora) if file]
    prefixes = Prefixes(Path(wanted.prefixes), files, f"{llama_cpp.__version__} {STEP}")
    return Model(llama, api, formatter, prefixes)


def _llama(make: Any, wanted: Load, *, gpu: bool) -> Any:
    """Load onto the graphics card where the build can use one, and without it where that fails.

    Half precision for what attention keeps: 8 bits take half the time more to read a prompt, and half of the little
    memory that is meant here. Flash attention is as fast as without, and takes less memory
    (``tests/bench/engine.py --cache``).
    """
    try:
        return make(
            wanted.model,
            n_ctx=wanted.context_limit,
            n_batch=STEP,
            n_threads=wanted.threads,
            n_threads_batch=wanted.threads,
            n_gpu_layers=-1 if gpu else 0,
            flash_attn=True,
            verbose=False,
        )
    except ValueError:
        if not gpu:
            raise
        return _llama(make, wanted, gpu=False)


def _adapt(llama: Any, api: Any, lora: str, log: Log) -> None:
    """Apply a LoRA adapter. The library's own way takes an adapter that it could not load for one, and crashes."""
    adapter = api.llama_adapter_lora_init(llama.model, lora.encode())
    if not adapter:
        raise Unusable(f"LoRA: {log.reason() or 'it does not fit'}")
    adapters, scales = (api.llama_adapter_lora_p_ctypes * 1)(adapter), (ctypes.c_float * 1)(1.0)
    if api.llama_set_adapters_lora(llama._ctx.ctx, adapters, 1, scales) != 0:
        raise Unusable("LoRA: it does not fit")


def _text(api: Any, vocab: Any, token: int) -> str:
    return "" if token < 0 else str(api.llama_vocab_get_text(vocab, token).decode())


class Log:
    """llama.cpp's last words, kept instead of printed."""

    def __init__(self, api: Any) -> None:
        self._lines: collections.deque[str] = collections.deque(maxlen=LOG_LINES)
        self._callback = api.llama_log_callback(self._keep)
        api.llama_log_set(self._callback, None)
        _LOGS.append(self)

    def _keep(self, _level: int, text: bytes, _data: object) -> None:
        self._lines.append(text.decode("utf-8", "replace").strip())

    def reason(self) -> str:
        """The first complaint; later ones only say what failed because of it."""
        complaints = [line for line in self._lines if "error" in line or "fail" in line]
        return complaints[0].split(": ", 1)[-1] if complaints else ""


_LOGS: list[Log] = []  # llama.cpp holds no more than the address of a callback


def _set_defaults(api: Any) -> None:
    """Load with a context that several answers share, and without repacked weights where the library would use AMX,
    which some compilers build so that it crashes.
    """
    _change(api, "llama_context_default_params", n_seq_max=AT_ONCE, kv_unified=True)
    if b"AMX_INT8 = 1" in api.llama_print_system_info():
        _change(api, "llama_model_default_params", use_extra_bufts=False)


def _change(api: Any, name: str, **values: object) -> None:
    """Let a function of the library give parameters with other values."""
    defaults = getattr(api, name)

    def changed() -> Any:
        params = defaults()
        for field, value in values.items():
            setattr(params, field, value)
        return params

    setattr(api, name, changed)


class Worker:
    """Answers one request after another; cancels and pings are heard at any time."""

    def __init__(self, lifeline: Lifeline) -> None:
        self._lifeline = lifeline
        self._waiting: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._lock = threading.Lock()  # over what follows
        self._current: int | None = None
        self._cancelled: set[int] = set()
        self._model: Model | None = None

    def receive(self, message: Message) -> None:
        """Take a message from the parent; called on the lifeline's thread."""
        if message["type"] == "ping":
            self._lifeline.send({"type": "pong", "stuck": self._stuck()})
        elif message["type"] == "cancel":
            with self._lock:
                self._cancelled.add(message["id"])
                if message["id"] == self._current and self._model is not None:
                    self._model.context.stop.set()
        else:
            self._waiting.put(message)

    def run(self, model: Model) -> None:
        """Answer requests until the process ends."""
        self._model = model
        about = {"name": model.name, "context_length": model.context_length, "on_graphics_card": model.on_graphics_card}
        self._lifeline.send({"type": "ready", **about})
        while True:
            request = self._waiting.get()
            if self._begin(model, request["id"]):
                self._answer(model, request)
            self._end(request["id"])

    def _answer(self, model: Model, request: Message) -> None:
        def send(message: Message) -> None:
            self._lifeline.send({**message, "id": request["id"]})

        try:
            if request["type"] == "count":
                send({"type": "count", "tokens": model.count(request["text"])})
            else:
                for message in model.answer(request["completions"]):
                    send(message)
                send({"type": "done"})
        except Refused as error:
            send({"type": "refused", "message": str(error)})
        except Cancelled:
            send({"type": "cancelled"})

    def _begin(self, model: Model, request: int) -> bool:
        with self._lock:
            if request in self._cancelled:
                return False
            model.context.stop.clear()
            model.context.beat = time.monotonic()
            self._current = request
            return True

    def _end(self, request: int) -> None:
        with self._lock:
            self._current = None
            self._cancelled.discard(request)

    def _stuck(self) -> float:
        """For how many seconds the model has shown no sign of life while it should work."""
        with self._lock:
            busy = self._current is not None and self._model is not None
            return time.monotonic() - self._model.context.beat if busy and self._model else 0.0


def main(arguments: Sequence[str]) -> None:
    """Load the model and serve the parent until it goes."""
    wanted, parent = Load(**json.loads(arguments[0])), arguments[1]
    lifeline = Lifeline()
    die_with(int(parent))
    worker = Worker(lifeline)
    lifeline.listen(worker.receive)
    try:
        model = load(wanted)
    except Unusable as error:
        lifeline.send({"type": "unusable", "reason": str(error)})
        return
    worker.run(model)
