"""``luau-lsp-ai api``: the table of the Roblox API that findings rely on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ..files import write


@click.group("api")
def command() -> None:
    """Show which Roblox API findings rely on, or bring it up to date."""


@command.command("info")
def info_command() -> None:
    """Print the version and the size of the table, and where it comes from."""
    info()


@command.command("update")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def update_command(file: Path | None) -> None:
    """Build a newer table from Roblox's API dump: FILE, or what Roblox offers for download."""
    update(file)


def info() -> None:
    """Print what is known of the table in use."""
    from luau_scorers.roblox_api import Api

    api = Api.load()
    members = [member for cls in api.classes() for member in api.own_members(cls).values()]
    deprecated = [member for member in members if member.deprecated]
    replaced = sum(member.replacement is not None for member in deprecated)
    click.echo(api.stamp)
    click.echo(f"source: {api.source}")
    click.echo(f"classes: {len(api.classes())}, of which {len(api.services())} are services")
    click.echo(
        f"members: {len(members)}, of which {len(deprecated)} are deprecated ({replaced} with a replacement) "
        f"and {sum(member.yields for member in members)} yield"
    )
    items = sum(len(api.enum(name) or ()) for name in api.enums())
    click.echo(f"enums: {len(api.enums())} with {items} items")
    click.echo(f"datatypes: {len(api.datatypes())}, libraries: {len(api.libraries)}, globals: {len(api.globals)}")


def update(file: Path | None) -> None:
    """Write a table into the user's cache. Raises click.ClickException where there is no dump to be had."""
    from luau_scorers.api import dump
    from luau_scorers.roblox_api import SHIPPED, Api, cached_table

    shipped = Api(SHIPPED.read_text("utf-8"))
    try:
        if file is None:
            data, version = dump.download()
            day, source = date.today().isoformat(), "Roblox's API dump, downloaded"
        else:
            data, version = _read(file), "dump"
            day, source = date.fromtimestamp(file.stat().st_mtime).isoformat(), f"Roblox's API dump, {file.resolve()}"
        text = dump.update(shipped, data, version, day, source)
    except dump.DumpError as error:
        raise click.ClickException(str(error)) from None
    place = cached_table()
    place.parent.mkdir(parents=True, exist_ok=True)
    write(place, text.encode())
    new = Api(text)
    used = "" if new.date > shipped.date else f" It is not newer than the one in use: {shipped.stamp}."
    click.echo(f"{place} is the {new.stamp}, with {len(new.classes())} classes.{used}")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file} can't be read: {error.strerror}.") from None
