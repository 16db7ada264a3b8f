"""A small editor for tests: it keeps texts as real editors do, and drives the installed server."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

from lsprotocol import types
from pygls.protocol import JsonRPCNotification, JsonRPCResponseMessage, default_converter
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

PROFILES = ("visual-studio-code", "neovim", "emacs")
# One script of the embedded model on a busy machine, the model's start included.
PATIENCE = 90.0
REQUEST = "Create a coin collection system with leaderstats, sound effects, and respawning coins"


def server_command(*arguments: str) -> list[str]:
    """The installed console script, next to the Python that runs the tests."""
    script = shutil.which("luau-lsp-ai", path=str(Path(sys.executable).parent))
    assert script, "luau-lsp-ai is not installed beside this Python"
    return [script, *(arguments or ["--stdio"])]


def _client() -> LanguageClient:
    client = make_test_lsp_client()
    converter = default_converter()

    # The library reads an action that has a command as a bare Command, and loses the rest of it.
    def hook(value: Any, _: Any) -> Any:
        kind = types.Command if isinstance(value.get("command"), str) else types.CodeAction
        return converter.structure(value, kind)

    # A union made with "|" is another type for the converter.
    converter.register_structure_hook(Union[types.Command, types.CodeAction], hook)  # noqa: UP007
    # What is ours alone stays as JSON has it.
    for kind in (JsonRPCResponseMessage, JsonRPCNotification):
        converter.register_structure_hook(kind, lambda data, kind: kind(**data))
    client.protocol._converter = converter
    return client


def units(text: str, encoding: str) -> int:
    """The length of a text in the encoding's units."""
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    return len(text.encode({1: "utf-8", 2: "utf-16-le", 4: "utf-32-le"}[size])) // size


def position_of(text: str, index: int, encoding: str) -> types.Position:
    """The position of a character, by counting from the start."""
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    line = before.rsplit("\n", 1)[-1]
    return types.Position(before.count("\n"), units(line, encoding))


def index_of(text: str, position: types.Position, encoding: str) -> int:
    """The inverse of ``position_of``, for positions that exist."""
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    start = sum(map(len, lines[: position.line]))
    for index in range(start, start + len(lines[position.line]) + 1):
        if units(text[start:index], encoding) == position.character:
            return index
    raise AssertionError(f"{position} is outside of the text")


@dataclass
class Buffer:
    """A text in the editor. ``ours`` says of each character whether the server put it there."""

    text: str
    version: int = 0
    ours: list[bool] = field(default_factory=list)

    def replace(self, start: int, end: int, new: str, ours: bool) -> None:
        """Change the text."""
        self.text = self.text[:start] + new + self.text[end:]
        self.ours[start:end] = [ours] * len(new)
        self.version += 1

    def typed(self) -> str:
        """The text without what the server put in."""
        return "".join(char for char, ours in zip(self.text, self.ours, strict=True) if not ours)

    def inserted(self) -> str:
        """What the server put in."""
        return "".join(char for char, ours in zip(self.text, self.ours, strict=True) if ours)


class Editor:
    """Opens and changes texts, and applies the server's edits if they are for the newest version."""

    def __init__(self, client: LanguageClient, encoding: str) -> None:
        self.client = client
        self.encoding = encoding
        self.buffers: dict[str, Buffer] = {}
        self.reset()

        @client.feature(types.WORKSPACE_APPLY_EDIT)
        def apply_edit(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            return self.apply(params)

        @client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
        def question(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
            self.questions.append(params)
            title = self.answer(params)
            return types.MessageActionItem(title) if title else None

    @property
    def capabilities(self) -> Any:
        """What this editor told the server that it can do."""
        assert self.client.capabilities is not None
        return self.client.capabilities

    def reset(self) -> None:
        """Forget what was shown and how to answer; texts stay open."""
        self.questions: list[types.ShowMessageRequestParams] = []
        self.answer: Callable[[types.ShowMessageRequestParams], str | None] = accept_refused
        self.before_apply: Callable[[], None] = lambda: None
        self.edits: list[types.ApplyWorkspaceEditParams] = []

    def open(self, uri: str, text: str) -> Buffer:
        """Open a text."""
        buffer = self.buffers[uri] = Buffer(text, 1, [False] * len(text))
        item = types.TextDocumentItem(uri, "luau", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return buffer

    def close(self, uri: str) -> None:
        """Close a text."""
        del self.buffers[uri]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def type(self, uri: str, start: int, end: int, new: str, ours: bool = False) -> None:
        """Replace characters, and tell the server."""
        buffer = self.buffers[uri]
        where = types.Range(
            position_of(buffer.text, start, self.encoding), position_of(buffer.text, end, self.encoding)
        )
        buffer.replace(start, end, new, ours)
        identifier = types.VersionedTextDocumentIdentifier(uri=uri, version=buffer.version)
        change = types.TextDocumentContentChangePartial(range=where, text=new)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    async def actions(
        self,
        uri: str,
        line: int,
        only: list[types.CodeActionKind | str] | None = None,
        diagnostics: tuple[types.Diagnostic, ...] = (),
    ) -> list[types.CodeAction]:
        """The menu at a line."""
        place = types.Position(line, 0)
        context = types.CodeActionContext(diagnostics=diagnostics, only=only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), types.Range(place, place), context)
        found = await self.client.text_document_code_action_async(params)
        return [action for action in found or [] if isinstance(action, types.CodeAction)]

    async def command(self, name: str, argument: dict[str, Any]) -> Any:
        """Run one of our commands."""
        params = types.ExecuteCommandParams(f"luau-lsp-ai.{name}", [argument])
        return await self.client.workspace_execute_command_async(params)

    async def request(self, name: str, uri: str = "", **more: Any) -> Any:
        """Send one of our requests."""
        params = {**({"textDocument": {"uri": uri}} if uri else {}), **more}
        return await self.client.protocol.send_request_async(f"luau-lsp-ai/{name}", params)

    async def write(self, uri: str, line: int) -> Any:
        """Ask for a script for a line's comment, and wait for the end."""
        return await self.request("generate", uri, line=line)

    @property
    def pulls(self) -> bool:
        """Does this editor ask for problems, instead of being sent them?"""
        return bool(self.capabilities.text_document.diagnostic)

    async def problems(self, uri: str) -> tuple[types.Diagnostic, ...]:
        """What the editor shows by now."""
        if not self.pulls:
            return tuple(self.client.diagnostics.get(uri, ()))
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        report = await self.client.text_document_diagnostic_async(params)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        return tuple(report.items)

    async def shows(
        self, uri: str, condition: Callable[[tuple[types.Diagnostic, ...]], object], what: str = "the problems"
    ) -> tuple[types.Diagnostic, ...]:
        """Wait until the problems shown are as they should be."""
        end = time.monotonic() + PATIENCE
        while not condition(found := await self.problems(uri)):
            assert time.monotonic() < end, f"{what} did not come; there are {found}"
            await asyncio.sleep(0.01)
        return found

    async def generate(self, uri: str, line: int) -> str:
        """Choose "Generate from comment" as a user would, and wait for the script. Returns what was inserted."""
        action = next(a for a in await self.actions(uri, line) if a.title == "Generate from comment")
        assert action.command is not None
        before = len(self.edits)
        await self.client.workspace_execute_command_async(
            types.ExecuteCommandParams(action.command.command, action.command.arguments)
        )
        await until(lambda: len(self.edits) > before, "the script")
        return self.buffers[uri].inserted()

    def writing(self) -> Callable[[], bool]:
        """A condition: has a generation that begins after this call shown tokens?"""
        known = set(self.client.progress_reports)

        def shows_tokens() -> bool:
            fresh = [reports for token, reports in self.client.progress_reports.items() if token not in known]
            return any("tokens" in (getattr(one, "message", "") or "") for reports in fresh for one in reports)

        return shows_tokens

    async def raw_request(self, method: str, params: Any) -> Any:
        """Send what the client's types would not let through."""
        name = f"raw {time.monotonic()}"
        answer: Future[Any] = Future()
        self.client.protocol._request_futures[name] = answer
        self.client.protocol._send_data({"jsonrpc": "2.0", "id": name, "method": method, "params": params})
        return await asyncio.wait_for(asyncio.wrap_future(answer), 5)

    def shown(self) -> list[str]:
        """All messages to the user so far."""
        return [m.message for m in self.client.messages] + [q.message for q in self.questions]

    def apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        """Apply the server's edit, unless the text has become another one."""
        self.before_apply()
        changes: list[tuple[str, int | None, Any]] = []
        for change in params.edit.document_changes or []:
            assert isinstance(change, types.TextDocumentEdit)
            changes.append((change.text_document.uri, change.text_document.version, change.edits))
        for uri, edits in (params.edit.changes or {}).items():
            changes.append((uri, None, edits))
        for uri, version, edits in changes:
            buffer = self.buffers[uri]
            if version not in (None, buffer.version):
                return types.ApplyWorkspaceEditResult(applied=False, failure_reason="a newer version")
            for edit in sorted(edits, key=lambda each: (each.range.start.line, each.range.start.character))[::-1]:
                start = index_of(buffer.text, edit.range.start, self.encoding)
                end = index_of(buffer.text, edit.range.end, self.encoding)
                self.type(uri, start, end, edit.new_text, ours=True)
        self.edits.append(params)
        return types.ApplyWorkspaceEditResult(applied=True)


def accept_refused(question: types.ShowMessageRequestParams) -> str | None:
    """Take what the model has, however good: most tests are about where it goes. But not for a changed comment."""
    return None if "changed" in question.message else "Insert anyway"


async def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait for something, and fail by name if it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not come within {seconds:g} s"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def editor(
    profile: str = "visual-studio-code",
    change: Callable[[types.ClientCapabilities], None] = lambda capabilities: None,
    options: dict[str, Any] | None = None,
    configuration: dict[str, Any] | None = None,
    folders: Sequence[Path] = (),
) -> AsyncIterator[Editor]:
    """A server for one editor of the profile, whose capabilities ``change`` may change, with these folders open."""
    client = _client()
    client.set_configuration({"luau-lsp-ai": configuration or {}})
    await client.start_io(*server_command())
    capabilities = client_capabilities(profile)
    change(capabilities)
    params = types.InitializeParams(capabilities=capabilities, initialization_options=options)
    params.root_uri = "file:///workspace"
    params.workspace_folders = [types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders] or None
    params.client_info = types.ClientInfo(profile)
    answer = await client.initialize_session(params)
    encoding = answer.capabilities.position_encoding
    yield Editor(client, str(getattr(encoding, "value", encoding)))
    await client.shutdown_session()
    await client.stop()
