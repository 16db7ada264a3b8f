"""Is this GGUF whole, and the one that was built? Readable, complete, and its weights as they were written."""

from __future__ import annotations

from pathlib import Path

import gguf

from . import checksums
from .doctor import Check
from .errors import BuildError
from .gguf import DATA_SHA256, OURS, UNKNOWN_SHA256

_ORIGINS = ("adapter.name", "base.name", "merge_base", "version")


def check_file(path: Path, sha256: str | None = None) -> tuple[Check, ...]:
    """Look at a model's file; ``sha256`` is what its source says that the whole file has.

    Files built here carry the SHA-256 of their weights, so they need none. Never raises BuildError.
    """
    try:
        reader = _read(path)
    except BuildError as error:
        return (Check("file", "refused", str(error)),)
    checks = [Check("file", "ok", _described(path, reader)), _weights(path, reader)]
    if sha256 is not None:
        found = checksums.sha256(path)
        same = found == sha256.lower()
        said = f"SHA-256 {found}" if same else f"{path} has the SHA-256 {found}, not {sha256}: download it again."
        checks.append(Check("checksum", "ok" if same else "refused", said))
    if text(reader, "tokenizer.chat_template") == "":
        checks.append(Check("template", "note", "There is no chat template: the built-in engine needs one."))
    origin = [f"{key} {text(reader, OURS + key)}" for key in _ORIGINS if text(reader, OURS + key)]
    if origin:
        checks.append(Check("origin", "ok", ", ".join(origin)))
    return tuple(checks)


def _read(path: Path) -> gguf.GGUFReader:
    """Raises BuildError where the file is missing, cut off, or no model that llama.cpp's ``llama`` code can run."""
    try:
        reader = gguf.GGUFReader(path)
    except FileNotFoundError:
        raise BuildError(f"{path} is missing.") from None
    except IsADirectoryError:
        raise BuildError(f"{path} is a folder, not a GGUF file.") from None
    except Exception as error:  # bytes at random raise whatever the parser stumbles over
        raise BuildError(f"{path} is no whole GGUF file ({error}). Download or build it again.") from None
    if text(reader, "general.architecture") != "llama":
        raise BuildError(f"{path} is of architecture {text(reader, 'general.architecture')}, not llama.")
    if not reader.tensors:
        raise BuildError(f"{path} holds no weights. Download or build it again.")
    return reader


def text(reader: gguf.GGUFReader, key: str) -> str:
    """A string among the file's keys; empty where there is none."""
    field = reader.get_field(key)
    return str(field.contents()) if field is not None else ""


def _described(path: Path, reader: gguf.GGUFReader) -> str:
    weights = sum(int(tensor.n_elements) for tensor in reader.tensors)
    kinds: dict[str, int] = {}
    for tensor in reader.tensors:
        kinds[tensor.tensor_type.name] = kinds.get(tensor.tensor_type.name, 0) + 1
    mix = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda item: -item[1]))
    name = text(reader, "general.name") or path.name
    return f"{name}, {weights / 1e6:,.1f} million weights, {path.stat().st_size / 1e6:,.1f} MB, tensors: {mix}"


def _weights(path: Path, reader: gguf.GGUFReader) -> Check:
    promised = text(reader, DATA_SHA256)
    if not promised:
        return Check("weights", "note", "The file carries no checksum; give the one that its source names (--sha256).")
    if promised == UNKNOWN_SHA256:
        return Check("weights", "refused", f"{path} was never finished. Build it again.")
    if checksums.sha256(path, reader.data_offset) != promised:
        return Check("weights", "refused", f"The weights in {path} have changed since it was built. Build it again.")
    return Check("weights", "ok", f"as they were built, SHA-256 {promised}")
