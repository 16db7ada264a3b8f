"""From an adapter and its base to one GGUF file."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import doctor, imatrix, sources
from .adapter import CONFIG, WEIGHTS
from .checksums import checksums
from .errors import BuildError
from .gguf import Origin, head
from .inputs import Inputs, licence
from .merge import MergeBase
from .quantize import QUANTIZATIONS
from .sources import public_name, revision_of
from .writing import Progress, Report, write


@dataclass(frozen=True)
class BuildOptions:
    """What to build. ``adapter`` and ``base`` are folders or names on the Hugging Face hub."""

    base: str
    out: Path
    adapter: str | None = None
    quant: str = "Q4_K_M"
    merge_base: MergeBase = "original"
    imatrix: Path | None = None
    force: bool = False


@dataclass(frozen=True)
class Built:
    """What was built. ``kept`` is how many of its ``tensors`` an earlier build that was stopped had made."""

    path: Path
    size: int
    seconds: float
    tensors: int
    kept: int


def build(options: BuildOptions, report: Report = lambda _: None, about: Mapping[str, str] | None = None) -> Built:
    """Merge, quantize and write in one pass.

    ``about`` holds strings for the file's ``general.*`` keys. Raises BuildError where the doctor finds an obstacle,
    where weights are damaged, and where the disk is full; the file that was at ``out`` is then untouched.
    """
    started = time.monotonic()
    check_out(options.out, options.force)
    for name in filter(None, (options.adapter, options.base)):  # the small one first: it may not be what it should
        sources.fetch(name, lambda *step: report(Progress(*step)))
    diagnosis = doctor.diagnose(options.base, options.adapter, options.quant, options.merge_base, options.out)
    inputs = diagnosis.fit()
    quantization = QUANTIZATIONS[options.quant]
    importance = imatrix.read(options.imatrix) if options.imatrix else {}
    plan = inputs.plan(quantization, options.merge_base, importance)
    data = head(inputs.shape, inputs.vocabulary, quantization, _origin(options, inputs, about or {}), plan)
    _make_folder(options.out.absolute().parent)
    kept = write(options.out, data, plan, os.cpu_count() or 1, report)
    return Built(options.out, options.out.stat().st_size, time.monotonic() - started, len(plan), kept)


def check_out(out: Path, force: bool) -> None:
    """Raises BuildError where a file can't be written, before the work and not after it."""
    if out.is_dir():
        raise BuildError(f"{out} is a folder. Give the name of a file.")
    if out.exists() and not force:
        raise BuildError(f"{out} exists. Choose another name, or overwrite it with --force.")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BuildError(f"The folder {folder} can't be made: {error.strerror}.") from None


def _origin(options: BuildOptions, inputs: Inputs, about: Mapping[str, str]) -> Origin:
    base, adapter = inputs.base, inputs.adapter
    folders = [*([adapter.folder] if adapter else []), base.folder]
    files = {tensor.file for tensor in base.tensors.values()}
    ours: dict[str, str | float | Sequence[str]] = {
        "base.name": public_name(base.name),
        "base.revision": revision_of(base.folder),
        "base.sha256": checksums(sorted(files)),
        "merge_base": options.merge_base if adapter else "",
    }
    if adapter:
        ours |= {
            "adapter.name": public_name(options.adapter or ""),
            "adapter.revision": revision_of(adapter.folder),
            "adapter.sha256": checksums([adapter.folder / CONFIG, adapter.folder / WEIGHTS]),
        }
    if options.imatrix:
        ours["imatrix.sha256"] = checksums([options.imatrix])
    strings = {
        "name": Path(options.adapter or options.base).name,
        "license": next(filter(None, map(licence, folders)), ""),
        **about,
    }
    return Origin(strings, ours)
