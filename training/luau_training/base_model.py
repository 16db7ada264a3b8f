"""The base model with its tokenizer, in 4 bits if wanted, and the adapter on top."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from .options import StageError, Tuning
from .precision import number_type


def load_tokenizer(base: str) -> Any:
    """With a padding token that never ends a script, and the chat template that the prompt needs."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(base)
    except (OSError, ValueError) as error:
        raise StageError(f"The base model {base} can't be read ({_first(error)}): check --base.") from None
    if tokenizer.chat_template is None:
        raise StageError(f"The tokenizer of {base} has no chat template: choose an instruct model as --base.")
    if tokenizer.pad_token is None or tokenizer.pad_token == tokenizer.eos_token:
        tokenizer.pad_token = tokenizer.unk_token or tokenizer.eos_token
    return tokenizer


def attention_of(options: Tuning) -> str:
    """The attention that the options ask for."""
    if options.attention != "auto":
        return options.attention
    return "flash_attention_2" if torch.cuda.is_available() and find_spec("flash_attn") else "sdpa"


def load_base(options: Tuning) -> Any:
    """The base on this process's device. Sharded training (FSDP, ZeRO-3) places it by itself."""
    sharded = is_sharded()
    device: Any = int(os.environ.get("LOCAL_RANK", 0)) if torch.cuda.is_available() else "cpu"
    more: dict[str, Any] = {} if sharded else {"device_map": {"": device}}
    if options.quantized:
        more["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=number_type(),
            bnb_4bit_quant_storage=torch.bfloat16 if sharded else torch.uint8,  # shards must be of one type
        )
    try:
        return AutoModelForCausalLM.from_pretrained(
            options.base, dtype=number_type(), attn_implementation=attention_of(options), use_safetensors=True, **more
        )
    except (OSError, ValueError, ImportError) as error:
        raise StageError(f"The base model {options.base} can't be loaded ({_first(error)}): check --base.") from None


def load_adapted(options: Tuning) -> Any:
    """The base with a new adapter, or with the one that training goes on from."""
    model = load_base(options)
    model.config.use_cache = False
    if options.quantized and not is_sharded():
        model = prepare_model_for_kbit_training(model, gradient_checkpointing_kwargs={"use_reentrant": False})
    if options.adapter:
        if not (Path(options.adapter) / "adapter_model.safetensors").is_file():
            raise StageError(f"{options.adapter} holds no adapter (adapter_model.safetensors): check --adapter.")
        return PeftModel.from_pretrained(model, options.adapter, is_trainable=True)
    return get_peft_model(model, lora_config(options))


def lora_config(options: Tuning) -> LoraConfig:
    return LoraConfig(
        r=options.rank,
        lora_alpha=options.alpha,
        lora_dropout=options.dropout,
        target_modules=list(options.targets),
        bias="none",
        task_type="CAUSAL_LM",
    )


def is_sharded() -> bool:
    """Whether ``accelerate launch`` spreads the weights over processes."""
    return os.environ.get("ACCELERATE_USE_FSDP") == "true" or os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true"


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
