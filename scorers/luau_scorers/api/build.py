"""Builds the table of the Roblox API that comes with this package.

    python -m luau_scorers.api.build

takes the type definitions of roblox-ts from the npm registry, in a pinned version and checked by its hash, and adds
``curated.toml``. It needs Python 3.11 and npm. A newer version is a new pin below; read the difference that it makes
to ``roblox_api.txt`` before it is committed.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from ..roblox_api import SHIPPED
from . import curated, rbxts
from .settle import settle

PACKAGE, VERSION, PUBLISHED = "@rbxts/types", "1.0.954", "2026-09-23"
SHA512 = "cF5zT+h1pDYgq7CPlD8EVvG0+4+kegTvk9qFlGXLK1WdBzDb27wSrhRsH1cyeyZl/adAZKhFkhvh3XWxLnRPAw=="
SOURCE = f"type definitions of roblox-ts ({PACKAGE} {VERSION}, MIT) and curated.toml"


class BuildError(Exception):
    """The table can't be built; the message says why."""


def build(archive: Path) -> str:
    """The table from the npm package's archive."""
    import tomllib

    data = archive.read_bytes()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != SHA512:
        raise BuildError(f"{archive} is not {PACKAGE} {VERSION}: its hash differs.")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
        table = rbxts.table(Path(folder, "package"), f"types {VERSION}", PUBLISHED, SOURCE)
    curated.add(table, tomllib.loads(curated.FILE.read_text("utf-8")))
    settle(table)
    return table.text()


def download(folder: Path) -> Path:
    """Fetch the pinned package with npm."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{PACKAGE}@{VERSION}"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise BuildError("npm is needed to fetch the type definitions: install Node.js.") from None
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()
        raise BuildError(f"npm could not fetch {PACKAGE} {VERSION}: {reason[-1] if reason else 'no reason'}") from None
    return next(folder.glob("*.tgz"))


def main() -> None:
    """Write the table."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            text = build(download(Path(folder)))
    except BuildError as error:
        sys.exit(str(error))
    SHIPPED.write_text(text, "utf-8")
    print(f"{SHIPPED}: {len(text) // 1000} kB")


if __name__ == "__main__":
    main()
