"""``luau-lsp-ai model export-lora``: the adapter alone, for use on a quantized base."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...failing import said


@click.command("export-lora")
@click.option("--adapter", metavar="A", required=True, help="The LoRA adapter: a folder or a hub name.")
@click.option("--base", metavar="B", required=True, help="The model that it was trained on: a folder or a hub name.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The GGUF file to write.")
@click.option("--force", is_flag=True, help="Overwrite the output.")
def command(**arguments: Any) -> None:
    """Write the adapter alone as a GGUF that llama.cpp adds to a quantized base at run time.

    So one base on the disk and in memory serves several adapters, somewhat slower than a merged model.
    """
    export_lora(**arguments)


def export_lora(adapter: str, base: str, out: Path, force: bool = False) -> None:
    """Do what the command does. Raises click.ClickException with what stands in the way."""
    with said("build"):
        from luau_model.build.lora import ExportOptions, export

        built = export(ExportOptions(adapter, base, out, force))
    click.echo(f"{built.path}: {built.size / 1e6:,.1f} MB, {built.tensors} tensors")
