"""``luau-lsp-ai generate``: from a request to a script on the command line."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..comments import Comment
from ..documents import Snapshot
from ..files import check_writable, read, write
from ..settings import Settings
from ..stages import Narrator

if TYPE_CHECKING:
    from luau_model.generate import Outcome, Script
    from luau_model.request import Options, Request

WRITTEN, REFUSED, ENGINE_FAILED = 0, 1, 3
_DEFAULTS = Settings()


@click.command("generate")
@click.argument("text", required=False)
@click.option("--file", type=click.Path(path_type=Path), help="The file that the script is for.")
@click.option("--line", type=click.IntRange(1), help="The line in FILE, from 1, of the comment that is the request.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write instead of standard output.")
@click.option("--force", is_flag=True, help="Overwrite the output.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Another seed gives another script.")
@click.option("--candidates", type=click.IntRange(1, 16), default=_DEFAULTS.candidates, show_default=True)
@click.option("--model", default="", metavar="NAME", help="A model of the catalog, a GGUF file, or the server's name.")
@click.option("--lora", default="", metavar="PATH", help="A LoRA adapter in GGUF format for that model.")
@click.option("--endpoint", default="", metavar="URL", help="A server that speaks OpenAI's protocol.")
@click.option("--insert-anyway", is_flag=True, help="Take the best script even if it is not good enough.")
def command(**arguments: Any) -> None:
    """Write a script for the request TEXT, or for the comment on a line of a file.

    The script goes to standard output and everything else to standard error. With --line, the file that --output
    names is FILE with the script below its comment; it may be FILE itself, with --force.

    Ends with 0 where a script was written, 1 where none was good enough, 2 where the input can't be used, and 3
    where the model failed.
    """
    sys.exit(generate(**arguments))


def generate(
    text: str | None = None,
    file: Path | None = None,
    line: int | None = None,
    output: Path | None = None,
    force: bool = False,
    seed: int = 0,
    candidates: int = _DEFAULTS.candidates,
    model: str = "",
    lora: str = "",
    endpoint: str = "",
    insert_anyway: bool = False,
) -> int:
    """Do what the command does and return its exit code. Raises click.UsageError on input that can't be used."""
    target = _Target.read(text, file, line)
    if output is not None:
        check_writable(output, force)
    settings = Settings(
        engine="http" if endpoint else "embedded", model=model, lora=lora, endpoint=endpoint, candidates=candidates
    )
    from luau_model.engines.base import EngineError
    from luau_model.request import Options

    options = Options(candidates, settings.temperature, settings.max_tokens, seed)
    try:
        outcome = asyncio.run(_outcome(settings, target.request(), options))
    except EngineError as error:
        click.echo(str(error), err=True)
        return ENGINE_FAILED
    except KeyboardInterrupt:
        return 130
    script = outcome.script or (outcome.best if insert_anyway else None)
    _explain(outcome, script)
    if script is None:
        return REFUSED
    if output is None:
        click.echo(script.text, nl=False)
    else:
        write(output, target.with_script(script.text))
    return WRITTEN


@dataclass(frozen=True)
class _Target:
    """What is asked, and the place in the file that it is asked for."""

    text: str
    path: Path | None
    file: Snapshot
    line: int  # from 0
    comment: Comment | None  # the request, where a line was given

    @classmethod
    def read(cls, text: str | None, path: Path | None, line: int | None) -> _Target:
        if line is not None and path is None:
            raise click.UsageError("--line needs --file.")
        file = Snapshot(read(path) if path else b"")
        if line is not None and line > len(file.starts):
            raise click.UsageError(f"{path} has {len(file.starts)} lines and no line {line}.")
        comment = file.comment_on(line - 1, line - 1) if line is not None else None
        if text is None and line is None:
            raise click.UsageError("Say what the script should do, or give --file and --line of a comment that does.")
        if text is None and comment is None:
            raise click.UsageError(f"There is no comment with a request on line {line} of {path}.")
        asked = comment.request if text is None and comment else (text or "").strip()
        if not asked:
            raise click.UsageError("The request is empty. Say what the script should do.")
        return cls(asked, path, file, (line or len(file.starts)) - 1, comment)

    def request(self) -> Request:
        from luau_model.file_context import request_for

        return request_for(self.text, self.file.source, self.line, str(self.path) if self.path else None)

    def with_script(self, script: str) -> bytes:
        """What goes into the output: the script, or the file with the script below its comment."""
        if self.comment is None:
            return script.encode()
        from ..insertion import edit_below

        edit = edit_below(self.file, self.file.line_of(self.comment.end), self.comment.indent, script)
        place = self.file.offset(edit.range.start)
        return self.file.data[:place] + edit.new_text.encode() + self.file.data[place:]


async def _outcome(settings: Settings, request: Request, options: Options) -> Outcome:
    """Run the model, with a line of progress on a terminal."""
    from luau_model.generate import Outcome, generate
    from rich.console import Console

    from ..engines import engine_from

    console = Console(stderr=True)
    engine = engine_from(settings)
    narrator = Narrator(options.candidates)
    try:
        with console.status("starting") as status:
            async for event in generate(engine, request, options):
                if isinstance(event, Outcome):
                    return event
                status.update(narrator.said(event))
    finally:
        await engine.close()
    raise AssertionError("a generation ends with its outcome")


def _explain(outcome: Outcome, script: Script | None) -> None:
    for sentence in (*outcome.reasons, *outcome.notes):
        click.echo(sentence, err=True)
    if script is not None:
        report = script.report
        names = ("syntax", "api", "bugs", "quality", "composite")
        click.echo("scores: " + ", ".join(f"{name} {getattr(report, name):.2f}" for name in names), err=True)
    elif outcome.best is not None:
        click.echo("--insert-anyway gives you the best there is.", err=True)
