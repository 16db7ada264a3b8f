"""``luau-lsp-ai model``: one verb, one module of this package."""

from __future__ import annotations

import click

from ...lazy import LazyGroup


class _Verbs(LazyGroup):
    package = __name__


@click.group("model", cls=_Verbs)
def command() -> None:
    """Build models from adapters, check them, and choose one."""
