"""Model files on the Hugging Face hub: found by name, downloaded so that a stopped download goes on, and verified."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .. import gguf_header
from ..gguf_header import BadModelFile
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

    with _said(repository, revision):
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
    with _alone(part):
        _download(file, part, progress)
        _verify(file, part, progress)
        return store.add(part, file.name, file.sha256, file.licence, file.source)


@contextmanager
def _alone(part: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = part.with_suffix(".lock")
    try:
        with FileLock(lock, timeout=0):
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
    except Timeout:
        raise CatalogError(f"{part.name.split('.')[1]} is being downloaded by another command: wait for it.") from None


def _download(file: RemoteFile, part: Path, progress: Progress) -> None:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils._headers import build_hf_headers

    done = part.stat().st_size if part.exists() else 0
    if done > file.size:
        part.unlink()
        done = 0
    free = shutil.disk_usage(part.parent).free
    if file.size - done > free:
        raise CatalogError(
            f"{file.name} needs {(file.size - done) / 1e9:.1f} GB on the disk of {part.parent} and {free / 1e9:.1f} GB "
            f"are free: make room, or set {CACHE_VARIABLE} to a folder on another disk."
        )

    bar = _bar(lambda done: progress("download", done, file.size))
    url = hf_hub_url(file.repository, file.path, revision=file.commit)
    with _said(file.repository, None), part.open("ab") as target:
        http_get(url, target, resume_size=done, headers=build_hf_headers(), expected_size=file.size, tqdm_class=bar)


def _bar(advanced: Callable[[int], None]) -> Any:
    """What the library takes for a class of progress bars; tells how many bytes are there in all."""

    class Bar:
        def __init__(self, *, initial: int, **_looks: object) -> None:
            self.done = initial

        def update(self, size: int) -> None:
            self.done += size
            advanced(self.done)

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_error: object) -> None:
            pass

    return Bar


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


@contextmanager
def _said(repository: str, revision: str | None) -> Iterator[None]:
    """What goes wrong with the hub, in words for the user."""
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError:
        raise CatalogError(
            f"{repository} wants you to accept its licence: do so on its page, then run `hf auth login`."
        ) from None
    except errors.RepositoryNotFoundError:
        raise CatalogError(
            f"The hub has no {repository}, or your key does not open it: check the name, or run `hf auth login`."
        ) from None
    except errors.RevisionNotFoundError:
        raise CatalogError(f"{repository} has no revision {revision}.") from None
    except errors.OfflineModeIsEnabled:
        raise CatalogError("HF_HUB_OFFLINE is set, so nothing can be downloaded: unset it.") from None
    except errors.HFValidationError:
        raise CatalogError(f"{repository} can't be a repository's name.") from None
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        raise CatalogError(f"The hub refused {repository} (status {status}): try again later.") from None
    except OSError as error:
        if isinstance(error, ConnectionError | TimeoutError) or error.errno is None:
            raise _broken(error) from None
        raise CatalogError(
            f"The download can't be written ({error.strerror}): make room, or set {CACHE_VARIABLE} to another folder, "
            "and pull again; it goes on where it stopped."
        ) from None
    except httpx2.HTTPError as error:
        raise _broken(error) from None


def _broken(error: Exception) -> CatalogError:
    return CatalogError(
        f"The hub can't be reached or broke off ({str(error) or type(error).__name__}): check the network, and pull "
        "again; it goes on where it stopped."
    )
