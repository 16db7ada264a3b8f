"""``luau-lsp-ai.toml``: what it changes, and what is said of mistakes in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from luau_scorers.config import Config, ConfigError
from luau_scorers.engine import analyse
from luau_scorers.rule import all_rules


def config(folder: Path, text: str) -> Config:
    (folder / "luau-lsp-ai.toml").write_text(text, "utf-8")
    return Config.find(folder / "a.luau")


def found(source: str, config: Config) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity) for finding in analyse(source.encode(), config)]


def test_without_a_file_nothing_changes(tmp_path: Path) -> None:
    assert Config.find(tmp_path / "a.luau") == Config()
    assert found("wait(1)", Config()) == [("deprecated-global", "warning")]


def test_the_nearest_file_above_counts(tmp_path: Path) -> None:
    inner = tmp_path / "src" / "server"
    inner.mkdir(parents=True)
    config(tmp_path, 'globals = ["outer"]')
    assert Config.find(inner / "not_yet_there.luau").globals == {"outer"}
    config(tmp_path / "src", 'globals = ["inner"]')
    assert Config.find(inner / "a.luau").globals == {"inner"}


def test_a_change_is_seen(tmp_path: Path) -> None:
    assert config(tmp_path, 'globals = ["one"]').globals == {"one"}
    assert config(tmp_path, 'globals = ["other"]').globals == {"other"}


def test_levels(tmp_path: Path) -> None:
    changed = config(tmp_path, '[rules]\ndeprecated-global = "error"\nunknown-global = "off"')
    assert found("wait(coins)", changed) == [("deprecated-global", "error")]


def test_globals(tmp_path: Path) -> None:
    assert found("print(coins)", config(tmp_path, 'globals = ["coins"]')) == []
    assert found("print(money)", config(tmp_path, 'globals = ["coins"]')) == [("unknown-global", "warning")]


def test_coexistence_leaves_to_others_what_they_report(tmp_path: Path) -> None:
    source = "wait(coins)"
    assert found(source, config(tmp_path, 'coexist = ["luau-lsp"]')) == []
    assert found(source, config(tmp_path, 'coexist = ["selene"]')) == [("deprecated-global", "warning")]
    text = 'coexist = ["luau-lsp"]\n[rules]\ndeprecated-global = "hint"'
    assert found(source, config(tmp_path, text)) == [("deprecated-global", "hint")]


def test_an_editor_says_what_is_beside_unless_the_project_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUAU_LSP_AI_COEXIST", "luau-lsp,selene")
    assert found("wait(1)", Config()) == []
    assert found("wait(1)", config(tmp_path, 'globals = ["a"]')) == []
    assert found("wait(1)", config(tmp_path, "coexist = []")) == [("deprecated-global", "warning")]


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        ("Packages/roact/init.luau", True),
        ("src/Packages/roact.luau", False),
        ("src/a.gen.luau", True),
        ("src/keep.gen.luau", False),
        ("src/a.luau", False),
        ("../elsewhere.luau", False),
        ("src/types.d.luau", True),
    ],
)
def test_ignored_paths(tmp_path: Path, name: str, ignored: bool) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    ignore = config(folder, 'ignore = ["/Packages/", "*.gen.luau", "!keep.gen.luau"]')
    assert ignore.ignores(folder / name) is ignored


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("src/server/Coins.luau", "server"),
        ("src/server/deep/down/Coins.luau", "server"),
        ("src/server/ui/Coins.luau", "client"),
        ("src/shared/Coins.luau", None),
        ("src/Coins.server.luau", "server"),
        ("src/Coins.client.lua", "client"),
    ],
)
def test_sides(tmp_path: Path, name: str, side: str | None) -> None:
    sides = config(tmp_path, '[sides]\nserver = ["src/server"]\nclient = ["src/server/ui/"]')
    assert sides.side(tmp_path / name) == side


@pytest.mark.parametrize(
    ("meta", "side"),
    [
        ('{"properties": {"RunContext": "Client"}}', "client"),
        ('{"properties": {"RunContext": "Plugin"}}', None),
        ('{"properties": {"Disabled": true}}', "server"),
        ("[broken", "server"),
    ],
)
def test_rojos_meta_file_tells_where_a_script_runs(tmp_path: Path, meta: str, side: str | None) -> None:
    (tmp_path / "Loader.meta.json").write_text(meta, "utf-8")
    assert Config().side(tmp_path / "Loader.server.luau") == side


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('globals = []\nrulez = "off"', "2: there is no key `rulez`: is it `rules`?"),
        ('[rules]\n\nunused-locals = "off"', "3: there is no rule `unused-locals`: is it `unused-local`?"),
        ('[rules]\nunused-local = "warn"', "2: `warn` is no level: is it `warning`?"),
        ("[rules]\nunused-local = false", "2: `False` is no level"),
        ('[rules]\n"unused-local" = "of"', "2: `of` is no level: is it `off`?"),
        ('rules.unused-local = "of"', "1: `of` is no level: is it `off`?"),
        ('rules = "off"', "1: `rules` is a table"),
        ('\nglobals = "coins"', "2: `globals` is a list of strings"),
        ("ignore = [1]", "1: `ignore` is a list of strings"),
        ('coexist = ["luau_lsp"]', "1: `luau_lsp` is no tool known here: is it `luau-lsp`?"),
        ('[sides]\nservers = ["src"]', "2: there is no side `servers`: is it `server`?"),
        ('globals = ["a"]\nglobals = ["b"]', "2: no TOML: "),
        ("globals = [", "1: no TOML: "),
        ("[rules]\nx y", "2: no TOML: "),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as error:
        config(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path / 'luau-lsp-ai.toml'}:{problem}")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        config(tmp_path, '[rules]\nunused-local = "of"\nnothing-such = "off"')
    assert len(str(error.value).splitlines()) == 2


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "luau-lsp-ai.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        Config.find(tmp_path / "a.luau")


def test_rules_name_only_tools_that_can_be_set() -> None:
    assert {tool for rule in all_rules() for tool in rule.also_in} <= {"luau-lsp", "selene"}
