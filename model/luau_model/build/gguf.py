"""A Hugging Face Mistral folder to GGUF: tensors, tokenizer, chat template and where they come from.

Layout and names follow the GGUF specification and llama.cpp's ``llama`` architecture.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import sentencepiece
from numpy.typing import NDArray
from safetensors import safe_open

from ..files import replaced

_TENSORS = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def export(folder: Path, out: Path, quant: gguf.GGMLQuantizationType, about: Mapping[str, str]) -> None:
    """Write the folder's model as one GGUF file.

    Matrices are stored as ``quant`` (Q8_0, F16 or F32), norms as F32. ``about`` holds general.* strings such as
    ``name``, ``license`` and ``description``. The file appears at ``out`` only when it is whole.
    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    with replaced(out) as new:
        writer = gguf.GGUFWriter(new, "llama")
        for key, text in about.items():
            writer.add_string(f"general.{key}", text)
        _add_shape(writer, config)
        _add_tokenizer(writer, folder)
        _add_tensors(writer, folder, config, quant)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def _add_shape(writer: gguf.GGUFWriter, config: Mapping[str, Any]) -> None:
    head_dim = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    rope = config.get("rope_parameters") or {}
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_rope_dimension_count(head_dim)
    writer.add_rope_freq_base(float(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0))
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])


def _add_tokenizer(writer: gguf.GGUFWriter, folder: Path) -> None:
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    settings = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    tokens, scores, types = [], [], []
    for index in range(pieces.vocab_size()):
        tokens.append(pieces.id_to_piece(index).encode())
        scores.append(pieces.get_score(index))
        types.append(_token_type(pieces, index))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_bos_token_id(pieces.bos_id())
    writer.add_eos_token_id(pieces.eos_id())
    writer.add_unk_token_id(pieces.unk_id())
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    # with llama.cpp's default, true, the text after [INST] gets other pieces than in training
    writer.add_add_space_prefix(False)
    writer.add_chat_template(settings["chat_template"])


def _token_type(pieces: sentencepiece.SentencePieceProcessor, index: int) -> gguf.TokenType:
    if pieces.is_unknown(index):
        return gguf.TokenType.UNKNOWN
    if pieces.is_control(index):
        return gguf.TokenType.CONTROL
    if pieces.is_byte(index):
        return gguf.TokenType.BYTE
    return gguf.TokenType.NORMAL


def _add_tensors(
    writer: gguf.GGUFWriter, folder: Path, config: Mapping[str, Any], quant: gguf.GGMLQuantizationType
) -> None:
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="np") as tensors:
            for name in tensors.keys():  # noqa: SIM118 - safe_open has no iterator
                if name == "lm_head.weight" and config.get("tie_word_embeddings"):
                    continue
                data = _permuted(name, tensors.get_tensor(name).astype(np.float32), config)
                kind = quant if data.ndim > 1 else gguf.GGMLQuantizationType.F32
                writer.add_tensor(_gguf_name(name), gguf.quantize(data, kind), raw_dtype=kind)


def _gguf_name(name: str) -> str:
    base, _, kind = name.rpartition(".")
    if base.startswith("model.layers."):
        _, _, index, part = base.split(".", 3)
        return f"blk.{index}.{_TENSORS[part]}.{kind}"
    return f"{_TENSORS[base]}.{kind}"


def _permuted(name: str, data: NDArray[np.float32], config: Mapping[str, Any]) -> NDArray[np.float32]:
    """llama.cpp rotates neighbouring pairs of a head's rows, transformers rotates its halves."""
    heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}
    for part, key in heads.items():
        if name.endswith(f"self_attn.{part}.weight"):
            count = config[key]
            return data.reshape(count, 2, len(data) // count // 2, -1).swapaxes(1, 2).reshape(data.shape)
    return data
