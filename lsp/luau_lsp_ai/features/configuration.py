"""Settings: from the first message, from the client's configuration, and live when they change."""

from __future__ import annotations

import logging
from dataclasses import asdict

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ..server import Server
from ..settings import SECTION, Settings, read
from . import code_lenses, diagnostics, project

_WATCHED = (f"**/{SECTION}.toml", "**/*.luau", "**/*.lua")

log = logging.getLogger(__name__)


def register(server: Server) -> None:
    """Listen for settings."""
    initial = Settings()

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        nonlocal initial
        server.client_name = params.client_info.name if params.client_info else ""
        documents, options = params.capabilities.text_document, params.initialization_options
        if documents and documents.diagnostic:
            diagnostics.register_pull(server)
            project.register_pull(server)
        initial = _read(server, options.get(SECTION, options) if isinstance(options, dict) else options, Settings())

    @server.feature(types.INITIALIZED)
    async def initialized(_params: types.InitializedParams) -> None:
        await _watch(server)
        await _pull(server, initial)
        project.rescan(server)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def changed(params: types.DidChangeConfigurationParams) -> None:
        pushed = params.settings
        if isinstance(pushed, dict) and isinstance(pushed.get(SECTION), dict):
            _apply(server, pushed[SECTION], initial)
        else:
            await _pull(server, initial)

    @server.feature(types.SHUTDOWN)
    def shutdown(_params: None) -> None:
        server.stop()


def _read(server: Server, values: object, base: Settings) -> Settings:
    server.settings, problems = read(values, base)
    if problems:
        server.say(" ".join(problems), types.MessageType.Warning)
    return server.settings


def _apply(server: Server, values: object, base: Settings) -> None:
    """Take in other settings, and do anew what depends on those that changed."""
    before = asdict(server.settings)
    now = asdict(_read(server, values, base))
    changed = {name for name in now if now[name] != before[name]}
    if "diagnostics" in changed:
        diagnostics.refresh_all(server)
    if changed & {"diagnostics", "workspace_diagnostics"}:
        project.rescan(server)
    if changed & {"engine", "model", "endpoint", "lora"}:
        server.engines.note(server.settings)
    if changed & {"generate_lens", "scores_lens"}:
        code_lenses.refresh(server)


async def _pull(server: Server, base: Settings) -> None:
    """Ask the client for our section, where it can be asked."""
    workspace = server.client_capabilities.workspace
    if not (workspace and workspace.configuration):
        return
    item = types.ConfigurationItem(section=SECTION)
    try:
        answers = await server.workspace_configuration_async(types.ConfigurationParams([item]))
    except JsonRpcException as error:  # whatever the client's trouble is, the settings stay as they are
        log.warning("the client did not give its configuration: %s", error)
        return
    _apply(server, answers[0] if answers else None, base)


async def _watch(server: Server) -> None:
    """Ask to be told of changes, where the client wants to be asked."""
    workspace = server.client_capabilities.workspace
    settings = workspace and workspace.did_change_configuration
    files = workspace and workspace.did_change_watched_files
    wanted = []
    if settings and settings.dynamic_registration:
        options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        wanted.append(types.Registration("configuration", types.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
    if files and files.dynamic_registration:
        watched = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(name) for name in _WATCHED])
        wanted.append(types.Registration("project", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watched))
    if not wanted:
        return
    try:
        await server.client_register_capability_async(types.RegistrationParams(wanted))
    except JsonRpcException as error:  # then changes are seen at the next start
        log.warning("the client does not tell of changed settings: %s", error)
