"""What a training run will need, before it starts: memory from the shapes, time from this device's measured speed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch

from .options import Sft
from .precision import number_type

_NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)  # a weight, its block's scale in 8 bits, and that scale's scale
_ADAPTER_BYTES = 4 + 4 + 8  # weight, gradient and AdamW's two moments in fp32
_LOGIT_BYTES = 2 + 4 + 4  # bf16, and fp32 with its gradient
# Of the speed of a plain matrix product; what QLoRA with checkpointing gets of it.
_EFFICIENCY = 0.4


@dataclass(frozen=True)
class Shape:
    """Counts of parameters and sizes of layers."""

    linear: int
    other: int
    adapter: int
    layers: int
    hidden: int
    intermediate: int
    vocabulary: int


@dataclass(frozen=True)
class Estimate:
    """Bytes and seconds."""

    memory: float
    seconds: float
    steps: int

    def sentence(self, free: float) -> str:
        """What to expect, and what to lower where it does not fit."""
        said = f"{self.steps:,} steps; about {self.memory / 1e9:.1f} GB of memory ({free / 1e9:.1f} GB are free) and "
        said += f"{self.seconds / 60:.0f} minutes." if self.seconds > 90 else f"{self.seconds:.0f} seconds."
        if self.memory > free:
            said += " That is more than is free: lower --max-length first, then --batch or --rank."
        return said


def shape_of(config: Any, options: Sft) -> Shape:
    """From the model's configuration alone; no weight is loaded."""
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    head = model.get_output_embeddings()
    linears = {name: m for name, m in model.named_modules() if isinstance(m, torch.nn.Linear) and m is not head}
    linear = sum(module.weight.numel() for module in linears.values())
    adapted = (m for name, m in linears.items() if name.rsplit(".", 1)[-1] in options.targets)
    adapter = sum(options.rank * (module.in_features + module.out_features) for module in adapted)
    return Shape(
        linear,
        sum(p.numel() for p in model.parameters()) - linear,
        adapter,
        config.num_hidden_layers,
        config.hidden_size,
        config.intermediate_size,
        config.vocab_size,
    )


def estimate(shape: Shape, options: Sft, tokens: int, longest: int, processes: int, flops: float) -> Estimate:
    """For ``tokens`` in a pass over the rows, the longest of which has ``longest``; ``flops`` is the speed a second.

    Each token of a step costs six operations a weight: the forward pass, again for the checkpoints, and the gradient
    with regard to the input (2 each); frozen weights have no gradient of their own.
    """
    width = options.max_length if options.packing else min(longest, options.max_length)
    at_once = options.batch * width
    weights = shape.linear * (_NF4_BYTES if options.quantized else 2) + shape.other * 2
    checkpoints = shape.layers * at_once * shape.hidden * 2
    one_layer = at_once * 2 * (8 * shape.hidden + 4 * shape.intermediate)
    logits = at_once * shape.vocabulary * _LOGIT_BYTES
    memory = weights + shape.adapter * _ADAPTER_BYTES + checkpoints + one_layer + logits
    steps = max(1, round(options.epochs * tokens / (at_once * options.accumulation * processes)))
    work = 6 * (shape.linear + shape.vocabulary * shape.hidden) * tokens * options.epochs / processes
    return Estimate(memory, work / (flops * _EFFICIENCY), steps)


def measured_flops() -> float:
    """Operations a second of a matrix product on this device."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    size = 8192 if device == "cuda" else 1024
    a = torch.randn(size, size, dtype=number_type(), device=device)
    (a @ a).sum().item()
    started, rounds = time.perf_counter(), 0
    while time.perf_counter() - started < 0.2:
        (a @ a).sum().item()
        rounds += 1
    return 2.0 * size**3 * rounds / (time.perf_counter() - started)


def free_memory() -> float:
    """Bytes that this process may still take where it trains."""
    if torch.cuda.is_available():
        return float(torch.cuda.mem_get_info()[0])
    from luau_model.engines.memory import available

    return float(available() or 0)
