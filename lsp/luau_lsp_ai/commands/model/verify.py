"""``luau-lsp-ai model verify``: is a GGUF whole, and does it answer as the adapter does?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ...failing import said

SOUND, UNSOUND = 0, 1


@click.command("verify")
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option("--sha256", metavar="HEX", help="The SHA-256 that the source of the file names.")
@click.option("--adapter", metavar="A", help="Compare with this adapter on its base: a folder or a hub name.")
@click.option("--base", metavar="B", help="The base: a folder or a hub name.")
@click.option("--texts", type=click.Path(path_type=Path), help="A folder of .luau files to compare on.")
@click.option("--tokens", default=200, show_default=True, help="How much the models write themselves; 0 is nothing.")
@click.option("--report", type=click.Path(path_type=Path), help="A folder for report.md and report.png.")
@click.option("--force", is_flag=True, help="Overwrite the report.")
def command(**arguments: Any) -> None:
    """Check that models are whole: GGUF files, or names of `model list`. With --base, also that they answer as it does
    with the adapter.

    Each is asked the same as the adapter on its base in transformers: the likeliest tokens, the KL divergence, the
    perplexity of known scripts, the tokens of texts, and the scores of what both write. --texts takes files whose first
    comment is the request. Ends with 0 where all is sound, else with 1.
    """
    sys.exit(verify(**arguments))


def verify(
    models: tuple[str, ...],
    sha256: str | None = None,
    adapter: str | None = None,
    base: str | None = None,
    texts: Path | None = None,
    tokens: int = 200,
    report: Path | None = None,
    force: bool = False,
) -> int:
    """Do what the command does and return its exit code. Raises click.ClickException where it can't be done."""
    if adapter and not base:
        raise click.UsageError("--adapter needs --base, the model that it was trained on.")
    if report is not None and not base:
        raise click.UsageError("--report needs --base: it is about the comparison.")
    if sha256 and len(models) > 1:
        raise click.UsageError("--sha256 is about one file.")
    if report is not None and (report / "report.md").exists() and not force:
        raise click.UsageError(f"{report / 'report.md'} exists. Overwrite it with --force.")
    found = [_located(model) for model in models]
    whole = [_whole(file, sha256 or known) for file, known in found]  # all are looked at, even after a bad one
    if not all(whole) or not base:
        return SOUND if all(whole) else UNSOUND
    return UNSOUND if _compared(tuple(file for file, _ in found), base, adapter, texts, tokens, report) else SOUND


def _located(model: str) -> tuple[Path, str | None]:
    """A model's file, and the SHA-256 that was noted when it was downloaded."""
    from luau_model.catalog import store
    from luau_model.catalog.errors import CatalogError

    try:
        installed = store.get(model)
    except CatalogError as error:
        raise click.ClickException(str(error)) from None
    return installed.path, installed.sha256 or None


def _whole(file: Path, sha256: str | None) -> bool:
    with said("build"):
        from luau_model.build.integrity import check_file

        checks = check_file(file, sha256)
    for check in checks:
        click.echo(f"{'NO' if check.verdict == 'refused' else check.verdict:4}  {check.name:8}  {check.said}")
    return all(check.verdict != "refused" for check in checks)


def _compared(
    files: tuple[Path, ...], base: str, adapter: str | None, texts: Path | None, tokens: int, report: Path | None
) -> tuple[str, ...]:
    """Print the comparison and return what is wrong with the files."""
    with said("train"):
        from luau_model.build import parity
        from luau_model.build import report as page

        options = parity.VerifyOptions(files, base, adapter, texts, tokens)
        rows = parity.compare(options, lambda text: click.echo(text, err=True))
        click.echo(page.markdown(rows))
        if report is not None:
            page.write(rows, report)
            click.echo(f"The report is in {report}.")
        return parity.unsound(rows)
