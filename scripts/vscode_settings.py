"""Writes the server's settings into the extension's package.json: ``python scripts/vscode_settings.py``."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from luau_lsp_ai.settings import SECTION, Settings, client_name, schema

PACKAGE = Path(__file__).resolve().parents[1] / "vscode-extension" / "package.json"
_CLIENTS_OWN = [f"{SECTION}.serverCommand"]  # names a program, and is of no use to other editors


def with_settings(package: dict[str, Any]) -> dict[str, Any]:
    """The same package with the server's settings as they are now."""
    needs_trust = [
        f"{SECTION}.{client_name(field)}" for field in dataclasses.fields(Settings) if field.metadata["needs_trust"]
    ]
    package["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = _CLIENTS_OWN + needs_trust
    for section in package["contributes"]["configuration"]:
        if section["title"] == "Server":
            section["properties"] = schema()
    return package


def written(package: dict[str, Any]) -> str:
    """The package as text, as npm writes it."""
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    text = written(with_settings(json.loads(PACKAGE.read_text("utf-8"))))
    PACKAGE.write_text(text, "utf-8")
