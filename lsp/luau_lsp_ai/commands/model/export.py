"""``luau-lsp-ai model export``: what other programs need to run a built model."""

from __future__ import annotations

from pathlib import Path

import click

from ...failing import said
from ...files import check_writable, write


@click.group("export")
def command() -> None:
    """Prepare a GGUF for Ollama or LM Studio."""


@command.command("ollama")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lora", type=click.Path(path_type=Path), help="A runtime adapter, from `model export-lora`.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("Modelfile"), show_default=True)
@click.option("--force", is_flag=True, help="Overwrite the output.")
def ollama_command(file: Path, lora: Path | None, out: Path, force: bool) -> None:
    """Write a Modelfile for FILE, with its chat template, stop marks and our system prompt."""
    ollama(file, lora, out, force)


@command.command("lm-studio")
@click.argument("file", type=click.Path(path_type=Path))
def lm_studio_command(file: Path) -> None:
    """Print how to use FILE in LM Studio."""
    lm_studio(file)


def ollama(file: Path, lora: Path | None = None, out: Path = Path("Modelfile"), force: bool = False) -> None:
    """Do what ``export ollama`` does. Raises click.ClickException with what stands in the way."""
    check_writable(out, force)
    with said("build"):
        from luau_model.build.apps import modelfile

        content = modelfile(file, lora)
    write(out, content.encode())
    click.echo(f"{out} is written. Now: ollama create {file.stem.lower()} -f {out}")


def lm_studio(file: Path) -> None:
    """Do what ``export lm-studio`` does. Raises click.ClickException where FILE can't be used."""
    with said("build"):
        from luau_model.build.apps import lm_studio as hints

        click.echo(hints(file), nl=False)
