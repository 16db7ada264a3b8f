"""``luau-lsp-ai check`` and ``rules``, as a subprocess in a folder with files."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from lsp_client import server_command
from luau_scorers.rule import all_rules

BAD = "local s = '😀' wait(1)\n\tprint(s, coins)\n"
GOOD = "print(1)\n"


def run(
    folder: Path, *arguments: str, stdin: bytes = b"", variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    done = subprocess.run(
        [*server_command()[:1], *arguments],
        input=stdin,
        capture_output=True,
        cwd=folder,
        timeout=300,
        check=False,
        env={**os.environ, **(variables or {})},
    )
    # by hand: text mode would make line ends alike
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def reported(result: subprocess.CompletedProcess[str]) -> list[str]:
    """The files with problems, in the order of the report."""
    files = [file for file in json.loads(result.stdout)["files"] if file.get("findings")]
    return [file["path"].replace(os.sep, "/") for file in files]


def test_the_text_shows_the_code_with_carets_and_the_rules_page(tmp_path: Path) -> None:
    write(tmp_path, {"a.luau": BAD})
    result = run(tmp_path, "check", "a.luau")
    lines = result.stdout.splitlines()
    assert result.returncode == 1
    assert lines[0].startswith("a.luau:1:15: warning: ")
    assert lines[0].endswith(" [deprecated-global]")
    # the emoji is two columns wide
    assert lines[1:3] == ["    local s = '😀' wait(1)", "                   ^^^^"]
    assert lines[3].endswith("/RULES.md#deprecated-global")
    assert lines[4].startswith("a.luau:2:11: warning: ")
    assert lines[5:7] == ["        print(s, coins)", "                 ^^^^^"]
    assert "2 problems in 1 of 1 file. --fix mends 1." in result.stderr
    assert "\x1b" not in result.stdout


def test_colour_where_it_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, {"a.luau": "wait(1) -- \x1b[31m \u202e\n"})
    coloured = run(tmp_path, "check", "a.luau", variables={"FORCE_COLOR": "1", "TERM": "xterm"}).stdout
    assert "\x1b[" in coloured
    plain = run(tmp_path, "check", "a.luau", variables={"NO_COLOR": "1"}).stdout
    # what the file itself brings along never reaches the terminal
    assert "\x1b[31m" not in coloured
    assert "\x1b" not in plain
    assert "\u202e" not in plain


def test_a_clean_folder(tmp_path: Path) -> None:
    write(tmp_path, {"a.luau": GOOD, "b/c.lua": GOOD, "notes.txt": "wait("})
    result = run(tmp_path, "check")
    assert (result.returncode, result.stdout) == (0, "")
    assert "No problems in 2 files." in result.stderr


def test_which_files_a_folder_gives(tmp_path: Path) -> None:
    below_a = ("a/z.lua", "a/y.luau", "a/built/x.luau", "a/built/keep.luau")
    others = ("b.luau", "Packages/p.luau", "out/o.luau", ".hidden/h.luau", "a.txt", "[x] & ü.luau")
    bad = dict.fromkeys((*below_a, *others), BAD)
    write(
        tmp_path,
        {**bad, ".gitignore": "out/\n", "a/.gitignore": "built/*\n!keep.luau\n", ".git/HEAD": "", ".git/g.luau": BAD},
    )
    write(tmp_path, {"luau-lsp-ai.toml": 'ignore = ["Packages/"]'})
    expected = [".hidden/h.luau", "[x] & ü.luau", "a/built/keep.luau", "a/y.luau", "a/z.lua", "b.luau"]
    assert reported(run(tmp_path, "check", "--format", "json")) == expected
    # a folder inside heeds what lies above it, and what is named is checked in any case, once
    assert reported(run(tmp_path / "a", "check", "--format", "json", ".", "y.luau")) == [
        "built/keep.luau",
        "y.luau",
        "z.lua",
    ]
    named = ("Packages/p.luau", "out", "a.txt")
    assert reported(run(tmp_path, "check", "--format", "json", *named)) == ["Packages/p.luau", "out/o.luau", "a.txt"]


def test_links_do_not_lead_in_circles(tmp_path: Path) -> None:
    write(tmp_path, {"a/b.luau": BAD})
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert reported(run(tmp_path, "check", "--format", "json")) == ["a/b.luau"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("utf16.luau", "print(1)".encode("utf-16"), "utf16.luau is UTF-16"),
        ("latin.luau", b"-- caf\xe9", "latin.luau is not UTF-8 text."),
        ("nul.luau", b"print(1)\0", "nul.luau is binary"),
        ("large.luau", b"x = '" + b"a" * 5_000_000 + b"'", "large.luau has more than 4 MB"),
    ],
)
def test_a_file_that_is_no_text_gets_a_sentence_and_the_rest_goes_on(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    write(tmp_path, {name: content, "z.luau": BAD})
    result = run(tmp_path, "check", ".", "missing.luau")
    assert result.returncode == 2
    assert sentence in result.stderr
    assert "missing.luau can't be read: No such file or directory." in result.stderr
    assert result.stdout.startswith("z.luau:1:15: ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x = " + "(" * 10_000 + "1" + ")" * 10_000, "not-checked"),
        ("x = " + "{" * 10_000, "not-checked"),
        ("do " * 10_000 + "end " * 10_000, "not-checked"),
        ("local t = {" + "1, " * 300_000 + "}", ""),
    ],
)
def test_monstrous_files_take_a_bounded_time(tmp_path: Path, content: str, message: str) -> None:
    write(tmp_path, {"a.luau": content})
    start = time.monotonic()
    result = run(tmp_path, "check", "a.luau")
    assert time.monotonic() - start < 100
    assert result.returncode in (0, 1)
    assert message in result.stdout
    assert max(map(len, result.stdout.splitlines()), default=0) < 300
    assert "Traceback" not in result.stderr


def test_fixes_are_written_with_the_files_line_ends(tmp_path: Path) -> None:
    before = b"\xef\xbb\xbfwait(1)\r\nlocal a = wait(2)\r\nprint(a)"
    write(tmp_path, {"a.luau": before})
    diff = run(tmp_path, "check", "--diff", "a.luau")
    assert diff.returncode == 1
    assert "-\ufeffwait(1)\r\n+\ufefftask.wait(1)\r\n" in diff.stdout
    assert (tmp_path / "a.luau").read_bytes() == before
    fixed = run(tmp_path, "check", "--fix", "a.luau")
    assert (tmp_path / "a.luau").read_bytes() == before.replace(b"wait(1)", b"task.wait(1)")
    assert fixed.returncode == 1
    assert "1 problem in 1 of 1 file, 1 problem mended. --unsafe-fixes mends 1." in fixed.stderr
    assert run(tmp_path, "check", "--unsafe-fixes", "a.luau").returncode == 0
    assert (tmp_path / "a.luau").read_bytes() == before.replace(b"wait", b"task.wait")
    assert run(tmp_path, "check", "--unsafe-fixes", "--diff", "a.luau").stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["a.luau"]


def test_the_diff_can_be_applied(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.luau": "print(1)\nwait(1)\n\nprint(2 != 3)"})
    diff = run(tmp_path, "check", "--diff").stdout
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=tmp_path, check=True)
    assert (tmp_path / "src/a.luau").read_text() == "print(1)\ntask.wait(1)\n\nprint(2 ~= 3)"


def test_standard_input(tmp_path: Path) -> None:
    found = run(tmp_path, "check", "-", stdin=BAD.encode())
    assert found.returncode == 1
    assert found.stdout.startswith("-:1:15: ")
    fixed = run(tmp_path, "check", "--fix", "-", stdin=BAD.replace("\n", "\r\n").encode())
    assert fixed.stdout == BAD.replace("wait", "task.wait").replace("\n", "\r\n")
    assert fixed.returncode == 1
    assert "-:2:11: warning: " in fixed.stderr
    # what needs no fix comes out as it is
    assert run(tmp_path, "check", "--fix", "-", stdin=GOOD.encode()).stdout == GOOD
    assert run(tmp_path, "check", "-", stdin=b"\xff\xfe").returncode == 2


def test_json(tmp_path: Path) -> None:
    write(tmp_path, {"a.luau": BAD, "b.luau": GOOD, "c.luau": b"\0"})
    result = run(tmp_path, "check", "--format", "json", "--score")
    assert result.returncode == 2
    answer = json.loads(result.stdout)
    first, second, third = answer["files"]
    finding = first["findings"][0]
    assert (finding["rule"], finding["severity"]) == ("deprecated-global", "warning")
    assert finding["range"] == {"line": 1, "column": 15, "end_line": 1, "end_column": 19}
    assert finding["fix"]["safe"] is True
    assert finding["fix"]["edits"] == [{"range": finding["range"], "text": "task.wait"}]
    assert second["findings"] == []
    assert third == {"path": "c.luau", "unreadable": "c.luau is binary and not text: it has NUL bytes."}
    for name in ("syntax", "api", "bugs", "quality", "composite"):
        assert answer["scores"][name] == pytest.approx((first["scores"][name] + second["scores"][name]) / 2)
    assert json.loads(run(tmp_path, "check", "--format", "json", "b.luau").stdout) == {
        "files": [{"path": "b.luau", "findings": []}]
    }


def test_scores_as_text(tmp_path: Path) -> None:
    write(tmp_path, {"a.luau": "wait(1)\n", "b.luau": GOOD})
    lines = run(tmp_path, "check", "--score").stdout.splitlines()
    assert lines[-3].startswith("a.luau: syntax 1.00, api 0.64, bugs 1.00, quality ")
    assert lines[-2].startswith("b.luau: syntax 1.00, api 1.00, ")
    assert lines[-1].startswith("all files: syntax 1.00, api 0.82, ")
    assert "composite 0." in lines[-1]


def test_github(tmp_path: Path) -> None:
    write(tmp_path, {"a,b.luau": "wait(1)\n"})
    result = run(tmp_path, "check", "--format", "github")
    place = "file=a%2Cb.luau,line=1,col=1,endLine=1,endColumn=5,title=deprecated-global"
    assert result.stdout.startswith(f"::warning {place}::`wait` is deprecated")
    assert result.returncode == 1


def test_sarif(tmp_path: Path) -> None:
    write(tmp_path, {"src/a b.luau": BAD, "z.luau": b"\0"})
    result = run(tmp_path, "check", "--format", "sarif")
    log = json.loads(result.stdout)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    (sarif,) = log["runs"]
    rules = sarif["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.code for rule in all_rules()]
    assert all(rule["shortDescription"]["text"] and rule["helpUri"].endswith(f"#{rule['id']}") for rule in rules)
    first, second = sarif["results"]
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "deprecated-global"
    assert second["level"] == "warning"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/a%20b.luau"
    assert place["region"] == {"startLine": 1, "startColumn": 15, "endLine": 1, "endColumn": 19}
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": place["region"], "insertedContent": {"text": "task.wait"}}]
    (invocation,) = sarif["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "NUL bytes" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_many_files_come_in_order(tmp_path: Path) -> None:
    names = [f"{number:03}.luau" for number in range(120)]
    write(tmp_path, {name: BAD if number % 7 else GOOD for number, name in enumerate(names)})
    result = run(tmp_path, "check", "--format", "json", *reversed(names[:60]), ".")
    assert [file["path"] for file in json.loads(result.stdout)["files"]] == [*reversed(names[:60]), *names[60:]]
    assert result.returncode == 1


def test_the_projects_config_counts(tmp_path: Path) -> None:
    write(
        tmp_path, {"src/a.luau": BAD, "src/luau-lsp-ai.toml": 'globals = ["coins"]\n[rules]\ndeprecated-global = "off"'}
    )
    assert run(tmp_path, "check").returncode == 0
    write(tmp_path, {"src/luau-lsp-ai.toml": '[rules]\ndeprecated-globals = "off"'})
    result = run(tmp_path, "check")
    assert (result.returncode, result.stdout) == (2, "")
    assert "luau-lsp-ai.toml:2: there is no rule `deprecated-globals`: is it `deprecated-global`?" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "--format", "xml"], "xml"),
        (["check", "--diff", "--format", "json"], "--diff"),
        (["check", "--score", "--format", "sarif"], "--score"),
        (["check", "--fix", "--format", "json", "-"], "standard input"),
        (["check", "no/such/folder"], "can't be read"),
        (["rules", "unused-lcal"], "There is no rule unused-lcal. Is it unused-local?"),
    ],
)
def test_bad_usage(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    result = run(tmp_path, *arguments)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_rules_are_listed_and_have_pages(tmp_path: Path) -> None:
    lines = run(tmp_path, "rules").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [rule.code for rule in all_rules()]
    row = next(line for line in lines if line.startswith("deprecated-global "))
    assert row.split()[1:4] == ["api", "warning", "fix"]
    page = run(tmp_path, "rules", "deprecated-global").stdout
    assert page.startswith("## deprecated-global\n\n*api, warning*\n")
    assert "```luau" in page
