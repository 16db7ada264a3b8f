"""Fix with the model: for a problem that no rule has a fix for. What makes anything worse is not applied."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from ..analysis import Analysis, analysed, find, path_of
from ..documents import Document
from ..generation import Job, options_of, run
from ..insertion import Over
from ..progress import Token
from ..server import Server
from ..works import Answer, Argument, offer
from .write import refused

if TYPE_CHECKING:
    from luau_scorers.finding import Finding

    from ..generation import Events

FIX = "fix"
TITLE = "Fix with the model"


def register(server: Server) -> None:
    """Serve it, as a request and as a command."""

    def fix(argument: Argument) -> Coroutine[Any, Any, Answer]:
        uri, code, where = argument.get("uri"), argument.get("code"), argument.get("range")
        if not isinstance(uri, str) or not isinstance(code, str) or not isinstance(where, dict):
            raise JsonRpcInvalidParams("The parameters need a document, and the range and the code of a problem.")
        place = types.Range(types.Position(**where["start"]), types.Position(**where["end"]))
        return _fix(server, uri, place, code, argument.get("workDoneToken"))

    offer(server, FIX, fix)


async def _fix(server: Server, uri: str, where: types.Range, code: str, token: Token | None) -> Answer:
    document = server.document(uri)
    analysis = await analysed(document, server.epoch) if document else None
    finding = _finding(analysis, where, code) if analysis else None
    if document is None or analysis is None or finding is None:
        return refused(server, "This problem is not there any more.")
    from luau_model.mend import part_around

    part = part_around(analysis.tree, finding)
    if part is None:
        return refused(server, "The code around this problem is too long for the model to write it again.")
    if document.busy(part.span.start, part.span.end):
        return refused(server, "This part of the file is being written already.")
    anchor = document.track(part.span.start, part.span.end)
    old = analysis.text.data[anchor.start : anchor.end]
    target = Over(document, anchor, old, is_script=False)

    def events() -> Events:
        from luau_model.mend import mend

        judge = _judge(document)
        return lambda engine: mend(engine, analysis.tree, finding, part, judge, options_of(server))

    return await run(server, Job(TITLE, document, anchor, target, events), token)


def _finding(analysis: Analysis, where: types.Range, code: str) -> Finding | None:
    same = (each for each in analysis.findings if each.rule == code)
    return next((each for each in same if analysis.text.range(each.span.start, each.span.end) == where), None)


def _judge(document: Document) -> Callable[[bytes], Sequence[Finding]]:
    path = path_of(document.uri)
    return lambda source: find(source, path)
