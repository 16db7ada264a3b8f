"""Hooks of mkdocs: pages that are made from the sources."""

from __future__ import annotations

from typing import Any

from luau_scorers.docs import render
from mkdocs.structure.files import File, Files


def on_files(files: Files, config: Any) -> Files:
    """Add the rules' page, which the rules themselves make."""
    files.append(File.generated(config, "rules.md", content=render()))
    return files
