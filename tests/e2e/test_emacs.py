"""The docs' settings for Emacs in a real one: eglot knows nothing of this server but LSP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lsp_client import server_command

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
TEXT = "local s = '界😀' wait(1)\n-- kill brick named Lava\n\nprint(s)\n"
HAS_EGLOT = ["emacs", "--batch", "--eval", "(progn (package-initialize) (require 'eglot))"]


def missing() -> str:
    """Why these tests can't run here, or nothing."""
    if shutil.which("emacs") is None:
        return "needs Emacs"
    done = subprocess.run(HAS_EGLOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else "needs eglot, of Emacs 29 or from its package"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One developer's session: what they saw, by name, and the file on disk."""
    if why := missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("emacs")
    file, out = folder / "main.server.luau", folder / "answers.json"
    file.write_text(TEXT, "utf-8")
    path = f"{Path(server_command()[0]).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["emacs", "--batch", "-l", str(HERE / "emacs.el"), str(ROOT / "docs/editors.md"), str(file), str(out)],
        env={**os.environ, "HOME": str(folder), "PATH": path, "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert out.exists(), done.stderr[-3000:]
    return {**json.loads(out.read_text("utf-8")), "disk": file.read_text("utf-8"), "stderr": done.stderr}


def test_problems_and_their_fix(session: dict[str, Any]) -> None:
    assert session["mode"] == "luau-mode"
    assert any("wait" in problem for problem in session["problems"]), session["stderr"]
    assert session["fixed"] == TEXT.replace("wait", "task.wait")


def test_a_script_comes_below_its_comment_and_is_undone_in_one_step(session: dict[str, Any]) -> None:
    head, tail = session["fixed"].split("\nprint(s)")
    assert session["generated"].startswith(head)
    assert session["generated"].endswith(f"\nprint(s){tail}")
    assert "Touched:Connect" in session["generated"], session["stderr"]
    assert session["disk"] == session["generated"]
    assert session["undone"] == session["fixed"]


def test_one_of_several_scripts_is_chosen_by_its_scores(session: dict[str, Any]) -> None:
    assert "Touched:Connect" in session["alternative"]
    assert session["alternative"] != session["generated"]
    assert any("best first" in question for question in session["asked"])
