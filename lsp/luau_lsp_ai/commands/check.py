"""``luau-lsp-ai check``: what the scorers find in files."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

if TYPE_CHECKING:
    from ..checking.inspection import Inspection, Wanted
    from ..checking.report import Reporter

Format = Literal["text", "json", "sarif", "github"]
CLEAN, FOUND, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--format", "format", type=click.Choice(get_args(Format)), default="text", show_default=True)
@click.option("--fix", is_flag=True, help="Mend what can be mended without changing what the script does.")
@click.option("--unsafe-fixes", is_flag=True, help="Mend also where that may change what the script does.")
@click.option("--diff", is_flag=True, help="Print what would be mended, and change no file.")
@click.option("--score", is_flag=True, help="Print the scores of each file, and their means over all files.")
def command(**arguments: Any) -> None:
    """Print the problems in Luau files.

    PATH is a file, a folder, or - for standard input; the current folder if there is none. In folders all .luau and
    .lua files are checked that neither .gitignore nor the project's luau-lsp-ai.toml ignores. With --fix the mended
    text of standard input goes to standard output, and the problems that are left to standard error.

    Ends with 0 where nothing was found, 1 where something was, hints included, and 2 where the usage is wrong or a file
    can't be read. What a project does not want to see, its luau-lsp-ai.toml or a comment turns off. With --diff, 1 says
    that something would be mended. Scores are of the text alone: neither comments nor luau-lsp-ai.toml change them.
    """
    sys.exit(check(**arguments))


def check(
    paths: tuple[Path, ...] = (),
    format: Format = "text",
    fix: bool = False,
    unsafe_fixes: bool = False,
    diff: bool = False,
    score: bool = False,
) -> int:
    """Do what the command does and return its exit code. Raises click.UsageError."""
    if (diff or score) and format not in ("text", "json"):
        raise click.UsageError(f"--diff and --score do not go with --format {format}.")
    if diff and (format != "text" or score):
        raise click.UsageError("--diff goes with neither --format nor --score.")
    from luau_scorers.config import ConfigError

    from ..checking.inspection import STDIN, Wanted

    wanted = Wanted("unsafe" if unsafe_fixes else "safe" if fix or diff else "none", diff, score)
    to_stderr = STDIN in paths and wanted.fix != "none" and not diff
    if to_stderr and format != "text":
        raise click.UsageError("With --fix and standard input only --format text is possible.")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace", newline="\n")
    try:
        return _run(paths or (Path(),), wanted, _reporter(format, to_stderr))
    except ConfigError as error:
        click.echo(str(error), err=True)
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(paths: tuple[Path, ...], wanted: Wanted, reporter: Reporter) -> int:
    from ..checking.report import Counts
    from ..checking.run import inspections
    from ..checking.walk import Walk

    walk = Walk()
    files = list(walk.files(paths))
    counts = Counts()
    code = CLEAN
    if not wanted.diff:
        reporter.begin()
    for inspection in inspections(files, wanted):
        counts.take(inspection)
        code = max(code, _code(inspection, wanted))
        _show(inspection, wanted, reporter)
    for sentence in walk.unreadable:
        click.echo(sentence, err=True)
        code = UNUSABLE
    if not wanted.diff:
        reporter.end(counts)
    return code


def _code(inspection: Inspection, wanted: Wanted) -> int:
    if inspection.unreadable:
        return UNUSABLE
    return FOUND if (inspection.diff if wanted.diff else inspection.problems) else CLEAN


def _show(inspection: Inspection, wanted: Wanted, reporter: Reporter) -> None:
    if inspection.unreadable:
        click.echo(inspection.unreadable, err=True)
    if wanted.diff:
        click.echo(inspection.diff, nl=False)
        return
    if inspection.output and wanted.fix != "none":
        click.echo(inspection.output, nl=False)
    reporter.add(inspection)


def _reporter(format: Format, to_stderr: bool) -> Reporter:
    if format == "json":
        from ..checking.machine import JsonReporter

        return JsonReporter()
    if format == "github":
        from ..checking.machine import GithubReporter

        return GithubReporter()
    if format == "sarif":
        from ..checking.sarif import SarifReporter

        return SarifReporter()
    from ..checking.text import TextReporter

    return TextReporter(to_stderr)
