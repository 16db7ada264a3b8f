"""Mistral and Llama as GGUF's ``llama`` architecture: shapes, names and the order of rows.

Names and keys follow the GGUF specification: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from .checkpoint import Tensor
from .errors import BuildError

EMBEDDING, OUTPUT = "model.embed_tokens.weight", "lm_head.weight"
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
_COUNTS = "hidden_size intermediate_size num_hidden_layers num_attention_heads vocab_size max_position_embeddings"


@dataclass(frozen=True)
class Shape:
    """The numbers of a model's config.json that its GGUF needs."""

    width: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    context: int
    rope_theta: float
    norm_epsilon: float
    tied: bool

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Shape:
        """Read a config.json. Raises BuildError where it is another architecture or uses what ``llama`` has not."""
        _refuse_unsupported(config)
        try:
            width, hidden, layers, heads, vocabulary, context = (int(config[key]) for key in _COUNTS.split())
            rope = config.get("rope_parameters") or {}  # transformers 5; before, rope_theta stood by itself
            return cls(
                width,
                hidden,
                layers,
                heads,
                int(config.get("num_key_value_heads") or heads),
                int(config.get("head_dim") or width // heads),
                vocabulary,
                context,
                float(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0),
                float(config["rms_norm_eps"]),
                bool(config.get("tie_word_embeddings")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BuildError(f"The base's config.json is incomplete ({error}). Download it again.") from None

    def expected(self) -> dict[str, tuple[int, ...]]:
        """All tensors of the model by their Hugging Face names, with their shapes."""
        q, kv = self.heads * self.head_dim, self.kv_heads * self.head_dim
        shapes: dict[str, tuple[int, ...]] = {EMBEDDING: (self.vocabulary, self.width)}
        for layer in range(self.layers):
            parts = {
                "input_layernorm": (self.width,),
                "self_attn.q_proj": (q, self.width),
                "self_attn.k_proj": (kv, self.width),
                "self_attn.v_proj": (kv, self.width),
                "self_attn.o_proj": (self.width, q),
                "post_attention_layernorm": (self.width,),
                "mlp.gate_proj": (self.hidden, self.width),
                "mlp.up_proj": (self.hidden, self.width),
                "mlp.down_proj": (self.width, self.hidden),
            }
            shapes |= {f"model.layers.{layer}.{part}.weight": shape for part, shape in parts.items()}
        shapes["model.norm.weight"] = (self.width,)
        if not self.tied:
            shapes[OUTPUT] = (self.vocabulary, self.width)
        return shapes

    def rotated_heads(self, name: str) -> int:
        """How many heads the rows of a tensor are, where rotary embedding turns them; else 0."""
        if name.endswith("self_attn.q_proj.weight"):
            return self.heads
        return self.kv_heads if name.endswith("self_attn.k_proj.weight") else 0

    def describe(self, writer: gguf.GGUFWriter) -> None:
        """Add the ``llama.*`` keys."""
        writer.add_context_length(self.context)
        writer.add_embedding_length(self.width)
        writer.add_block_count(self.layers)
        writer.add_feed_forward_length(self.hidden)
        writer.add_head_count(self.heads)
        writer.add_head_count_kv(self.kv_heads)
        writer.add_key_length(self.head_dim)
        writer.add_value_length(self.head_dim)
        writer.add_rope_dimension_count(self.head_dim)
        writer.add_rope_freq_base(self.rope_theta)
        writer.add_layer_norm_rms_eps(self.norm_epsilon)
        writer.add_vocab_size(self.vocabulary)


def _refuse_unsupported(config: Mapping[str, Any]) -> None:
    kind = config.get("model_type")
    if kind not in ("mistral", "llama"):
        raise BuildError(f"The base is a model of type {kind}: only mistral and llama can be built.")
    if config.get("quantization_config"):
        raise BuildError("The base is quantized already: give the original weights, which quantizing starts from.")
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    scaling = rope.get("rope_type") or rope.get("type") or "default"
    if scaling != "default":
        raise BuildError(f"The base stretches its context by {scaling} scaling, which can't be built yet.")
    if config.get("attention_bias") or config.get("mlp_bias"):
        raise BuildError("The base has biases, which can't be built: take a base without.")
    if config.get("hidden_act", "silu") != "silu":
        raise BuildError(f"The base uses {config['hidden_act']} where llama.cpp computes silu: it can't be built.")


def check_shapes(shape: Shape, tensors: Mapping[str, Tensor]) -> None:
    """Raises BuildError unless the folder has just the tensors that its config.json asks for."""
    for name, expected in shape.expected().items():
        found = tensors.get(name)
        if found is None:
            raise BuildError(f"The base has no tensor {name}, which its config.json asks for. Download it again.")
        if found.shape != expected:
            raise BuildError(f"The base's {name} is {found.shape} where its config.json asks for {expected}.")
    known = {*shape.expected(), OUTPUT}
    extra = [name for name in tensors if name not in known and not name.endswith("rotary_emb.inv_freq")]
    if extra:
        raise BuildError(f"The base has a tensor {extra[0]} that a {shape.layers}-layer model has no place for.")


def gguf_name(name: str) -> str:
    """``model.layers.0.mlp.up_proj.weight`` -> ``blk.0.ffn_up.weight``."""
    base, _, kind = name.rpartition(".")
    if base.startswith("model.layers."):
        _, _, index, part = base.split(".", 3)
        return f"blk.{index}.{_TENSORS[part]}.{kind}"
    return f"{_TENSORS[base]}.{kind}"


def interleaved(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of whole heads in llama.cpp's order, which turns neighbouring rows; transformers turns a head's halves."""
    return np.ascontiguousarray(rows.reshape(heads, 2, len(rows) // heads // 2, -1).swapaxes(1, 2)).reshape(rows.shape)
