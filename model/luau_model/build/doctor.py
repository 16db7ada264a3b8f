"""Is this adapter fit for this base and this machine? Every obstacle is found before the work, not in its middle."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from gguf import GGMLQuantizationType as Type

from ..engines.memory import available
from . import checkpoint, inputs, tokenizer
from .adapter import Adapter
from .errors import BuildError
from .inputs import Base, Inputs
from .merge import MergeBase, Planned
from .quantize import prepare, quantized
from .tokenizer import Vocabulary

Verdict = Literal["ok", "note", "refused"]
T = TypeVar("T")
_PROGRAM_BYTES = 160 << 20  # Python with what a build loads
_THREAD_BYTES = 24 << 20  # the chunks that one thread has at a time
_READ_SPEED = 400e6  # bytes a second, of a slow SSD
_SAMPLE = (64, 4096)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    said: str


@dataclass(frozen=True)
class Needs:
    """What a build takes, and what there is of it: bytes and seconds."""

    memory: int
    memory_free: int | None  # None where the system does not say
    disk: int
    disk_free: int
    seconds: float


@dataclass(frozen=True)
class Diagnosis:
    """All checks in order; ``inputs`` and ``needs`` only where nothing was refused before them."""

    checks: tuple[Check, ...]
    recommendation: str
    inputs: Inputs | None = None
    needs: Needs | None = None

    @property
    def refusals(self) -> tuple[str, ...]:
        return tuple(check.said for check in self.checks if check.verdict == "refused")

    def fit(self) -> Inputs:
        """What to build from. Raises BuildError with what was refused."""
        if self.inputs is None or self.refusals:
            raise BuildError("\n".join(self.refusals))
        return self.inputs


class _Checks:
    """Collects checks; one that is refused leaves nothing for those that build on it."""

    def __init__(self) -> None:
        self.made: list[Check] = []

    def attempt(self, name: str, work: Callable[[], T], say: Callable[[T], str]) -> T | None:
        try:
            result = work()
        except BuildError as error:
            self.made.append(Check(name, "refused", str(error)))
            return None
        self.made.append(Check(name, "ok", say(result)))
        return result

    def notes(self, name: str, said: Iterable[str]) -> None:
        self.made += [Check(name, "note", note) for note in said]


def diagnose(
    base: str, adapter: str | None, quant: str = "Q4_K_M", merge_base: MergeBase = "original", out: Path | None = None
) -> Diagnosis:
    """Look at everything that a build would need. Never raises BuildError: what is wrong stands in the checks."""
    checks = _Checks()
    ready = _fitting(checks, base, adapter)
    if ready is None:
        return Diagnosis(tuple(checks.made), "Mend what is refused first.")
    quantization = checks.attempt(
        "quantization",
        lambda: inputs.check_choices(ready.base, quant, merge_base),
        lambda q: f"{q.name}, about {q.bits} bits a weight",
    )
    if quantization is None:
        return Diagnosis(tuple(checks.made), "Choose another quantization or merge base.")
    plan = ready.plan(quantization, merge_base, {})
    needs = _needs(plan, ready.adapter, (out.absolute().parent if out else Path.cwd()))
    checks.made += _machine(needs)
    return Diagnosis(tuple(checks.made), _recommendation(ready.adapter, needs), ready, needs)


def _fitting(checks: _Checks, base: str, adapter: str | None) -> Inputs | None:
    """The base, the adapter and the tokenizer, where none is refused and they fit together."""
    lora = None
    if adapter:
        lora = checks.attempt("adapter", lambda: _sound(inputs.load_adapter(adapter)), _said_of_adapter)
        if lora is None:  # before a base of many gigabytes is downloaded for nothing
            return None
    found = checks.attempt("base", lambda: inputs.load_base(base), _said_of_base)
    if found is None:
        return None
    shape = found.shape
    if lora is not None:
        fits = checks.attempt("match", lambda: inputs.merged_shape(found, lora), lambda _: _said_of_match(found, lora))
        if fits is None:
            return None
        shape = fits
        checks.notes("match", _doubts(found, lora))
    vocabulary = checks.attempt(
        "tokenizer",
        lambda: inputs.load_vocabulary(found, lora, shape),
        lambda found: _said_of_vocabulary(found, shape.vocabulary),
    )
    if vocabulary is None:
        return None
    checks.notes("tokenizer", _template_doubts(found, lora, vocabulary))
    return Inputs(found, lora, vocabulary, shape)


def _sound(adapter: Adapter) -> Adapter:
    for tensor in adapter.tensors:
        tensor.whole()  # refuses what is not a number
    return adapter


def _said_of_adapter(adapter: Adapter) -> str:
    kinds = sorted({name.split(".")[-2] for name in adapter.updates})
    scales = sorted({round(update.scale, 4) for update in adapter.updates.values()})
    dora = "DoRA" if adapter.config.get("use_dora") else "LoRA"
    scaling = ", rank-stabilized" if adapter.config.get("use_rslora") else ""
    saved = f"; replaces {', '.join(sorted(adapter.replaced))}" if adapter.replaced else ""
    size = sum(tensor.nbytes for tensor in adapter.tensors)
    dtypes = "/".join(sorted({tensor.dtype for tensor in adapter.tensors}))
    return (
        f"{dora}{scaling}, rank {_list(adapter.ranks)}, alpha {adapter.config.get('lora_alpha')}, "
        f"scale {_list(scales)}, {len(adapter.updates)} matrices ({', '.join(kinds)}), "
        f"{dtypes}, {size / 1e6:,.1f} MB{saved}"
    )


def _list(values: list[int] | list[float]) -> str:
    return "/".join(f"{value:g}" for value in values)


def _said_of_base(base: Base) -> str:
    shape = base.shape
    weights = sum(tensor.height * tensor.width for tensor in base.tensors.values())
    files = len({tensor.file for tensor in base.tensors.values()})
    dtypes = "/".join(sorted({tensor.dtype for tensor in base.tensors.values()}))
    return (
        f"{base.config.get('model_type')}, {weights / 1e6:,.1f} million weights in {dtypes}, {files} "
        f"file{'s' * (files > 1)}, {shape.layers} layers of width {shape.width}, {shape.vocabulary} tokens"
    )


def _said_of_match(base: Base, adapter: Adapter) -> str:
    return f"all {len(adapter.updates) + len(adapter.replaced)} matrices of the adapter fit {base.name}"


def _doubts(base: Base, adapter: Adapter) -> Iterator[str]:
    trained, given = (name.rstrip("/").split("/")[-1].lower() for name in (adapter.base_name, base.name))
    trained = trained.removesuffix("-bnb-4bit").removesuffix("-unsloth")
    if trained and trained != given and "snapshots" not in str(base.folder):
        yield f"The adapter was trained on {adapter.base_name}; make sure that {base.name} is the same model."
    yield (
        "If it was trained on a 4-bit base (QLoRA), build once with --merge-base original and once with nf4: "
        "`model verify` shows which is nearer to what was trained."
    )


def _said_of_vocabulary(vocabulary: Vocabulary, size: int) -> str:
    kind = "sentencepiece" if vocabulary.kind == "llama" else f"byte-level BPE ({vocabulary.split})"
    padding = f", padded to {size}" if size > len(vocabulary.tokens) else ""
    return f"{kind}, {len(vocabulary.tokens)} tokens{padding}; llama.cpp splits the test texts into the same tokens"


def _template_doubts(base: Base, adapter: Adapter | None, vocabulary: Vocabulary) -> Iterator[str]:
    if not vocabulary.template:
        yield "There is no chat template: the built-in engine needs one. Add it to the tokenizer and build again."
    if adapter and tokenizer.has_tokenizer(adapter.folder) and tokenizer.has_tokenizer(base.folder):
        settings = checkpoint.read_json(base.folder / tokenizer.CONFIG)
        if vocabulary.template.strip() != tokenizer.chat_template(base.folder, settings).strip():
            yield "The adapter's chat template differs from the base's; the adapter's is built in."


def _needs(plan: list[Planned], adapter: Adapter | None, folder: Path) -> Needs:
    threads = os.cpu_count() or 1
    lora = max((4 * (u.a.nbytes + u.b.nbytes) for u in adapter.updates.values()), default=0) if adapter else 0
    memory = _PROGRAM_BYTES + 2 * (threads + 1) * _THREAD_BYTES + lora
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    read = sum(planned.source.nbytes for planned in plan)
    seconds = _quantizing_seconds(plan) / threads + 2 * read / _READ_SPEED
    disk = sum(planned.nbytes for planned in plan) + (8 << 20)
    return Needs(memory, available(), disk, shutil.disk_usage(existing).free, seconds)


def _quantizing_seconds(plan: list[Planned]) -> float:
    """What one thread would take, from a short measurement of each type."""
    rows = np.random.default_rng(0).standard_normal(_SAMPLE, np.float32) * np.float32(0.02)
    weights: dict[Type, int] = {}
    for planned in plan:
        weights[planned.kind] = weights.get(planned.kind, 0) + planned.source.height * planned.source.width
    prepare({kind.name: kind for kind in weights})
    seconds = 0.0
    for kind, count in weights.items():
        started = time.perf_counter()
        quantized(rows, kind)
        seconds += (time.perf_counter() - started) * count / rows.size
    return seconds


def _machine(needs: Needs) -> Iterator[Check]:
    for name, needed, free, remedy in (
        ("memory", needs.memory, needs.memory_free, "Close other programs."),
        ("disk", needs.disk, needs.disk_free, "Make room, or write to another disk."),
    ):
        said = f"{needed / 1e9:.2f} GB needed" + (f", {free / 1e9:.1f} GB free" if free is not None else "")
        fits = free is None or needed < free
        yield Check(name, "ok", said) if fits else Check(name, "refused", f"Too little {name}: {said}. {remedy}")
    yield Check("time", "ok", f"{_minutes(needs.seconds)} with {os.cpu_count() or 1} threads")


def _minutes(seconds: float) -> str:
    if seconds < 10:
        return "a few seconds"
    return f"about {seconds:.0f} seconds" if seconds < 100 else f"about {seconds / 60:.0f} minutes"


def _recommendation(adapter: Adapter | None, needs: Needs) -> str:
    if adapter is None:
        return "Build the base alone: there is no adapter."
    if adapter.replaced or adapter.config.get("use_dora") or any(u.embedding for u in adapter.updates.values()):
        return "Merge: this adapter holds more than a runtime adapter can (DoRA, or whole matrices)."
    size = sum(tensor.nbytes for tensor in adapter.tensors)
    if needs.disk >= needs.disk_free:
        return (
            f"Use it as a runtime adapter (model export-lora): {size / 1e6:,.0f} MB fit on the disk, a merge does not."
        )
    return (
        "Merge: one file, at full speed, that runs everywhere. A runtime adapter (model export-lora) is for several "
        "adapters that share one quantized base."
    )
