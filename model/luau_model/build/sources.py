"""Where adapters and bases come from: a folder, or a repository on the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path

from .errors import BuildError

# No pickles, and no second copy of the weights in another format.
_WANTED = ["*.json", "*.safetensors", "tokenizer.model", "*.jinja", "LICENSE*", "README.md"]
_UNWANTED = ["consolidated*", "*/*"]


def fetch(name: str) -> Path:
    """The folder that ``name`` is, or the local copy of the hub's repository ``owner/name`` (``@revision`` if given).

    A connection that breaks is taken up where it broke; files in the cache are not loaded again, and with
    HF_HUB_OFFLINE=1 nothing else is used. Raises BuildError where there is no such thing or the network fails.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    repository, _, revision = name.partition("@")
    if folder.is_absolute() or name.startswith((".", "~")) or repository.count("/") != 1:
        raise BuildError(f"There is no folder {name}, and it is no hub name such as owner/model.")
    from huggingface_hub import errors, snapshot_download
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    try:
        return Path(
            snapshot_download(repository, revision=revision or None, allow_patterns=_WANTED, ignore_patterns=_UNWANTED)
        )
    except errors.GatedRepoError:
        raise BuildError(
            f"{repository} wants you to accept its licence: do so on its page, then run `hf auth login`."
        ) from None
    except errors.RepositoryNotFoundError:
        raise BuildError(
            f"The hub has no {repository}, or your key does not open it: check the name, then `hf auth login`."
        ) from None
    except errors.RevisionNotFoundError:
        raise BuildError(f"{repository} has no revision {revision}.") from None
    except errors.LocalEntryNotFoundError:
        raise BuildError(
            f"{repository} is not in the cache and the hub can't be reached: check the network and HF_ENDPOINT, and "
            "that HF_HUB_OFFLINE is not set. Files that were downloaded are kept."
        ) from None
    except errors.HfHubHTTPError as error:
        if error.response.status_code in (401, 403):
            raise BuildError(f"The hub does not accept your key for {repository}: run `hf auth login`.") from None
        raise BuildError(f"The hub refused {repository}: {str(error).splitlines()[0]}. Try again later.") from None
    except (OSError, HTTPError) as error:
        raise BuildError(
            f"{repository} can't be downloaded: {error}. Run it again; files that are complete are kept."
        ) from None


def revision_of(folder: Path) -> str:
    """The commit that a folder of the hub's cache holds; empty for other folders."""
    return folder.name if folder.parent.name == "snapshots" else ""


def public_name(name: str) -> str:
    """The name without where it lies on this computer."""
    folder = Path(name).expanduser()
    return folder.resolve().name if folder.is_dir() else name
