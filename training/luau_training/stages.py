"""The stages by name: what a stage's options are, and which function does it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from . import options
from .options import Stage, StageError

STAGES: dict[str, tuple[type[Stage], str]] = {
    "data collect": (options.Collect, "data.collect:collect"),
    "data label": (options.Label, "data.label:label"),
    "data filter": (options.Filter, "data.filter:filter_rows"),
    "data split": (options.Split, "data.split:split"),
    "data report": (options.ReportOptions, "data.report:report"),
    "sft": (options.Sft, "sft:sft"),
    "rft": (options.Rft, "rft:rft"),
    "grpo": (options.Grpo, "grpo:grpo"),
    "evaluate": (options.Evaluate, "evaluation.evaluate:evaluate"),
}


def run(name: str, config: Path | None = None, **given: Any) -> None:
    """Do a stage. Raises StageError with one sentence where it can't be done."""
    kind, place = STAGES[name]
    wanted = options.read(kind, config, given)
    module, function = place.split(":")
    try:
        work = getattr(importlib.import_module(f"{__package__}.{module}"), function)
    except ModuleNotFoundError as error:
        raise StageError(f"Training needs {error.name}: install it with pip install 'luau-lsp-ai[train]'.") from None
    work(wanted)
