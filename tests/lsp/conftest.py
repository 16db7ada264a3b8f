"""Makes the tests' own editor importable, and lets property tests take their time on a busy machine."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

from lsp_client import PROFILES, Editor, editor  # noqa: E402

_names = iter(range(10_000))


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=PROFILES)
async def one_server(request: pytest.FixtureRequest) -> AsyncIterator[Editor]:
    async with editor(request.param) as it:
        yield it


@pytest.fixture
def ed(one_server: Editor) -> Editor:
    """The editor as new: its server serves all tests of its profile."""
    one_server.reset()
    one_server.client.messages.clear()
    return one_server


@pytest.fixture
def uri() -> str:
    return f"file:///workspace/src/script{next(_names)}.server.luau"
