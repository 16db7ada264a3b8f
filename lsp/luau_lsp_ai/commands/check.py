"""``luau-lsp-ai check``: what the scorers find in files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..convert import Text
from ..files import read


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(files: tuple[Path, ...]) -> None:
    """Print the problems in FILES.

    Ends with 0 where there are none, 1 where there are some, and 2 where a file can't be read.
    """
    sys.exit(check(files))


def check(files: tuple[Path, ...]) -> int:
    """Print a line for each finding: file, line, column (from 1), severity, message and rule. Returns the exit code."""
    from luau_scorers.engine import analyse

    code = 0
    for file in files:
        try:
            text = Text(read(file), "utf-32")
        except click.UsageError as error:
            click.echo(error.message, err=True)
            code = 2
            continue
        for finding in analyse(text.data):
            place = text.position(finding.span.start)
            where = f"{file}:{place.line + 1}:{place.character + 1}"
            click.echo(f"{where}: {finding.severity}: {finding.message} [{finding.rule}]")
            code = max(code, 1)
    return code
