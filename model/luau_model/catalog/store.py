"""The folder of models: what is in it, which one is the default, and how a new one gets in whole or not at all.

``NAME.gguf`` is a model and ``NAME.json`` beside it says where it came from. ``default`` holds the name or the path of
the model that is used where none is asked for. A file that lies there without a note is a model too.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..files import replaced
from ..machine import cache
from .errors import CatalogError
from .known import SHIPPED, SHIPPED_LICENCE, SHIPPED_NAME, recipe

_CHUNK = 2**20


@dataclass(frozen=True)
class Installed:
    """A model that is here. ``sha256`` is empty where none was noted when it came."""

    name: str
    path: Path
    size: int
    sha256: str = ""
    licence: str = ""
    source: str = ""


def folder() -> Path:
    """Where models are kept."""
    return cache() / "models"


def installed() -> list[Installed]:
    """The models that are here, the shipped one first."""
    shipped = Installed(SHIPPED_NAME, SHIPPED, SHIPPED.stat().st_size, licence=SHIPPED_LICENCE, source="in the package")
    return [shipped, *(_noted(path) for path in sorted(folder().glob("*.gguf")))]


def find(name: str) -> Path:
    """The file of a model: by its name in the catalog, or a path. Raises CatalogError."""
    for model in installed():
        if name in (model.name, model.path.name):
            return model.path
    path = Path(name).expanduser()
    if path.is_file():
        return path.resolve()
    if known := recipe(name):
        raise CatalogError(
            f"{known.name} is not on this machine yet: `luau-lsp-ai model pull {known.name}` builds it here."
        )
    if os.sep in name or path.suffix == ".gguf":
        raise CatalogError(f"There is no model file {name}: check the path.")
    raise CatalogError(f"There is no model {name}: `luau-lsp-ai model list` shows what there is.")


def get(name: str) -> Installed:
    """A model with all that is known of it, by name or path. Raises CatalogError."""
    path = find(name)
    return next((model for model in installed() if model.path == path), _noted(path))


def default() -> Path:
    """The model that is used where none is asked for: what ``set_default`` chose, as long as it is there."""
    chosen = default_name()
    try:
        return find(chosen)
    except CatalogError:
        return SHIPPED


def default_name() -> str:
    """The name or path that was chosen, the shipped model's where none was."""
    try:
        return (folder() / "default").read_text("utf-8").strip() or SHIPPED_NAME
    except OSError:
        return SHIPPED_NAME


def set_default(name: str) -> Installed:
    """Make a model the default. Raises CatalogError where there is none of this name."""
    model = get(name)
    with _writing(folder()), replaced(folder() / "default") as new:
        new.write_text(f"{model.name if model in installed() else model.path}\n", "utf-8")
    return model


def remove(name: str) -> tuple[Installed, bool]:
    """Delete a model; returns it, and whether it was the default. Raises CatalogError."""
    model = get(name)
    if model.path == SHIPPED:
        raise CatalogError(f"{model.name} comes with the package and can't be removed.")
    if model.path.parent != folder():
        raise CatalogError(f"{model.path} is not in the folder of models: delete the file yourself.")
    was_default = default() == model.path
    with _writing(folder()):
        model.path.unlink()
        model.path.with_suffix(".json").unlink(missing_ok=True)
        if was_default:
            (folder() / "default").unlink(missing_ok=True)
    return model, was_default


def add(new: Path, name: str, sha256: str, licence: str, source: str) -> Installed:
    """Take a file that is complete and verified into the folder; an older one of this name is replaced by renaming."""
    path = folder() / f"{name}.gguf"
    model = Installed(name, path, new.stat().st_size, sha256, licence, source)
    note = dataclasses.asdict(model)
    del note["path"], note["name"], note["size"]
    with _writing(folder()), replaced(path.with_suffix(".json")) as file:
        file.write_text(json.dumps(note, indent=2) + "\n", "utf-8")
        new.replace(path)
    return model


def sha256_of(path: Path, progress: Callable[[int], None] = lambda _: None) -> str:
    """The SHA-256 of a file, as hexadecimal digits; ``progress`` hears how many bytes were read each time."""
    import hashlib

    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            total.update(chunk)
            progress(len(chunk))
    return total.hexdigest()


def _noted(path: Path) -> Installed:
    try:
        note = json.loads(path.with_suffix(".json").read_text("utf-8"))
        known = {key: str(note.get(key, "")) for key in ("sha256", "licence", "source")}
    except (OSError, ValueError, AttributeError):
        known = {}
    return Installed(path.stem, path, path.stat().st_size, **known)


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Raises CatalogError where the folder can't be written."""
    try:
        yield
    except OSError as error:
        raise CatalogError(f"{place} can't be written: {error.strerror}.") from error
