"""``luau-lsp-ai model build``: an adapter and its base become one GGUF."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...failing import said
from ...quantities import size

if TYPE_CHECKING:
    from luau_model.build.writing import Report

INTERRUPTED = 130
QUANTS = ("F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_NL")


@click.command("build")
@click.option("--adapter", metavar="A", help="The LoRA adapter: a folder or a hub name. Without it: the base alone.")
@click.option("--base", metavar="B", required=True, help="The model that it was trained on: a folder or a hub name.")
@click.option("--quant", type=click.Choice(QUANTS), default="Q4_K_M", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The GGUF file to write.")
@click.option(
    "--merge-base",
    type=click.Choice(("original", "nf4")),
    default="original",
    show_default=True,
    help="Merge into the original weights, or into what 4-bit loading makes of them (QLoRA trains on that).",
)
@click.option("--imatrix", type=click.Path(path_type=Path), help="An importance matrix, from `model imatrix`.")
@click.option("--force", is_flag=True, help="Overwrite the output.")
def command(**arguments: Any) -> None:
    """Merge a LoRA adapter into its base and quantize the result, tensor by tensor, in one pass.

    The doctor looks at everything first. A build that was stopped goes on when the same command is run again; until
    it is whole, nothing stands at --out. Hub names are owner/model or owner/model@revision.
    """
    try:
        build(**arguments)
    except KeyboardInterrupt:
        click.echo("Stopped. The same command goes on from here.", err=True)
        raise SystemExit(INTERRUPTED) from None


def build(
    base: str,
    out: Path,
    adapter: str | None = None,
    quant: str = "Q4_K_M",
    merge_base: str = "original",
    imatrix: Path | None = None,
    force: bool = False,
) -> None:
    """Do what the command does. Raises click.ClickException with what stands in the way."""
    with said("build"):
        from luau_model.build.pipeline import BuildOptions
        from luau_model.build.pipeline import build as run

        assert merge_base in ("original", "nf4")
        options = BuildOptions(base, out, adapter, quant, merge_base, imatrix, force)  # type: ignore[arg-type]
        with _bar() as report:
            built = run(options, report)
    kept = f", {built.kept} of {built.tensors} tensors from the run before" if built.kept else ""
    click.echo(f"{built.path}: {size(built.size)} in {built.seconds:.0f} s{kept}")
    click.echo(f'Try it: luau-lsp-ai generate --model {built.path} "a door that opens for VIPs"')


@contextmanager
def _bar() -> Iterator[Report]:
    """A bar on standard error: bytes, the tensor at work, time left."""
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("looking at everything first", total=None)
        yield lambda step: bar.update(
            task, description=step.tensor or "starting", completed=step.done, total=step.total
        )
