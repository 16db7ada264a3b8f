"""The numbers that this device computes with fastest."""

from __future__ import annotations

import torch

_BF16 = ("avx512_bf16", "amx_bf16", "bf16")  # instructions of x86-64 and of Arm


def number_type() -> torch.dtype:
    """bf16 on GPUs and on processors with instructions for it; else fp32: without them bf16 takes 20 times as long."""
    if torch.cuda.is_available() or any(torch.cpu.get_capabilities().get(name) for name in _BF16):
        return torch.bfloat16
    return torch.float32
