"""What the model should know of the file that a request stands in."""

from __future__ import annotations

import re
from pathlib import PurePath

from .request import Request, Role

# Rojo's file name suffixes, and the folders that projects made with Rojo, Argon and Wally use by convention.
_SUFFIXES: dict[str, Role] = {".server": "server", ".client": "client"}
_FOLDERS: dict[str, Role] = {
    "server": "server",
    "serverscriptservice": "server",
    "serverstorage": "server",
    "client": "client",
    "starterplayerscripts": "client",
    "startercharacterscripts": "client",
    "startergui": "client",
    "replicatedfirst": "client",
    "shared": "module",
    "replicatedstorage": "module",
    "packages": "module",
}
_NEARBY_LINES = 12
_NAMES = 40
_SERVICE = re.compile(r"^local[ \t]+(\w+)[^=\n]*=[ \t]*game:GetService\([ \t]*[\"'](\w+)[\"'][ \t]*\)", re.MULTILINE)
_NAME = re.compile(r"^local[ \t]+(?:function[ \t]+)?(\w+)|^function[ \t]+([\w.:]+)", re.MULTILINE)


def request_for(comment: str, source: str, line: int, path: str | None) -> Request:
    """The request of a comment that starts on ``line`` (counted from 0) of a file with this text."""
    services = declared_services(source)
    taken = {local for local, _ in services}
    names = [first or second for first, second in _NAME.findall(source)]
    return Request(
        text=comment,
        path=path,
        role=role_of(path),
        services=tuple((service, local) for local, service in services),
        names=tuple(dict.fromkeys(name for name in names if name not in taken))[:_NAMES],
        nearby=_nearby(source, line),
    )


def role_of(path: str | None) -> Role:
    """Where the script runs, as far as its path tells."""
    if path is None:
        return "unknown"
    parts = PurePath(path.replace("\\", "/"))
    stem = PurePath(parts.stem)
    if role := _SUFFIXES.get(stem.suffix.lower()):
        return role
    for folder in reversed(parts.parts[:-1]):
        if role := _FOLDERS.get(folder.lower()):
            return role
    return "unknown"


def declared_services(source: str) -> list[tuple[str, str]]:
    """(local, service) of each top-level ``local X = game:GetService("Y")``."""
    return _SERVICE.findall(source.replace("\r\n", "\n"))


def _nearby(source: str, line: int) -> str:
    lines = source.splitlines()
    around = lines[max(0, line - _NEARBY_LINES) : line] + lines[line + 1 : line + 1 + _NEARBY_LINES // 2]
    return "\n".join(around).strip()
