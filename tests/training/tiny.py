"""A tiny Mistral of random weights with a tokenizer of its own, made in a second."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from luau_training.demo import TEMPLATE
from luau_training.embedded import tokenizer
from luau_training.embedded.recipe import load_all
from transformers import MistralConfig, MistralForCausalLM


def save(folder: Path, *, hidden: int = 64, layers: int = 2, vocabulary: int = 800, context: int = 2048) -> Path:
    """Write the model and its tokenizer as a Hugging Face folder."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [recipe.render({}, recipe.options) for recipe in load_all()]
    tokenizer.train(texts, vocabulary, folder / "tokenizer.model")
    (folder / "tokenizer_config.json").write_text(json.dumps({**tokenizer.HF_CONFIG, "chat_template": TEMPLATE}))
    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=hidden // 2,
        max_position_embeddings=context,
        sliding_window=None,
        tie_word_embeddings=False,
        bos_token_id=1,
        eos_token_id=2,
    )
    model = MistralForCausalLM(config)
    with torch.no_grad():  # as it comes, its head can't say anything with certainty, whatever the adapter does
        model.lm_head.weight.mul_(20)
    model.save_pretrained(folder)
    return folder
