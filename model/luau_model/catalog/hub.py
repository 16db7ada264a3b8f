"""Model files on the Hugging Face hub: found by name, downloaded so that a stopped download goes on, and verified."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .. import gguf_header
from ..gguf_header import BadModelFile
from ..hub import alone, download, told
from ..machine import CACHE_VARIABLE
from . import store
from .errors import CatalogError
from .known import QUANTIZATION

Stage = Literal["download", "verify"]
# Hears which stage it is, how many bytes of it are done, and of how many.
Progress = Callable[[Stage, int, int], None]

_REFERENCE = re.compile(r"([\w.-]+/[\w.-]+?)(?:@([\w.-]+))?(?:/(.+\.gguf)|:([\w.-]+))?")
_PART = re.compile(r"-\d{5}-of-\d{5}\.gguf$")


@dataclass(frozen=True)
class RemoteFile:
    """A model file on the hub, at one commit."""

    repository: str
    commit: str
    path: str
    size: int
    sha256: str
    licence: str

    @property
    def name(self) -> str:
        """What it is called here."""
        return Path(self.path).stem

    @property
    def source(self) -> str:
        return f"{self.repository}/{self.path}@{self.commit[:12]}"


def resolve(reference: str) -> RemoteFile:
    """The file that ``owner/repository`` means, with ``/FILE.gguf`` or ``:QUANTIZATION`` if it has several, and
    ``@REVISION`` behind the repository's name if it must not be the newest. Raises CatalogError.
    """
    parts = _REFERENCE.fullmatch(reference)
    if parts is None:
        raise CatalogError(
            f"{reference} is no model's name: give one of `luau-lsp-ai model list`, or OWNER/REPOSITORY of the hub."
        )
    repository, revision, path, quantization = parts.groups()
    from huggingface_hub import HfApi

    with told(repository, revision, CatalogError):
        info = HfApi().model_info(repository, revision=revision, files_metadata=True)
    files = {file.rfilename: file for file in info.siblings or [] if file.rfilename.endswith(".gguf")}
    file = files[_choose(repository, list(files), path, quantization)]
    if file.lfs is None:
        raise CatalogError(f"{repository} gives no SHA-256 for {file.rfilename}, so it can't be verified.")
    licence = getattr(info.card_data, "license", None) or "not stated"
    return RemoteFile(repository, str(info.sha), file.rfilename, file.lfs.size, file.lfs.sha256, str(licence))


def _choose(repository: str, paths: list[str], path: str | None, quantization: str | None) -> str:
    whole = [each for each in paths if not _PART.search(each)]
    if not whole:
        why = "only models that are split over several files" if paths else "no GGUF file"
        raise CatalogError(f"{repository} has {why}: choose a repository with a single .gguf file.")
    listed = ", ".join(sorted(whole))
    if path is not None:
        if path not in whole:
            raise CatalogError(f"{repository} has no file {path}. It has: {listed}.")
        return path
    wanted = [each for each in whole if _is(each, quantization or QUANTIZATION)]
    if quantization is None and len(whole) == 1:
        return whole[0]
    if len(wanted) == 1:
        return wanted[0]
    raise CatalogError(f"Say which file of {repository} you want, as {repository}/FILE. It has: {listed}.")


def _is(path: str, quantization: str) -> bool:
    return Path(path).stem.lower().endswith(quantization.lower())


def pull(file: RemoteFile, progress: Progress = lambda *_: None) -> store.Installed:
    """Download into the folder of models, and verify. What is there already is verified alone.

    A model of this name stays as it is until the new one is complete and right. Raises CatalogError.
    """
    folder = store.folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(f"The folder {folder} can't be made: {error.strerror}.") from error
    old = folder / f"{file.name}.gguf"
    if old.exists():
        there = store.get(str(old))
        if there.source and not there.source.startswith(f"{file.repository}/"):
            raise CatalogError(
                f"There is another model of the name {file.name} here, from {there.source}: "
                f"`luau-lsp-ai model remove {file.name}` makes room."
            )
        if _sha256(old, file, progress) == file.sha256:
            return store.add(old, file.name, file.sha256, file.licence, file.source)
    part = folder / f".{file.name}.{file.sha256[:16]}.part"
    with told(file.repository, None, CatalogError), alone(part):
        _download(file, part, progress)
        _verify(file, part, progress)
        return store.add(part, file.name, file.sha256, file.licence, file.source)


def _download(file: RemoteFile, part: Path, progress: Progress) -> None:
    from huggingface_hub import hf_hub_url

    def advanced(done: int) -> None:
        progress("download", done, file.size)

    download(hf_hub_url(file.repository, file.path, revision=file.commit), part, file.size, CACHE_VARIABLE, advanced)


def _verify(file: RemoteFile, part: Path, progress: Progress) -> None:
    """Raises CatalogError, and deletes the download, where it is not what the hub says it is."""
    try:
        if (found := _sha256(part, file, progress)) != file.sha256:
            raise BadModelFile(f"its SHA-256 is {found[:12]}… instead of {file.sha256[:12]}…")
        gguf_header.read(part)
    except BadModelFile as error:
        part.unlink()
        raise CatalogError(
            f"What was downloaded as {file.name} can't be used, {error}. It was thrown away, and nothing else was "
            "touched: pull it again, or choose another."
        ) from None


def _sha256(path: Path, file: RemoteFile, progress: Progress) -> str:
    done = 0

    def read(size: int) -> None:
        nonlocal done
        done += size
        progress("verify", done, file.size)

    return store.sha256_of(path, read)
