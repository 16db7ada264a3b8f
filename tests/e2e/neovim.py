"""Neovim of a newer Debian suite, with its own C library, in a folder of the cache: the system stays as it is."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

from platformdirs import user_cache_path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Seconds: the packages are 20 MB.
PATIENCE = 240


class Unavailable(Exception):
    """This machine can't have it; the text says why."""


def neovim(suite: str) -> tuple[list[str], dict[str, str]]:
    """The command that starts it, and the environment that it needs. Raises Unavailable."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None or not KEYRING.is_file():
        raise Unavailable("Neovim comes from Debian's packages, and this is no Debian")
    root = user_cache_path("luau-lsp-ai") / "neovim" / f"{suite}-{platform.machine()}"
    if not (root / "done").exists():
        _install(suite, root)
    (loader,) = list(root.glob("**/ld-linux-*.so.*"))[:1]
    libraries = sorted({str(path.parent) for path in root.glob("**/*.so*") if "lua/5.1" not in str(path)})
    lua = root / "usr/share/lua/5.1"
    environment = {
        "VIMRUNTIME": str(root / "usr/share/nvim/runtime"),
        "LUA_PATH": f"{lua}/?.lua;{lua}/?/init.lua;;",
        "LUA_CPATH": ";".join(f"{path}/?.so" for path in root.glob("usr/lib/*/lua/5.1")),
    }
    start = [str(loader), "--argv0", "nvim", "--library-path", ":".join(libraries), str(root / "usr/bin/nvim")]
    return start, {**os.environ, **environment}


def _install(suite: str, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    apt = root / "apt"
    for folder in (apt / "lists/partial", apt / "cache/archives/partial"):
        folder.mkdir(parents=True)
    source = f"deb [signed-by={KEYRING}] {_mirror()} {suite} main\n"
    (apt / "sources.list").write_text(source)
    (apt / "status").touch()
    settings = {
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
    }
    options = ["-qq", *(part for key, value in settings.items() for part in ("-o", f"{key}={value}"))]
    _run(["apt-get", *options, "update"])
    _run(["apt-get", *options, "install", "-y", "--no-install-recommends", "--download-only", "neovim"])
    for package in sorted((apt / "cache/archives").glob("*.deb")):
        _run(["dpkg-deb", "-x", str(package), str(root)])
    shutil.rmtree(apt)
    (root / "done").touch()


def _mirror() -> str:
    """The mirror that this machine uses already."""
    targets = _run(["apt-get", "indextargets", "--format", "$(REPO_URI)"]).split()
    mirror = next((target for target in targets if target.rstrip("/").endswith("/debian")), None)
    if mirror is None:
        raise Unavailable("Neovim comes from Debian's packages, and no mirror of them is set up")
    return mirror


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{command[0]} took too long") from None
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"{command[0]} failed: {error.stderr.strip()[-300:]}") from None
    return done.stdout
