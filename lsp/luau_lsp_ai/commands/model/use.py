"""``luau-lsp-ai model use``: choose the model that scripts are written by."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click


@click.command("use")
@click.argument("name")
def command(name: str) -> None:
    """Make the model NAME (or a path) the one that is used where the settings name none.

    The file is verified and loaded first; where it can't be used, the choice stays as it was.
    """
    use(name)


def use(name: str) -> None:
    """Do what the command does. Raises click.ClickException where the model can't be used."""
    from luau_model.catalog import store
    from luau_model.catalog.errors import CatalogError
    from luau_model.engines.base import EngineError
    from rich.console import Console

    try:
        model = store.get(name)
        with Console(stderr=True).status(f"loading {model.name}"):
            if model.sha256 and store.sha256_of(model.path) != model.sha256:
                raise CatalogError(f"{model.path} was changed since it came: remove it, and pull or build it again.")
            asyncio.run(_load(model.path))
        store.set_default(name)
    except (CatalogError, EngineError) as error:
        raise click.ClickException(f"{error} The choice stays as it was.") from None
    click.echo(f"{model.name} is now the model that is used where no other is named.")


async def _load(path: Path) -> None:
    """Raises EngineError where the model can't be loaded."""
    from luau_model.engines.embedded import EmbeddedEngine

    engine = EmbeddedEngine(path)
    try:
        await engine.count_tokens("local")
    finally:
        await engine.close()
