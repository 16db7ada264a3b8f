"""``luau-lsp-ai model imatrix``: which weights matter most for Luau."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...failing import said


@click.command("imatrix")
@click.argument("model", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--texts", type=click.Path(path_type=Path), help="A folder of .luau files to run it on.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
@click.option("--force", is_flag=True, help="Overwrite the output.")
def command(**arguments: Any) -> None:
    """Run FILE, best a Q8_0 build, on Luau scripts and write its importance matrix, for `model build --imatrix`.

    With it quantization errs least where the scripts need the weights most; it matters at five bits and fewer.
    """
    imatrix(**arguments)


def imatrix(model: Path, out: Path, texts: Path | None = None, force: bool = False) -> None:
    """Do what the command does. Raises click.ClickException with what stands in the way."""
    with said("build"):
        from luau_model.build.imatrix import make

        count = make(model, out, texts, force)
    click.echo(f"{out}: importance of {count} matrices")
