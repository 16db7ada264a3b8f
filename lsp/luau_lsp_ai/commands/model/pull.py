"""``luau-lsp-ai model pull``: download a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from luau_model.catalog.known import Recipe
    from luau_model.catalog.store import Installed


@click.command("pull")
@click.argument("name")
def command(name: str) -> None:
    """Download a model from the Hugging Face hub and verify it, or build one of those that `model list` can build.

    Otherwise NAME is OWNER/REPOSITORY, with :QUANTIZATION or /FILE.gguf behind it where the repository has several
    files, and @REVISION behind the repository's name for one that is not the newest. A download that was stopped goes
    on. What is here already stays until the new file is complete and its SHA-256 is right.
    """
    pull(name)


def pull(name: str) -> None:
    """Do what the command does. Raises click.ClickException where it can't be done."""
    from luau_model.catalog.errors import CatalogError
    from luau_model.catalog.known import recipe

    known = recipe(name)
    try:
        model = _build(known) if known else _download(name)
    except CatalogError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{model.name} is here and verified ({model.path}).")
    click.echo(f"`luau-lsp-ai model use {model.name}` makes it the one that is used.")


def _build(known: Recipe) -> Installed:
    """Raises CatalogError, and click.ClickException where the build can't be done."""
    from luau_model.catalog import store

    from .build import build

    out = store.folder() / f"{known.name}.gguf"
    if out.exists():
        raise click.ClickException(
            f"{known.name} is here already: `luau-lsp-ai model remove {known.name}` to make it anew."
        )
    click.echo(f"{known.name} is built on this machine, from {known.adapter} and {known.base}:", err=True)
    click.echo("both are downloaded first, which is four times what the model takes.", err=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    build(base=known.base, adapter=known.adapter, quant=known.quantization, out=out)
    return store.add(out, known.name, store.sha256_of(out), known.licence, known.source)


def _download(name: str) -> Installed:
    """Raises CatalogError."""
    from luau_model.catalog import hub
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    file = hub.resolve(name)
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bars:
        shown = bars.add_task("download", total=file.size)
        return hub.pull(
            file, lambda stage, done, total: bars.update(shown, description=stage, completed=done, total=total)
        )
