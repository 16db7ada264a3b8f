"""``luau-lsp-ai model info``: all that is known of one model."""

from __future__ import annotations

from pathlib import Path

import click

from ...quantities import count, rate, size


@click.command("info")
@click.argument("name")
def command(name: str) -> None:
    """Show what is known of the model NAME (or a path), and measure how it goes with this machine.

    A model of the hub, as OWNER/REPOSITORY, is looked up there.
    """
    info(name)


def info(name: str) -> None:
    """Print what is known of a model. Raises click.ClickException where there is none of this name."""
    from luau_model.catalog.errors import CatalogError

    try:
        facts = _local(name) or _remote(name)
    except CatalogError as error:
        raise click.ClickException(str(error)) from None
    width = max(map(len, facts))
    for key, value in facts.items():
        if value:
            click.echo(f"{key.ljust(width)}  {value}")


def _local(name: str) -> dict[str, str] | None:
    """What is known of a model that is here or can be built; None where there is no such."""
    from luau_model import machine
    from luau_model.catalog import listing, store
    from luau_model.catalog.errors import CatalogError
    from luau_model.catalog.known import recipe

    machine.measured(anew=True)
    known = recipe(name)
    model = next((each for each in listing.models() if known and each.name == known.name), None)
    if model is None:
        try:
            model = listing.of(store.get(name))
        except CatalogError:
            return None
    sha256 = model.sha256 or (store.sha256_of(Path(model.path)) if model.path else "")
    fit = model.fit
    free = f", {size(fit.free)} are free" if fit.free is not None else ""
    speed = fit.tokens_per_second
    return {
        "model": f"{model.name} ({model.state}{', the default' if model.default else ''})",
        "about": model.title,
        "source": model.source,
        "file": model.path,
        "size": size(model.size),
        "weights": f"{count(model.parameters)} in {model.quantization}",
        "licence": model.licence or "not stated",
        "sha256": sha256,
        "memory": f"{size(fit.memory)} needed{free}{'' if fit.fits is not False else ': it does not fit now'}",
        "speed": f"about {rate(speed)} tokens/s written and {rate(fit.prompt_tokens_per_second or 0)} read, estimated"
        if speed
        else "",
        "build it": known.command(store.folder()) if known and model.state == "to build" else "",
    }


def _remote(name: str) -> dict[str, str]:
    """What the hub says of a model. Raises CatalogError."""
    from luau_model import machine
    from luau_model.catalog import hub, store

    if "/" not in name or (name.endswith(".gguf") and name.count("/") < 2):
        store.find(name)  # says what is wrong with the name
    file = hub.resolve(name)
    measurement = machine.last()
    return {
        "model": f"{file.name} (on the hub)",
        "source": file.source,
        "size": size(file.size),
        "licence": file.licence,
        "sha256": file.sha256,
        "memory": f"more than {size(machine.memory_needed(file.size, 0))}",
        "speed": f"about {rate(measurement.tokens_per_second(file.size))} tokens/s, estimated" if measurement else "",
        "download it": f"luau-lsp-ai model pull {name}",
    }
