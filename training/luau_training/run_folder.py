"""The folder of a stage: never overwritten unasked, resumable, with a manifest that says what it was made of."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from luau_model.files import replaced

from .options import Stage, StageError, plain

MANIFEST = "manifest.json"
_OPTIONS = "options.json"
_PACKAGES = ("luau-lsp-ai", "torch", "transformers", "trl", "peft", "bitsandbytes", "datasets", "datasketch")
# What may differ between a run and its continuation.
_FREE = {"out", "force", "workers", "concurrency", "timeout", "retries", "most_dollars", "key_variable", "report_to"}


@dataclass(frozen=True)
class RunFolder:
    """Made by ``open_run``. ``resumed`` where an earlier run with the same options was stopped."""

    path: Path
    stage: str
    options: Stage
    resumed: bool
    started: float

    def finish(self, inputs: Mapping[str, str], figures: Mapping[str, Any]) -> None:
        """Write the manifest, with which the folder is complete, and say so. ``inputs`` are hashes by name."""
        manifest = {
            "stage": self.stage,
            "options": plain(self.options),
            "inputs": dict(inputs),
            "versions": _versions(),
            "figures": dict(figures),
            "seconds": round(time.monotonic() - self.started, 1),
        }
        write_json(self.path / MANIFEST, manifest)
        counts = "".join(f"; {name} {count:,}" for name, count in figures.get("counts", {}).items())
        print(f"{self.stage}: {manifest['seconds']:g} seconds{counts}. Written to {self.path}", flush=True)


def open_run(stage: str, options: Stage, *, resumable: bool = True) -> RunFolder:
    """Make the folder, or go on in it where a run with the same options was stopped.

    A stage that is not ``resumable`` begins anew where it was stopped. Raises StageError where the folder holds
    anything else.
    """
    out = options.out
    stopped = (out / _OPTIONS).exists() and not (out / MANIFEST).exists()
    if stopped and (not resumable or not _begun(out)):
        shutil.rmtree(out)
    if options.force and out.exists() and not (out / _OPTIONS).exists() and any(out.iterdir()):
        raise StageError(f"{out} was not made by a training stage, so it is not removed: choose another --out.")
    if options.force and out.is_dir():
        shutil.rmtree(out)
    if out.exists() and not out.is_dir():
        raise StageError(f"{out} is a file: choose a folder for --out.")
    if (out / MANIFEST).exists():
        raise StageError(f"{out} is complete already: choose another --out, or overwrite it with --force.")
    wanted = {"stage": stage, **{name: value for name, value in _json(plain(options)).items() if name not in _FREE}}
    resumed = (out / _OPTIONS).exists()
    if resumed and json.loads((out / _OPTIONS).read_text("utf-8")) != wanted:
        raise StageError(
            f"{out} holds a run with other options that was stopped: give the same options, choose another --out, "
            "or overwrite it with --force."
        )
    if not resumed and out.exists() and any(out.iterdir()):
        raise StageError(f"{out} is not empty: choose another --out.")
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / _OPTIONS, wanted)
    return RunFolder(out, stage, options, resumed, time.monotonic())


def _begun(out: Path) -> bool:
    """Whether a stopped run left anything worth going on with."""
    return any(path.name != _OPTIONS and ".sqlite" not in path.name for path in out.iterdir())


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a complete folder. Raises StageError where there is none."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        raise StageError(
            f"{folder} is not the folder of a finished stage: it has no {MANIFEST}. Run that stage first, to its end."
        ) from None
    return found


def write_json(path: Path, value: Any) -> None:
    """Write it whole or not at all."""
    with replaced(path) as new:
        new.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")


def file_hash(paths: Iterable[Path]) -> str:
    """SHA-256 over the files' bytes, in their order."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    return digest.hexdigest()


def _json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
