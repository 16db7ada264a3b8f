"""``luau-lsp-ai train``: the stages from raw scripts to a better adapter, whose options luau_training declares."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from luau_training import stages
from luau_training.options import Stage, StageError, fields

DONE, FAILED, INTERRUPTED = 0, 1, 130


def train(stage: str, config: Path | None = None, **given: Any) -> int:
    """Do what the command does and return its exit code: a stage by its name, such as "data collect"."""
    try:
        stages.run(stage, config, **given)
    except StageError as error:
        click.echo(str(error), err=True)
        return FAILED
    except KeyboardInterrupt:
        click.echo("Interrupted: the same command goes on from here.", err=True)
        return INTERRUPTED
    return DONE


def _command(stage: str, options: type[Stage]) -> click.Command:
    def run(config: Path | None, **given: Any) -> None:
        sys.exit(train(stage, config, **{name: value for name, value in given.items() if value not in (None, ())}))

    config = click.Option(
        ["--config"], type=click.Path(path_type=Path), metavar="FILE", help="A TOML file with any of the options."
    )
    made = [_option(field, hint) for field, hint in fields(options).values()]
    return click.Command(stage.split()[-1], params=[config, *made], callback=run, help=options.__doc__)


def _option(field: dataclasses.Field[Any], hint: Any) -> click.Option:
    """The option of a field. What is not given is None, so that the file and then the default decide."""
    flag = f"--{field.name.replace('_', '-')}"
    shown = field.default if field.default not in ("", (), Path(), -1.0, False) else None
    shown = ", ".join(shown) if isinstance(shown, tuple) else shown
    help = field.metadata["help"] + (f"  [default: {shown}]" if shown is not None and hint is not bool else "")
    if hint is bool:
        flags = f"{flag}/--no-{flag[2:]}" if field.default else flag
        return click.Option([flags], default=None, is_flag=True, help=help)
    kind: Any = hint
    count = field.metadata["count"]
    if get_origin(hint) is Literal:
        kind = click.Choice(get_args(hint))
    elif hint is Path:
        kind = click.Path(path_type=Path)
    elif get_origin(hint) is tuple:
        kind = str
    several = get_origin(hint) is tuple and not count
    return click.Option([flag], type=kind, nargs=count or 1, multiple=several, default=None, help=help)


command = click.Group(
    "train",
    help="From raw scripts to a better adapter, one stage after the other; docs/training.md shows the way.\n\n"
    "Each stage writes a folder, never overwrites one unasked, and goes on where it was stopped. Ends with 0 where it "
    "came to its end and 1 where it could not.",
)
_data = click.Group("data", help="From raw scripts to training, validation and test sets.")
command.add_command(_data)
for _stage, (_options, _) in stages.STAGES.items():
    (_data if _stage.startswith("data ") else command).add_command(_command(_stage, _options))
