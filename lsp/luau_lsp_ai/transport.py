"""How the server and the editor reach each other: standard streams, a socket, or a pipe."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

from pygls.io_ import run_async

if TYPE_CHECKING:
    from .server import Server

log = logging.getLogger(__name__)


def serve_stdio(server: Server) -> None:
    """Serve the process that started this one, until it ends the conversation."""
    server.start_io(sys.stdin.buffer, _take_stdout())


def serve_socket(server: Server, host: str, port: int) -> None:
    """Serve one editor over TCP: connect to the one that listens there, or listen where none does."""
    asyncio.run(_serve_socket(server, host, port))


def serve_pipe(server: Server, name: str) -> None:
    """Serve the editor that listens on a Unix domain socket, or on Windows a named pipe."""
    asyncio.run(_serve_pipe(server, name))


def _take_stdout() -> BinaryIO:
    """Standard output for the protocol alone: whatever else is printed goes to standard error."""
    ours = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return ours


async def _serve_socket(server: Server, host: str, port: int) -> None:
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        reader, writer = await _first_client(host, port)
    await _converse(server, reader, writer)


async def _first_client(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    came: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Future()

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if came.done():
            writer.close()
        else:
            came.set_result((reader, writer))

    listener = await asyncio.start_server(take, host, port)
    log.warning("listening on %s:%s", *listener.sockets[0].getsockname()[:2])
    client = await came
    listener.close()
    return client


async def _serve_pipe(server: Server, name: str) -> None:
    if sys.platform == "win32":
        loop = asyncio.get_running_loop()
        assert isinstance(loop, asyncio.ProactorEventLoop)
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.create_pipe_connection(lambda: protocol, name)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    else:
        reader, writer = await asyncio.open_unix_connection(name)
    await _converse(server, reader, writer)


async def _converse(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    server.protocol.set_writer(writer)
    await run_async(threading.Event(), reader, server.protocol, log, server.report_server_error)
