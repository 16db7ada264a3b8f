"""``luau-lsp-ai model doctor``: is this adapter fit for its base and this machine?"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...failing import said
from .build import QUANTS

if TYPE_CHECKING:
    from luau_model.build.doctor import Diagnosis

FIT, REFUSED = 0, 1
_MARKS = {"ok": "ok  ", "note": "note", "refused": "NO  "}


@click.command("doctor")
@click.option("--adapter", metavar="A", help="The LoRA adapter: a folder or a hub name.")
@click.option("--base", metavar="B", required=True, help="The model that it was trained on: a folder or a hub name.")
@click.option("--quant", type=click.Choice(QUANTS), default="Q4_K_M", show_default=True)
@click.option("--merge-base", type=click.Choice(("original", "nf4")), default="original", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Where the GGUF is to go: the disk that is looked at.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool, **arguments: Any) -> None:
    """Look at everything that a build needs, without building: the adapter, whether it fits the base, the tokenizer,
    memory, disk and time. What is on the hub is downloaded for it. Ends with 0 where a build can begin, and 1 where
    something is refused.
    """
    diagnosis = doctor(**arguments)
    click.echo(json.dumps(as_data(diagnosis), indent=2) if as_json else as_text(diagnosis))
    sys.exit(REFUSED if diagnosis.refusals else FIT)


def doctor(
    base: str,
    adapter: str | None = None,
    quant: str = "Q4_K_M",
    merge_base: str = "original",
    out: Path | None = None,
) -> Diagnosis:
    """Do what the command does. Raises click.ClickException where packages are missing."""
    with said("build"):
        from luau_model.build.doctor import diagnose

        assert merge_base in ("original", "nf4")
        return diagnose(base, adapter, quant, merge_base, out)  # type: ignore[arg-type]


def as_text(diagnosis: Diagnosis) -> str:
    """One line for each check, and the recommendation."""
    width = max(len(check.name) for check in diagnosis.checks)
    lines = [f"{_MARKS[check.verdict]}  {check.name:{width}}  {check.said}" for check in diagnosis.checks]
    return "\n".join([*lines, "", diagnosis.recommendation])


def as_data(diagnosis: Diagnosis) -> dict[str, Any]:
    """What --json prints."""
    return {
        "fit": not diagnosis.refusals,
        "checks": [dataclasses.asdict(check) for check in diagnosis.checks],
        "needs": dataclasses.asdict(diagnosis.needs) if diagnosis.needs else None,
        "recommendation": diagnosis.recommendation,
    }
