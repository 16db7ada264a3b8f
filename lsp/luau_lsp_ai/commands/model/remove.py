"""``luau-lsp-ai model remove``: delete a model."""

from __future__ import annotations

import click

from ...quantities import size


@click.command("remove")
@click.argument("name")
def command(name: str) -> None:
    """Delete the model NAME from the folder of models."""
    remove(name)


def remove(name: str) -> None:
    """Do what the command does. Raises click.ClickException where it can't be done."""
    from luau_model.catalog import store
    from luau_model.catalog.errors import CatalogError

    try:
        model, was_default = store.remove(name)
    except CatalogError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{model.name} was removed; {size(model.size)} are free again.")
    if was_default:
        click.echo(f"It was the default: now that is {store.default_name()}.")
