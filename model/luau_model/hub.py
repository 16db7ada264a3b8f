"""Downloads from the Hugging Face hub that go on where they stopped, even after a kill, and its errors in words."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class HubError(Exception):
    """A download failed; the message is one sentence for the user that says what to do."""


@contextmanager
def alone(part: Path) -> Iterator[None]:
    """Hold the unfinished file for this process. Raises HubError where another one has it."""
    from filelock import FileLock, Timeout

    part.parent.mkdir(parents=True, exist_ok=True)
    lock = part.with_suffix(".lock")
    try:
        with FileLock(lock, timeout=0):
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
    except Timeout:
        raise HubError(f"Another command is downloading {part.stem.lstrip('.')}: wait for it.") from None


def download(url: str, part: Path, size: int, cache_variable: str, advanced: Callable[[int], None] | None) -> None:
    """Download what ``part`` lacks of a file of ``size`` bytes.

    ``advanced`` hears how many bytes are there in all; without it the library shows a bar. ``cache_variable`` names
    the environment variable that puts the file on another disk. Raises HubError where that has too little room, and
    what ``told`` puts into words.
    """
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils._headers import build_hf_headers

    done = part.stat().st_size if part.exists() else 0
    if done > size:
        part.unlink()
        done = 0
    free = shutil.disk_usage(part.parent).free
    if size - done > free:
        raise HubError(
            f"The download needs {(size - done) / 1e9:.1f} GB on the disk of {part.parent} and {free / 1e9:.1f} GB "
            f"are free: make room, or set {cache_variable} to a folder on another disk."
        )
    if done < size:
        bars = _bars(advanced) if advanced else None
        with part.open("ab") as target:
            http_get(url, target, resume_size=done, headers=build_hf_headers(), expected_size=size, tqdm_class=bars)


def _bars(advanced: Callable[[int], None]) -> Any:
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


@contextmanager
def told(repository: str, revision: str | None, error_type: type[Exception]) -> Iterator[None]:
    """Raise what goes wrong with the hub as an ``error_type``, in words for the user."""
    import httpx2

    try:
        yield
    except (HubError, OSError, httpx2.HTTPError) as error:
        raise error_type(_sentence(error, repository, revision)) from None
    except ValueError as error:  # what the library takes for no name
        from huggingface_hub.errors import HFValidationError

        if not isinstance(error, HFValidationError):
            raise
        raise error_type(f"{repository} can't be a repository's name.") from None


def _sentence(error: Exception, repository: str, revision: str | None) -> str:
    from huggingface_hub import errors

    if isinstance(error, HubError):
        return str(error)
    if isinstance(error, errors.GatedRepoError):
        return f"{repository} wants you to accept its licence: do so on its page, then run `hf auth login`."
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"The hub has no {repository}, or your key does not open it: check the name, or run `hf auth login`."
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{repository} has no revision {revision}."
    if isinstance(error, errors.OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set, so nothing can be downloaded: unset it."
    if isinstance(error, errors.LocalEntryNotFoundError):
        return (
            f"{repository} is not in the cache and the hub can't be reached: check the network and HF_ENDPOINT, and "
            "that HF_HUB_OFFLINE is not set. What was downloaded is kept."
        )
    if isinstance(error, errors.HfHubHTTPError):
        status = error.response.status_code
        if status in (401, 403):
            return f"The hub does not accept your key for {repository}: run `hf auth login`."
        return f"The hub refused {repository} (status {status}): try again later."
    if isinstance(error, OSError) and error.errno is not None and not isinstance(error, ConnectionError | TimeoutError):
        return (
            f"The download can't be written ({error.strerror}): make room, and run the same command again; it goes on "
            "where it stopped."
        )
    return (
        f"The hub can't be reached or broke off ({str(error) or type(error).__name__}): check the network and "
        "HF_ENDPOINT, and run the same command again; it goes on where it stopped."
    )
