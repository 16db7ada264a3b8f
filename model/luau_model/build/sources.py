"""Where adapters and bases come from: a folder, or a repository on the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..hub import HubError, alone, download, told
from .checksums import sha256
from .errors import BuildError

if TYPE_CHECKING:
    from huggingface_hub import DryRunFileInfo

Report = Callable[[str, int, int], None]
# No pickles, and no second copy of the weights in another format.
_WANTED = ["*.json", "*.safetensors", "tokenizer.model", "*.jinja", "LICENSE*", "README.md"]
_UNWANTED = ["consolidated*", "*/*"]
_LARGE = 10 << 20  # bytes; what is smaller than one piece of a download has nothing to go on from
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def fetch(name: str, report: Report | None = None) -> Path:
    """The folder that ``name`` is, or the local copy of the hub's repository ``owner/name`` (``@revision`` if given).

    ``report`` hears of large files, by name, how many bytes are there and of how many; without it there are bars.
    A download that was stopped goes on where it stopped; files in the cache are not loaded again, and with
    HF_HUB_OFFLINE=1 nothing else is used. Raises BuildError where there is no such thing or the network fails.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    repository, _, revision = name.partition("@")
    if not _REPOSITORY.fullmatch(repository) or name.startswith("."):
        raise BuildError(f"There is no folder {name}, and it is no hub name such as owner/model.")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import DryRunError

    wanted: Any = {"revision": revision or None, "allow_patterns": _WANTED, "ignore_patterns": _UNWANTED}
    with told(repository, revision, BuildError):
        try:
            missing = snapshot_download(repository, dry_run=True, **wanted)
        except DryRunError:  # the hub can't be reached: what is in the cache may do
            missing = []
        for file in missing:
            if file.will_download and (file.file_size or 0) > _LARGE:
                _fetch_large(repository, file, report)
        return Path(snapshot_download(repository, **wanted))


def _fetch_large(repository: str, file: DryRunFileInfo, report: Report | None) -> None:
    """Download a file into the place in the hub's cache where the library looks for its content.

    The library itself would begin anew after a kill.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(repository, file.filename, revision=file.commit_hash)
    about = get_hf_file_metadata(url)
    etag, size = about.etag or "", about.size
    if size is None or not _SHA256.fullmatch(etag):
        return
    content = Path(file.local_path).parents[2] / "blobs" / etag
    part = content.with_name(f"{etag}.part")
    with alone(part):
        advanced = (lambda done: report(file.filename, done, size)) if report else None
        download(url, part, size, "HF_HOME", advanced)
        if sha256(part) != etag:
            part.unlink()
            raise HubError(
                f"{file.filename} of {repository} came damaged and was thrown away: run the same command again."
            )
        part.replace(content)


def revision_of(folder: Path) -> str:
    """The commit that a folder of the hub's cache holds; empty for other folders."""
    return folder.name if folder.parent.name == "snapshots" else ""


def public_name(name: str) -> str:
    """The name without where it lies on this computer."""
    folder = Path(name).expanduser()
    return folder.resolve().name if folder.is_dir() else name
