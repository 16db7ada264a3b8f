"""Pairs to train on, and the options of a run that takes seconds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from luau_training.data.rows import Row

SCRIPT = """local part = workspace:WaitForChild("{name}")

part.Touched:Connect(function(hit)
	local humanoid = hit.Parent:FindFirstChildOfClass("Humanoid")
	if humanoid then
		humanoid.Health = 0
	end
end)
"""
NAMES = "Lava Spikes Acid Saw Laser Pit Fire Trap".split()


def rows(names: Sequence[str]) -> list[Row]:
    return [
        Row(name, SCRIPT.format(name=name), "p", side="server", request=f"kill brick named {name}", shows=(name,))
        for name in names
    ]


def write(path: Path, found: Sequence[Row]) -> str:
    path.write_text("".join(json.dumps(asdict(row)) + "\n" for row in found))
    return str(path)


def given(base: Path, folder: Path, **more: Any) -> dict[str, Any]:
    """Options of a run that takes seconds."""
    return {
        "base": str(base),
        "train": (write(folder / "train.jsonl", rows(NAMES)),),
        "rank": 8,
        "alpha": 16,
        "max_length": 512,
        "accumulation": 1,
        "learning_rate": 1e-2,
        "answer_tokens": 24,
        "out": folder / "run",
        **more,
    }


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text())
