"""A LoRA adapter as peft saves it: which tensors of the base it changes, and how.

LoRA: https://arxiv.org/abs/2106.09685, rank-stabilized scaling: https://arxiv.org/abs/2312.03732,
DoRA: https://arxiv.org/abs/2402.09353.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .checkpoint import Tensor, open_file, read_json
from .errors import BuildError

CONFIG, WEIGHTS, PICKLE = "adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"
_PREFIX = "base_model.model."
_PART = re.compile(
    r"(?P<module>.+)\.(?P<kind>lora_A|lora_B|lora_embedding_A|lora_embedding_B|lora_magnitude_vector)(?:\.weight)?"
)
# Options of peft that change what an adapter means, each with what to do about it.
_UNSUPPORTED = {
    "fan_in_fan_out": "it was made for a model with transposed weights, which Mistral and Llama have not",
    "lora_bias": "it has biases of its own, for which the model has no place: train with lora_bias=False",
    "layer_replication": "it repeats layers of the base: train it on a base that has these layers",
    "megatron_config": "it is an adapter for Megatron: convert it to peft's own format",
    "trainable_token_indices": "it changes single tokens' embeddings: train with modules_to_save instead",
    "target_parameters": "it changes parameters outside of linear layers: train with target_modules instead",
    "alora_invocation_tokens": "it is an activated LoRA, which works in parts of the text only and can't be merged",
    "use_qalora": "it is a QA-LoRA, whose groups of inputs llama.cpp does not know",
    "arrow_config": "it routes between several adapters and can't be merged",
}
# Initializations that take something out of the base's weights, so that the adapter does not fit the original base.
_CHANGES_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")


@dataclass(frozen=True)
class Update:
    """``W + scale · B · A`` for one matrix; with ``magnitude`` each row is scaled to that length after it (DoRA).

    ``a`` has the shape (rank, inputs) and ``b`` (outputs, rank). For an ``embedding`` peft stores both transposed the
    other way: ``a`` (rank, vocabulary), ``b`` (width, rank), and the update is ``scale · (B · A)ᵀ``.
    """

    a: Tensor
    b: Tensor
    scale: float
    magnitude: Tensor | None = None
    embedding: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the matrix that this changes."""
        if self.embedding:
            return self.a.shape[1], self.b.shape[0]
        return self.b.shape[0], self.a.shape[1]

    @property
    def rank(self) -> int:
        return self.a.shape[0]


@dataclass(frozen=True)
class Adapter:
    """``updates`` and ``replaced`` are keyed by the names of the base's tensors."""

    folder: Path
    config: Mapping[str, Any]
    updates: Mapping[str, Update] = field(default_factory=dict)
    replaced: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def base_name(self) -> str:
        return str(self.config.get("base_model_name_or_path") or "")

    @property
    def ranks(self) -> list[int]:
        return sorted({update.rank for update in self.updates.values()})

    @property
    def tensors(self) -> list[Tensor]:
        """Everything that is stored."""
        parts = [part for update in self.updates.values() for part in (update.a, update.b, update.magnitude)]
        return [*(part for part in parts if part is not None), *self.replaced.values()]


def load(folder: Path) -> Adapter:
    """Read what an adapter changes. Raises BuildError where it can't be read or means something unsupported."""
    if not (folder / WEIGHTS).is_file():
        if (folder / PICKLE).is_file():
            raise BuildError(
                f"{folder} has its weights as a pickle ({PICKLE}), and loading a pickle can run any code "
                "(CVE-2025-32434): save the adapter as safetensors (save_pretrained does)."
            )
        raise BuildError(f"{folder} has no {WEIGHTS}: it is not an adapter's folder.")
    config = read_json(folder / CONFIG)
    _refuse_unsupported(folder, config)
    parts: dict[str, dict[str, Tensor]] = {}
    replaced: dict[str, Tensor] = {}
    for key, tensor in open_file(folder / WEIGHTS).items():
        name = key.removeprefix(_PREFIX)
        if match := _PART.fullmatch(name):
            parts.setdefault(match["module"], {})[match["kind"]] = tensor
        elif name.endswith(".weight"):
            replaced[re.sub(r"\.(base_layer|modules_to_save(\.default)?)(?=\.)", "", name)] = tensor
        else:
            raise BuildError(f"{folder} holds {key}, which is no part of a LoRA adapter.")
    updates = {f"{module}.weight": _update(folder, config, module, found) for module, found in parts.items()}
    if not updates and not replaced:
        raise BuildError(f"{folder} changes nothing: {WEIGHTS} is empty.")
    return Adapter(folder, config, updates, replaced)


def _refuse_unsupported(folder: Path, config: Mapping[str, Any]) -> None:
    kind = config.get("peft_type")
    if kind != "LORA":
        raise BuildError(f"{folder} is an adapter of type {kind}: only LoRA and DoRA can be merged.")
    for option, why in _UNSUPPORTED.items():
        if config.get(option):
            raise BuildError(f"{folder} can't be built from: {why}.")
    if config.get("bias", "none") not in ("none", None):
        raise BuildError(f"{folder} was trained with bias={config['bias']!r}, for which the model has no place.")
    start = str(config.get("init_lora_weights", True)).lower()
    if start.startswith(_CHANGES_BASE):
        raise BuildError(
            f"{folder} was started with init_lora_weights={start!r}, which changes the base's weights too: save it "
            "again with path_initial_model_for_weight_conversion, which makes a plain LoRA of it."
        )


def _update(folder: Path, config: Mapping[str, Any], module: str, found: Mapping[str, Tensor]) -> Update:
    embedding = "lora_embedding_A" in found
    a, b = (found.get(f"lora_{'embedding_' if embedding else ''}{side}") for side in "AB")
    if a is None or b is None:
        raise BuildError(f"{folder} has only one half of the update of {module}. Download or save it again.")
    if len(a.shape) != 2 or len(b.shape) != 2 or a.shape[0] != b.shape[1]:
        raise BuildError(f"{folder}: the two halves of the update of {module} don't fit: {a.shape} and {b.shape}.")
    rank = a.shape[0]
    promised = _by_pattern(config.get("rank_pattern"), module, config.get("r"))
    if promised != rank:
        raise BuildError(f"{folder} promises rank {promised} for {module} but stores rank {rank}. Save it again.")
    alpha = float(_by_pattern(config.get("alpha_pattern"), module, config.get("lora_alpha") or rank))
    scale = alpha / (rank**0.5 if config.get("use_rslora") else rank)
    magnitude = found.get("lora_magnitude_vector")
    if embedding and magnitude is not None:
        raise BuildError(f"{folder} uses DoRA on {module}: DoRA on embeddings can't be merged.")
    if bool(config.get("use_dora")) != (magnitude is not None):
        raise BuildError(f"{folder} says use_dora={bool(config.get('use_dora'))} but stores {module} otherwise.")
    return Update(a, b, scale, magnitude, embedding)


def _by_pattern(patterns: object, module: str, default: Any) -> Any:
    """peft's way to give a module a rank or alpha of its own: the first pattern that ends the module's name."""
    if isinstance(patterns, Mapping):
        for pattern, value in patterns.items():
            if re.fullmatch(rf"(.*\.)?({pattern})", module):
                return value
    return default
