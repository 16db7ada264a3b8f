"""``luau-lsp-ai model pull``: download a model."""

from __future__ import annotations

import click


@click.command("pull")
@click.argument("name")
def command(name: str) -> None:
    """Download a model from the Hugging Face hub and verify it.

    NAME is OWNER/REPOSITORY, with :QUANTIZATION or /FILE.gguf behind it where the repository has several files, and
    @REVISION behind the repository's name for one that is not the newest. A download that was stopped goes on. What
    is here already stays until the new file is complete and its SHA-256 is right.
    """
    pull(name)


def pull(name: str) -> None:
    """Do what the command does. Raises click.ClickException where it can't be done."""
    from luau_model.catalog import hub
    from luau_model.catalog.errors import CatalogError
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    try:
        file = hub.resolve(name)
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bars:
            shown = bars.add_task("download", total=file.size)
            model = hub.pull(
                file, lambda stage, done, total: bars.update(shown, description=stage, completed=done, total=total)
            )
    except CatalogError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{model.name} is here and verified ({model.path}).")
    click.echo(f"`luau-lsp-ai model use {model.name}` makes it the one that is used.")
