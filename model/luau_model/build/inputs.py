"""What a build starts from, loaded and found to fit together."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf

from . import adapter as adapters
from . import checkpoint, sources, tokenizer
from .adapter import Adapter
from .architecture import EMBEDDING, OUTPUT, Shape, check_shapes, gguf_name
from .checkpoint import Tensor
from .errors import BuildError
from .merge import MergeBase, Planned
from .nf4 import BLOCK
from .quantize import QUANTIZATIONS, Importance, Quantization, tensor_type
from .tokenizer import Vocabulary


@dataclass(frozen=True)
class Base:
    """A base model's folder: what its config.json says, and where its tensors are."""

    name: str
    folder: Path
    config: Mapping[str, Any]
    shape: Shape
    tensors: Mapping[str, Tensor]


@dataclass(frozen=True)
class Inputs:
    """A base, an adapter or none, and the vocabulary that the result has; ``shape`` is the result's."""

    base: Base
    adapter: Adapter | None
    vocabulary: Vocabulary
    shape: Shape

    def plan(
        self, quantization: Quantization, merge_base: MergeBase, importance: Mapping[str, Importance]
    ) -> list[Planned]:
        """The tensors of the file in the order of the base's files, so that these are read front to back."""
        replaced = self.adapter.replaced if self.adapter else {}
        updates = self.adapter.updates if self.adapter else {}
        names = [*self.base.shape.expected(), *([OUTPUT] if self.base.shape.tied and OUTPUT in replaced else [])]
        sources_of = {name: replaced.get(name) or self.base.tensors[name] for name in names}
        names.sort(key=lambda name: (str(sources_of[name].file), sources_of[name].offset))
        plan = []
        for name in names:
            source, target = sources_of[name], gguf_name(name)
            kind = tensor_type(
                quantization, target, source.shape, self.shape, tied=OUTPUT not in names, weighted=bool(importance)
            )
            trained_on_nf4 = merge_base == "nf4" and name.startswith("model.layers.") and len(source.shape) == 2
            plan.append(
                Planned(
                    target,
                    source,
                    updates.get(name),
                    kind,
                    self.shape.rotated_heads(name),
                    trained_on_nf4 and name not in replaced,
                    importance.get(target),
                )
            )
        return plan


def load_base(name: str) -> Base:
    """Find and open a base. Raises BuildError where it can't be used."""
    folder = sources.fetch(name)
    config = checkpoint.read_json(folder / "config.json")
    shape = Shape.of(config)
    tensors = checkpoint.open_folder(folder)
    check_shapes(shape, tensors)
    return Base(name, folder, config, shape, tensors)


def load_adapter(name: str) -> Adapter:
    """Find and open an adapter. Raises BuildError where it can't be used."""
    return adapters.load(sources.fetch(name))


def merged_shape(base: Base, adapter: Adapter) -> Shape:
    """The shape after the merge, which has more tokens if the adapter brings them.

    Raises BuildError where the adapter is for another base.
    """
    shape = base.shape
    if EMBEDDING in adapter.replaced:
        shape = dataclasses.replace(shape, vocabulary=adapter.replaced[EMBEDDING].shape[0])
    expected = {**shape.expected(), OUTPUT: (shape.vocabulary, shape.width)}
    for name, found in {
        **{name: tensor.shape for name, tensor in adapter.replaced.items()},
        **{name: update.shape for name, update in adapter.updates.items()},
    }.items():
        if name not in expected:
            raise BuildError(
                f"The adapter changes {name}, which {base.name} has not: it is for another base{_named(adapter)}."
            )
        if found != expected[name]:
            raise BuildError(
                f"The adapter changes {name} of shape {_times(found)}, but {base.name} has {_times(expected[name])}: "
                f"it is for another base{_named(adapter)}."
            )
    if shape.vocabulary != base.shape.vocabulary and not shape.tied and OUTPUT not in adapter.replaced:
        raise BuildError(
            f"The adapter brings {shape.vocabulary} embeddings but no {OUTPUT} to go with them: save it again with "
            "save_embedding_layers=True."
        )
    if shape.tied and {EMBEDDING, OUTPUT} & set(adapter.updates):
        raise BuildError(
            "The adapter has a LoRA on the embedding, which this base also uses as its output matrix: merging would "
            "change both. Train without embed_tokens and lm_head among the target modules."
        )
    return shape


def _named(adapter: Adapter) -> str:
    return f", {adapter.base_name}" if adapter.base_name else ""


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def load_vocabulary(base: Base, adapter: Adapter | None, shape: Shape) -> Vocabulary:
    """The adapter's tokenizer if it has one, since that is what it was trained with, else the base's.

    Raises BuildError where it does not fit the model, or llama.cpp would split text otherwise.
    """
    own = adapter is not None and tokenizer.has_tokenizer(adapter.folder)
    folder = adapter.folder if adapter and own else base.folder
    vocabulary = tokenizer.read(folder)
    if len(vocabulary.tokens) > shape.vocabulary:
        raise BuildError(
            f"The tokenizer in {folder} has {len(vocabulary.tokens)} tokens but the model has embeddings for "
            f"{shape.vocabulary}: tokens were added without saving the resized embeddings. Save the adapter with "
            "save_embedding_layers=True, or remove its tokenizer files."
        )
    if not vocabulary.template and own:
        settings = checkpoint.read_json(base.folder / tokenizer.CONFIG)
        vocabulary = dataclasses.replace(vocabulary, template=tokenizer.chat_template(base.folder, settings))
    return vocabulary


def load(base: str, adapter: str | None) -> Inputs:
    """Everything that a build needs. Raises BuildError where something can't be used or does not fit."""
    found = load_base(base)
    lora = load_adapter(adapter) if adapter else None
    shape = merged_shape(found, lora) if lora else found.shape
    return Inputs(found, lora, load_vocabulary(found, lora, shape), shape)


def check_choices(base: Base, quant: str, merge_base: MergeBase) -> Quantization:
    """The quantization of that name. Raises BuildError where there is none or NF4 does not fit."""
    if quant not in QUANTIZATIONS:
        raise BuildError(f"There is no quantization {quant}. Choose one of {', '.join(QUANTIZATIONS)}.")
    if merge_base == "nf4" and any(side % BLOCK for side in (base.shape.width, base.shape.hidden)):
        raise BuildError(f"The NF4 round trip needs matrices whose rows are multiples of {BLOCK}.")
    return QUANTIZATIONS[quant]


def licence(folder: Path) -> str:
    """The licence that a folder's model card names; empty where none does."""
    try:
        card = gguf.Metadata.load_model_card(folder)
    except Exception:  # a broken model card is no reason against its model
        return ""
    found = card.get("license") if isinstance(card, dict) else None
    return found if isinstance(found, str) else ""
