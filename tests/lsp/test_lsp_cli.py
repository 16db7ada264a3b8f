"""The command line, as a subprocess with the embedded model."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from lsp_client import REQUEST, server_command


def run(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    command = [*server_command()[:1], *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=180, check=False)


def test_the_version_is_the_distributions() -> None:
    assert run("--version").stdout.strip() == version("luau-lsp-ai")


def test_help_names_the_commands() -> None:
    text = run().stdout
    assert "generate" in text
    assert "check" in text


def test_a_script_for_a_request() -> None:
    result = run("generate", REQUEST, "--insert-anyway")
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("\n")
    for name in ("syntax", "api", "bugs", "quality", "composite"):
        assert f"{name} " in result.stderr
    assert "\x1b" not in result.stdout + result.stderr


def test_the_same_seed_gives_the_same_script() -> None:
    arguments = ("generate", REQUEST, "--insert-anyway", "--candidates", "1", "--seed", "7")
    assert run(*arguments).stdout == run(*arguments).stdout


def test_a_comment_in_a_file(tmp_path: Path) -> None:
    source = tmp_path / "coins.server.luau"
    source.write_bytes(f"local a = 1\r\ndo\r\n\t-- {REQUEST}\r\nend\r\n".encode())
    arguments = ("generate", "--file", str(source), "--line", "3", "--insert-anyway", "-o")
    result = run(*arguments, str(tmp_path / "out.luau"))
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    head, tail = f"local a = 1\r\ndo\r\n\t-- {REQUEST}\r\n".encode(), b"\r\nend\r\n"
    out = (tmp_path / "out.luau").read_bytes()
    assert out.startswith(head)
    assert out.endswith(tail)
    assert len(out) > len(head) + len(tail)
    assert b"\n" not in out.replace(b"\r\n", b"")
    refused = run(*arguments, str(source))
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert run(*arguments, str(source), "--force").returncode == 0
    assert source.read_bytes() == out
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["generate"], "Say what the script should do"),
        (["generate", "--line", "1"], "--line needs --file"),
        (["generate", "--file", "no.luau", "--line", "1"], "can't be read"),
        (["generate", "--file", "a.luau", "--line", "2"], "no comment with a request"),
        (["generate", "--file", "a.luau", "--line", "9"], "no line 9"),
        (["generate", "--file", "latin.luau", "--line", "1"], "not UTF-8"),
        (["generate", "x", "-o", "a.luau"], "exists"),
        (["generate", "x", "-o", "no/such/folder.luau"], "can't be written"),
        (["generate", "x", "--candidates", "99"], "99"),
        (["generate", "   "], "empty"),
        (["--socket", "x"], "--socket"),
        (["--stdio", "--socket", "1"], "Choose one"),
        (["check", "no.luau"], "can't be read"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_bad_usage(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    (tmp_path / "a.luau").write_text("-- make coins\nlocal a\n")
    (tmp_path / "latin.luau").write_bytes(b"-- caf\xe9\n")
    result = run(*arguments, folder=tmp_path)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("text", ["make coins " * 10_000, "--"])
def test_a_request_that_can_not_be_read(text: str) -> None:
    result = run("generate", "--", text)
    assert result.returncode in (1, 2)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_model_that_is_not_there() -> None:
    result = run("generate", REQUEST, "--model", "/nowhere/model.gguf")
    assert (result.returncode, result.stdout) == (3, "")
    assert "/nowhere/model.gguf" in result.stderr
