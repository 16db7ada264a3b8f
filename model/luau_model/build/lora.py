"""The adapter alone as a GGUF, for use on a quantized base at run time, so that one base serves several adapters.

Tensors are named as the matrix that they change, with ``.lora_a`` and ``.lora_b``; llama.cpp computes
``alpha / rank · B · A``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

from ..files import replaced
from . import inputs
from .adapter import CONFIG, WEIGHTS, Adapter
from .architecture import gguf_name, interleaved
from .checksums import checksums
from .errors import BuildError
from .gguf import OURS
from .inputs import Base
from .pipeline import Built, check_out
from .sources import public_name


@dataclass(frozen=True)
class ExportOptions:
    """What to export; ``adapter`` and ``base`` are folders or hub names, the base needed for its shape."""

    adapter: str
    base: str
    out: Path
    force: bool = False


def export(options: ExportOptions) -> Built:
    """Write the adapter as F16. Raises BuildError where it does not fit, or is more than a LoRA on matrices."""
    started = time.monotonic()
    check_out(options.out, options.force)
    adapter, base = inputs.load_adapter(options.adapter), inputs.load_base(options.base)
    inputs.merged_shape(base, adapter)
    _refuse(adapter)
    with replaced(options.out) as new:
        writer = gguf.GGUFWriter(new, "llama")
        writer.add_type(gguf.GGUFType.ADAPTER)
        writer.add_string("adapter.type", "lora")
        writer.add_name(public_name(options.adapter))
        writer.add_float32("adapter.lora.alpha", _alpha(adapter))
        writer.add_string(f"{OURS}base.name", public_name(options.base))
        writer.add_array(f"{OURS}adapter.sha256", checksums([adapter.folder / CONFIG, adapter.folder / WEIGHTS]))
        _add_tensors(writer, adapter, base)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    count = 2 * len(adapter.updates)
    return Built(options.out, options.out.stat().st_size, time.monotonic() - started, count, 0)


def _refuse(adapter: Adapter) -> None:
    why = None
    if any(update.magnitude is not None for update in adapter.updates.values()):
        why = "it is a DoRA, which llama.cpp can't apply at run time"
    elif any(update.embedding for update in adapter.updates.values()):
        why = "it changes the embedding"
    elif adapter.replaced:
        why = f"it replaces {sorted(adapter.replaced)[0]} whole"
    if why:
        raise BuildError(f"{adapter.folder} can't be a runtime adapter: {why}. Merge it with `model build`.")


def _alpha(adapter: Adapter) -> float:
    """One alpha for all matrices; what is special about one goes into its B."""
    update = next(iter(adapter.updates.values()))
    return update.scale * update.rank


def _add_tensors(writer: gguf.GGUFWriter, adapter: Adapter, base: Base) -> None:
    alpha = _alpha(adapter)
    for name, update in sorted(adapter.updates.items()):
        b = update.b.whole() * np.float32(update.scale * update.rank / alpha)
        if heads := base.shape.rotated_heads(name):
            b = interleaved(b, heads)
        writer.add_tensor(f"{gguf_name(name)}.lora_a", update.a.whole().astype(np.float16))
        writer.add_tensor(f"{gguf_name(name)}.lora_b", b.astype(np.float16))
