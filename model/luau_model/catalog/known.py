"""The models that have a name of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..known import MODEL, MODEL_NAME

QUANTIZATION = "Q4_K_M"


@dataclass(frozen=True)
class Recipe:
    """How to make a model on this machine: an adapter on the hub that is merged into its base.

    ``size`` is the file's, in bytes.
    """

    name: str
    title: str
    adapter: str
    base: str
    licence: str
    parameters: int
    size: int
    kv_bytes: int
    quantization: str = QUANTIZATION

    @property
    def source(self) -> str:
        return f"{self.adapter} merged into {self.base}"

    def command(self, folder: Path) -> str:
        """The command that makes it, into the folder of the models."""
        out = folder / f"{self.name}.gguf"
        return (
            f"luau-lsp-ai model build --adapter {self.adapter} --base {self.base} "
            f"--quant {self.quantization} --out {out}"
        )


SHIPPED_NAME, SHIPPED = MODEL_NAME, MODEL
SHIPPED_LICENCE = "mit"

# Size and parameters are those of Mistral-7B-Instruct-v0.3 in this quantization (tests/bench/shapes.py writes a file
# of the same shape); 32 layers with 8 key and value heads of 128 keep 128 KiB of each token.
_MISTRAL = {
    "base": "mistralai/Mistral-7B-Instruct-v0.3",
    "licence": "apache-2.0 (the base)",
    "parameters": 7_248_023_552,
    "size": 4_372_000_000,
    "kv_bytes": 32 * 8 * 2 * 128 * 2,
}
RECIPES = (
    Recipe(
        name="roblox-luau-mistral-7b-rft",
        title="Mistral 7B, fine-tuned for Roblox and then by reinforcement; the recommended one",
        adapter="squaredcuber/roblox-luau-mistral-7b-rft",
        **_MISTRAL,  # type: ignore[arg-type]
    ),
    Recipe(
        name="roblox-luau-mistral-7b",
        title="Mistral 7B, fine-tuned for Roblox",
        adapter="squaredcuber/roblox-luau-mistral-7b",
        **_MISTRAL,  # type: ignore[arg-type]
    ),
)


def recipe(name: str) -> Recipe | None:
    """The recipe of this name."""
    return next((recipe for recipe in RECIPES if name in (recipe.name, recipe.adapter)), None)
