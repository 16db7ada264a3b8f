"""Put a trained model into the package: GGUF, understanding and doubt.

    python -m luau_training.embedded.export build/embedded/model

Writes ``luau-mini.gguf`` (Q8_0), ``knowledge.npz`` and ``knowledge.json`` into ``model/luau_model/embedded``.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from luau_model.build.pipeline import BuildOptions, build
from luau_model.known import FOLDER, MODEL_NAME

from . import knowledge, understanding

_ABOUT = {
    "name": MODEL_NAME,
    "license": "mit",
    "description": "Turns requests for common Roblox features into Luau scripts; trained from nothing on recipes",
}


def put(source: Path, folder: Path, seed: int) -> None:
    """Export the Hugging Face folder ``source``, then make the knowledge that goes with this very model."""
    model = folder / f"{MODEL_NAME}.gguf"
    build(BuildOptions(str(source), model, quant="Q8_0", force=True), about=_ABOUT)
    made = knowledge.build(seed, understanding.MINUTES)
    knowledge.save(asyncio.run(knowledge.calibrate(made, model, seed)), folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    put(arguments.source, arguments.out, arguments.seed)


if __name__ == "__main__":
    main()
