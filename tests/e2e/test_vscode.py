"""The extension in a real VS Code: each file of vscode/ is a session of one developer, in a headless browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import hub_server
import pytest
from hub_server import Hub
from luau_lsp_ai import __version__
from luau_model.known import MODEL
from platformdirs import user_cache_path

REPOSITORY = Path(__file__).resolve().parents[2]
SESSIONS = sorted((REPOSITORY / "tests/e2e/vscode").glob("*.test.mjs"))
EXTENSION = REPOSITORY / "vscode-extension"
SERVER = Path(sys.executable).parent / "luau-lsp-ai"
CODE_SERVER = user_cache_path("luau-lsp-ai") / "code-server"


def missing() -> str:
    """Why these tests can't run here, or nothing."""
    if shutil.which("node") is None:
        return "needs Node.js 20"
    if not _chromium():
        return "needs Chromium"
    if not (CODE_SERVER / "ready").exists():
        return "needs code-server: tests/e2e/vscode/install.sh"
    if not (EXTENSION / "node_modules").exists():
        return "needs the extension's packages: npm ci in vscode-extension"
    return ""


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture(scope="session")
def package() -> Path:
    """The packaged extension, of the source as it is now."""
    subprocess.run(["npm", "run", "--silent", "package"], cwd=EXTENSION, check=True, capture_output=True, timeout=120)
    return EXTENSION / "dist/luau-lsp-ai.vsix"


@pytest.fixture(scope="session")
def extensions(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of extensions for code-server that has ours in it."""
    folder = tmp_path_factory.mktemp("extensions")
    entry = CODE_SERVER / "node_modules/code-server/out/node/entry.js"
    options = ["--user-data-dir", str(folder / "data"), "--extensions-dir", str(folder / "extensions")]
    (folder / "config.yaml").touch()
    command = [
        "node",
        str(entry),
        *options,
        "--config",
        str(folder / "config.yaml"),
        "--install-extension",
        str(package),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / "extensions"


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for pip with a wheel that is but a link to this checkout's server: building one takes minutes."""
    folder = tmp_path_factory.mktemp("wheels")
    metadata = f"luau_lsp_ai-{__version__}.dist-info"
    main = f"import os, sys\n\n\ndef main():\n    os.execv({str(SERVER)!r}, [{str(SERVER)!r}, *sys.argv[1:]])\n"
    contents = {
        "luau_lsp_ai_link.py": main,
        f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: luau-lsp-ai\nVersion: {__version__}\n",
        f"{metadata}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{metadata}/entry_points.txt": "[console_scripts]\nluau-lsp-ai = luau_lsp_ai_link:main\n",
    }
    record = "".join(f"{name},,\n" for name in [*contents, f"{metadata}/RECORD"])
    with zipfile.ZipFile(folder / f"luau_lsp_ai-{__version__}-py3-none-any.whl", "w") as wheel:
        for name, text in {**contents, f"{metadata}/RECORD": record}.items():
            wheel.writestr(name, text)
    return folder


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A model hub with one model."""
    root = tmp_path_factory.mktemp("hub")
    (root / "someone/small").mkdir(parents=True)
    shutil.copy(MODEL, root / "someone/small/small-Q8_0.gguf")
    with hub_server.serving(root) as hub:
        yield hub


@pytest.mark.parametrize("session", SESSIONS, ids=[path.name.removesuffix(".test.mjs") for path in SESSIONS])
def test_in_vscode(session: Path, package: Path, extensions: Path, wheels: Path, hub: Hub, tmp_path: Path) -> None:
    """What each step promises is its name in the session's file; pictures are left in the test's folder."""
    environment = {
        **os.environ,
        "CODE_SERVER": str(CODE_SERVER),
        "CHROMIUM": str(_chromium()),
        "VSIX": str(package),
        "EXTENSIONS": str(extensions),
        "SERVER": str(SERVER),
        "SHOTS": str(tmp_path),
        "WHEELS": str(wheels),
        "HUB": hub.address,
        "PYTHON_FOLDER": str(Path(sys.base_prefix) / "bin"),
    }
    done = subprocess.run(
        ["node", "--test", "--test-reporter=spec", str(session)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}{done.stderr[-2000:]}\npictures: {tmp_path}"
