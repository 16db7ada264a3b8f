"""Answers of a model that is in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from luau_model.request import Message

from .pairs import chat


@torch.inference_mode()
def answers_of(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Sequence[Message]],
    max_tokens: int,
    *,
    temperature: float = 0.0,
    top_p: float = 1.0,
    batch: int = 16,
) -> list[str]:
    """An answer to each prompt, greedy at temperature 0; the longest prompts go together, so little is padding."""
    texts = [tokenizer.apply_chat_template(chat(p), add_generation_prompt=True, tokenize=False) for p in prompts]
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    found = [""] * len(texts)
    sampling: dict[str, Any] = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    if temperature > 0:
        sampling = {"do_sample": True, "temperature": temperature, "top_p": top_p, "top_k": 0}
    was_training = model.training
    model.eval()
    for start in range(0, len(order), batch):
        some = order[start : start + batch]
        inputs = tokenizer(
            [texts[i] for i in some], return_tensors="pt", padding=True, padding_side="left", add_special_tokens=False
        ).to(model.device)
        out = model.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            max_new_tokens=max_tokens,
            use_cache=True,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            **sampling,
        )
        for i, ids in zip(some, out[:, inputs["input_ids"].shape[1] :], strict=True):
            found[i] = tokenizer.decode(ids, skip_special_tokens=True)
    model.train(was_training)
    return found
