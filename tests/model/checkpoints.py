"""Hugging Face folders for tests: small Mistral models with random weights, their tokenizers, and LoRA adapters."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import sentencepiece
import tokenizers
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoTokenizer, MistralConfig, MistralForCausalLM

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ '[INST]' + m['content'] + '\\n\\n' }}"
    "{% elif m['role'] == 'user' %}{{ '[INST] ' + m['content'] + '[/INST]' }}"
    "{% else %}{% generation %}{{ ' ' + m['content'] + eos_token }}{% endgeneration %}{% endif %}{% endfor %}"
)
SAMPLE = [
    'local Players = game:GetService("Players")\n\nPlayers.PlayerAdded:Connect(function(player)\n\tprint(player)\nend)',
    "-- a door that opens after 42 seconds, isn't it",
    "if x then\n\treturn 1\nend  -- done",
    "The quick brown fox jumps over the lazy dog; pack my box with five dozen liquor jugs",
] * 8
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def sentencepiece_tokenizer(folder: Path, *, legacy: bool = False, fast: bool = True) -> Path:
    """A sentencepiece BPE tokenizer with control symbols, as Mistral's; ``fast`` writes tokenizer.json too."""
    folder.mkdir(parents=True, exist_ok=True)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SAMPLE),
        model_writer=model,
        vocab_size=420,
        model_type="bpe",
        byte_fallback=True,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        control_symbols=["[INST]", "[/INST]"],
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=True,
        split_digits=True,
        allow_whitespace_only_pieces=True,
        minloglevel=2,
    )
    (folder / "tokenizer.model").write_bytes(model.getvalue())
    settings = {
        "tokenizer_class": "LlamaTokenizer",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "add_bos_token": True,
        "add_eos_token": False,
        "legacy": legacy,
        "chat_template": TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    if fast:
        AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
    return folder


def byte_level_tokenizer(folder: Path, pattern: str | None = None) -> Path:
    """A byte-level BPE tokenizer; ``pattern`` splits text first, GPT-2's way if there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    pieces = tokenizers.pre_tokenizers
    tokenizer.pre_tokenizer = (
        pieces.ByteLevel(add_prefix_space=False)
        if pattern is None
        else pieces.Sequence(
            [
                pieces.Split(tokenizers.Regex(pattern), "isolated"),
                pieces.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    )
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    special = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"]
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=special,
        initial_alphabet=pieces.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*SAMPLE, *["1234567 it's 12345 THEY'LL   \n\n  x"] * 20], trainer)
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "chat_template": TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


def base(folder: Path, *, shards: bool = False, dtype: torch.dtype = torch.bfloat16, **shape: Any) -> Path:
    """A Mistral with random weights beside the tokenizer that is in ``folder`` already."""
    torch.manual_seed(0)
    size = len(AutoTokenizer.from_pretrained(folder))
    settings = {
        "hidden_size": 256,
        "intermediate_size": 512,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": size,
        "max_position_embeddings": 1024,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
        "sliding_window": None,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "initializer_range": 0.08,
    }
    model = MistralForCausalLM(MistralConfig(**{**settings, **shape})).to(dtype)
    model.save_pretrained(folder, max_shard_size="500KB" if shards else "5GB")
    return folder


def adapter(folder: Path, base_folder: Path, *, size: float = 0.05, **options: Any) -> Path:
    """A LoRA adapter with random weights of that standard deviation; ``options`` are LoraConfig's."""
    torch.manual_seed(1)
    settings = {"r": 8, "lora_alpha": 16, "target_modules": LINEAR, "task_type": "CAUSAL_LM"}
    model = get_peft_model(MistralForCausalLM.from_pretrained(base_folder), LoraConfig(**{**settings, **options}))
    for name, parameter in model.named_parameters():
        if "lora_A" in name or "lora_B" in name or "lora_embedding" in name:
            torch.nn.init.normal_(parameter, std=size)
        elif "magnitude" in name or "modules_to_save" in name:
            parameter.data += torch.randn_like(parameter) * size
    model.save_pretrained(folder)
    return folder
