"""All models with what a person wants to know before choosing one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .. import gguf_header, machine
from ..engines import memory
from . import store
from .known import RECIPES, Recipe
from .store import Installed


@dataclass(frozen=True)
class Fit:
    """How a model goes with this machine. ``memory`` and ``free`` are in bytes; what is not known is None."""

    memory: int
    free: int | None
    tokens_per_second: float | None
    prompt_tokens_per_second: float | None

    @property
    def fits(self) -> bool | None:
        return None if self.free is None else self.memory <= self.free


@dataclass(frozen=True)
class Listed:
    """A model, on this machine or to be built. ``size`` is in bytes."""

    name: str
    state: Literal["here", "to build", "damaged"]
    default: bool
    title: str
    source: str
    path: str
    size: int
    parameters: int
    quantization: str
    licence: str
    sha256: str
    fit: Fit


def models() -> list[Listed]:
    """Everything that is here, and the known models that can be built."""
    here = store.installed()
    if store.default() not in [model.path for model in here]:  # a file elsewhere that was chosen by its path
        here.append(store.get(str(store.default())))
    names = {model.name for model in here}
    return [*map(of, here), *(_to_build(recipe) for recipe in RECIPES if recipe.name not in names)]


def of(model: Installed) -> Listed:
    """What is known of a model that is here."""
    try:
        header = gguf_header.read(model.path)
    except (gguf_header.BadModelFile, OSError):
        header = gguf_header.Header("", "", "?", "", 0, 0, 0)
    return Listed(
        name=model.name,
        state="here" if header.architecture else "damaged",
        default=model.path == store.default(),
        title=header.name if header.name != model.name else "",
        source=model.source,
        path=str(model.path),
        size=model.size,
        parameters=header.parameters,
        quantization=header.quantization,
        licence=model.licence or header.licence,
        sha256=model.sha256,
        fit=_fit(model.size, header.parameters, header.kv_bytes),
    )


def _to_build(recipe: Recipe) -> Listed:
    return Listed(
        name=recipe.name,
        state="to build",
        default=False,
        title=recipe.title,
        source=recipe.source,
        path="",
        size=recipe.size,
        parameters=recipe.parameters,
        quantization=recipe.quantization,
        licence=recipe.licence,
        sha256="",
        fit=_fit(recipe.size, recipe.parameters, recipe.kv_bytes),
    )


def _fit(size: int, parameters: int, kv_bytes: int) -> Fit:
    speed = machine.last()
    known = speed is not None and parameters > 0
    return Fit(
        memory=machine.memory_needed(size, kv_bytes),
        free=memory.available(),
        tokens_per_second=speed.tokens_per_second(size) if speed and known else None,
        prompt_tokens_per_second=speed.prompt_tokens_per_second(parameters) if speed and known else None,
    )
