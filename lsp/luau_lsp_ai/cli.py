"""The command line. Nothing is imported before it is needed, so that the server starts fast."""

from __future__ import annotations

import logging
import sys

import click

from . import __version__
from .lazy import LazyGroup


class _Commands(LazyGroup):
    package = f"{__package__}.commands"


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--stdio", is_flag=True, help="Serve an editor over standard input and output.")
@click.option("--socket", metavar="[HOST:]PORT", help="Serve over TCP: connect there, or listen if nobody does.")
@click.option("--pipe", metavar="NAME", help="Serve the editor that listens on this Unix socket or named pipe.")
@click.option("--clientProcessId", "_client", type=int, hidden=True)  # the connection's end tells us as much
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def cli(ctx: click.Context, stdio: bool, socket: str | None, pipe: str | None, _client: int | None) -> None:
    """Write a Luau comment, get a checked script: a language server, and the same on the command line."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    if stdio + bool(socket) + bool(pipe) > 1:
        raise click.UsageError("Choose one of --stdio, --socket and --pipe.")
    if stdio or socket or pipe:
        if ctx.invoked_subcommand is not None:
            raise click.UsageError("A server takes no command.")
        _serve(socket, pipe)
    elif ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _serve(socket: str | None, pipe: str | None) -> None:
    host, port = _address(socket) if socket else ("", 0)
    import gc

    # Tens of thousands of objects are made by the imports and stay: looking through them again and again while they
    # are made, and ever after, costs a tenth of the start.
    gc.disable()
    from . import server, transport

    built = server.build()
    gc.freeze()
    gc.enable()
    try:
        if socket:
            transport.serve_socket(built, host, port)
        elif pipe:
            transport.serve_pipe(built, pipe)
        else:
            transport.serve_stdio(built)
    except OSError as error:
        raise click.ClickException(f"The connection failed: {error}") from None


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise click.BadParameter("give a port, or a host and a port such as 127.0.0.1:9257", param_hint="--socket")
    return host.strip("[]") or "127.0.0.1", int(port)


def main() -> None:
    """Run the command line."""
    cli(prog_name="luau-lsp-ai")
