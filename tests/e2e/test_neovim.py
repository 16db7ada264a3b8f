"""The plugin in real Neovims, driven by keys: one that has vim.lsp.start alone, and one that has vim.lsp.enable."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsp_client import PATIENCE, server_command
from neovim import Unavailable, neovim

ROOT = Path(__file__).parents[2]
SUITES = ("trixie", "forky")
KILL = "kill brick named Lava"
TEXT = f"local s = '界😀' wait(1)\n-- {KILL}\n\nprint(s)\n"


class Neovim:
    """A running Neovim with one file open."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.file = folder / "main.server.luau"
        self.file.write_text(TEXT, "utf-8")
        self._command, self._environment = command, environment
        self._socket = str(folder / "nvim.sock")
        server = server_command()[0]
        path = f"{Path(server).parent}{os.pathsep}{environment.get('PATH', '')}"
        ours = {"LUAU_TEST_ROOT": str(ROOT), "LUAU_TEST_SERVER": server, "XDG_STATE_HOME": str(folder), "PATH": path}
        start = [*command, "--headless", "-n", "-i", "NONE", "-u", str(ROOT / "tests/e2e/probe.lua")]
        self._process = subprocess.Popen(
            [*start, "--listen", self._socket, str(self.file)],
            env={**environment, **ours},
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._until(lambda: Path(self._socket).exists(), "Neovim")

    def keys(self, keys: str) -> None:
        """Press keys."""
        self._remote("--remote-send", keys)

    def lua(self, expression: str) -> Any:
        """The value of a Lua expression."""
        quoted = expression.replace("'", "''")
        return json.loads(self._remote("--remote-expr", f"json_encode(luaeval('{quoted}'))"))

    def wait(self, expression: str, what: str) -> None:
        """Wait until a Lua expression is true."""
        self._until(lambda: self.lua(expression), what)

    @property
    def text(self) -> str:
        """The buffer's text."""
        return str(self.lua("Probe.text()"))

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def _remote(self, *arguments: str) -> str:
        command = [*self._command, "--headless", "--server", self._socket, *arguments]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def _until(self, condition: Any, what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{what} did not come; notes: {self.lua('Probe.notes')}"
            time.sleep(0.05)


@pytest.fixture(params=SUITES)
def editor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Neovim]:
    try:
        command, environment = neovim(request.param)
    except Unavailable as reason:
        pytest.skip(str(reason))
    it = Neovim(command, {**os.environ, **environment}, tmp_path)
    try:
        it.wait("#vim.diagnostic.get(0) > 0", "the problems")
        yield it
    finally:
        it.stop()


def test_problems_and_their_fix(editor: Neovim) -> None:
    """Columns are bytes here, behind letters of three and four of them."""
    assert ["deprecated-global", 0, 20, 24] in editor.lua("Probe.diagnostics()")
    editor.keys(":call cursor(1, 21)<CR>")
    editor.lua("Probe.act('Use task.wait')")
    editor.wait("Probe.text():find('task.wait', 1, true) ~= nil", "the fix")
    assert editor.text == TEXT.replace("wait", "task.wait")
    editor.wait("#vim.diagnostic.get(0) == 0", "the end of the problems")


def test_the_safe_problems_are_fixed_while_a_file_is_saved(editor: Neovim) -> None:
    editor.keys(":autocmd BufWritePre *.luau LuauFixAll<CR>:write<CR>")
    editor.wait("Probe.text():find('task.wait', 1, true) ~= nil and not vim.bo.modified", "the saved file")
    assert editor.text == TEXT.replace("wait", "task.wait")
    assert editor.file.read_text("utf-8") == editor.text


def test_a_script_comes_is_undone_in_one_step_and_is_written_to_disk(editor: Neovim) -> None:
    editor.keys("2G")
    editor.lua("Probe.act('Generate from comment')")
    editor.wait("Probe.text():find('Touched', 1, true) ~= nil", "the script")
    generated = editor.text
    head, _, tail = TEXT.partition(f"-- {KILL}\n")
    assert generated.startswith(f"{head}-- {KILL}\n")
    assert generated.endswith(tail)
    progress = editor.lua("Probe.progress")
    assert any(each.startswith("begin: Generate from comment") for each in progress)
    assert any("tokens" in each for each in progress)
    editor.wait("vim.startswith(Probe.progress[#Probe.progress], 'end')", "the end of the progress")
    editor.keys("u")
    assert editor.text == TEXT
    editor.keys("<C-r>:write<CR>")
    assert editor.text == generated
    assert editor.file.read_text("utf-8") == generated


def test_cancelling_leaves_the_file_as_it_was(editor: Neovim) -> None:
    editor.keys("2G:LuauGenerate<CR>")
    editor.wait("#Probe.progress > 0", "the progress")
    editor.keys(":LuauCancel<CR>")
    editor.wait("vim.startswith(Probe.progress[#Probe.progress], 'end')", "the end of the progress")
    time.sleep(0.5)
    assert editor.text == TEXT


def test_one_of_several_scripts_is_chosen_and_made_anew(editor: Neovim) -> None:
    editor.lua("(function() Probe.select = '1:' end)()")
    editor.keys("2G")
    editor.lua("Probe.act('Generate alternatives…')")
    editor.wait("Probe.text():find('Touched', 1, true) ~= nil", "the script")
    assert editor.lua("#vim.api.nvim_list_wins()") == 1
    first = editor.text
    editor.keys("3G:LuauRegenerate<CR>")
    editor.wait("#Probe.notes > 0 or Probe.text() ~= " + json.dumps(first, ensure_ascii=False), "another script")
    assert editor.text != TEXT


def test_ghost_text_comes_after_a_comment_and_enter(editor: Neovim) -> None:
    if not editor.lua("vim.lsp.inline_completion ~= nil"):
        pytest.skip("this Neovim has no ghost text")
    editor.keys(f"Go<CR>-- {KILL}<CR>")
    # the comment sign that Neovim adds by itself is no part of it
    editor.keys("<C-u>")
    editor.wait("Probe.ghost() ~= ''", "the ghost text")
    before = editor.text
    editor.lua("vim.lsp.inline_completion.get()")
    editor.wait("Probe.text():find('Touched', 1, true) ~= nil", "the script")
    assert editor.text.startswith(before.rstrip("\n"))


def test_the_health_check_finds_everything(editor: Neovim) -> None:
    editor.keys(":checkhealth luau_lsp_ai<CR>")
    editor.wait("Probe.text():find('The server runs for', 1, true) ~= nil", "the report")
    assert "ERROR" not in editor.text
