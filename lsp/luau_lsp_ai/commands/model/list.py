"""``luau-lsp-ai model list``: the models that there are."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from ...quantities import rate, size

if TYPE_CHECKING:
    from luau_model.catalog.listing import Listed


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print all that is known, as JSON.")
def command(as_json: bool) -> None:
    """Show the models that are here or can be built, and how each goes with this machine.

    The first time, the machine's speed is measured, for two seconds.
    """
    list_models(as_json)


def list_models(as_json: bool = False) -> None:
    """Print the models."""
    from luau_model import machine
    from luau_model.catalog import listing, store

    machine.measured()
    models = listing.models()
    if as_json:
        click.echo(json.dumps([{**dataclasses.asdict(m), "fits": m.fit.fits} for m in models], indent=2))
        return
    rows = [("", "model", "size", "quant", "licence", "fits", "tokens/s", "state"), *map(_row, models)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    click.echo(f"\n* is used where no model is named. Models are kept in {store.folder()}.")
    if any(model.state == "to build" for model in models):
        click.echo("`luau-lsp-ai model pull NAME` builds what is to build; OWNER/REPOSITORY of the hub is a name too.")


def _row(model: Listed) -> tuple[str, ...]:
    speed = model.fit.tokens_per_second
    return (
        "*" if model.default else "",
        model.name,
        size(model.size),
        model.quantization,
        model.licence or "not stated",
        fits(model),
        f"~{rate(speed)}" if speed else "?",
        model.state,
    )


def fits(model: Listed) -> str:
    """Whether the model fits into memory now, in a few words."""
    fit = model.fit
    if fit.fits is None:
        return f"needs {size(fit.memory)}"
    return "yes" if fit.fits else f"no, {size(fit.memory)}"
