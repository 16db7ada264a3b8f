"""Settings are declared once, and a bad value never stops anything."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luau_lsp_ai.settings import Settings, client_name, read, schema, table

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=3)
NAMES = [client_name(field) for field in dataclasses.fields(Settings)]


def test_each_setting_has_a_name_and_a_description() -> None:
    assert NAMES == [
        "engine", "model", "lora", "endpoint", "candidates", "temperature", "maxTokens", "diagnostics",
        "workspaceDiagnostics", "ghostText", "generateLens", "scoresLens", "idleUnload",
    ]  # fmt: skip
    assert all(field.metadata["description"].endswith(".") for field in dataclasses.fields(Settings))


def test_good_values_are_taken_and_absent_ones_kept() -> None:
    base, _ = read({"model": "a.gguf", "candidates": 2})
    settings, problems = read({"temperature": 1, "candidates": None}, base)
    assert problems == []
    assert (settings.model, settings.candidates, settings.temperature) == ("a.gguf", 2, 1.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("engine", "gpt"),
        ("model", 3),
        ("candidates", 0),
        ("candidates", 2.5),
        ("candidates", True),
        ("maxTokens", "many"),
        ("temperature", -1),
        ("temperature", float("nan")),
        ("diagnostics", 1),
        ("idleUnload", -5),
    ],
)
def test_a_bad_value_is_named_and_the_default_used(name: str, value: object) -> None:
    settings, problems = read({name: value})
    (problem,) = problems
    assert problem.startswith(f"luau-lsp-ai.{name} must be ")
    assert settings == Settings()


@pytest.mark.parametrize("values", [[], "x", 3])
def test_what_is_no_object_is_said(values: object) -> None:
    assert read(values) == (Settings(), ["The settings of luau-lsp-ai must be an object."])


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_anything_is_read(values: dict[str, object]) -> None:
    settings, problems = read(values)
    assert len(problems) <= len(values)
    assert read(dataclasses.asdict(settings))[1] == []


def test_the_docs_name_every_setting_with_its_default(pytestconfig: pytest.Config) -> None:
    page = (pytestconfig.rootpath / "docs/settings.md").read_text("utf-8")
    assert table() in page, "put the text of luau_lsp_ai.settings.table() into docs/settings.md"


def test_the_schema_has_what_an_editor_shows_and_checks() -> None:
    properties = schema()
    assert list(properties) == [f"luau-lsp-ai.{name}" for name in NAMES]
    assert properties["luau-lsp-ai.engine"]["enum"] == ["embedded", "http"]
    candidates = properties["luau-lsp-ai.candidates"]
    assert (candidates["type"], candidates["default"], candidates["minimum"], candidates["maximum"]) == (
        "integer",
        4,
        1,
        16,
    )
    assert all(each["markdownDescription"] for each in properties.values())
    assert read({name: properties[f"luau-lsp-ai.{name}"]["default"] for name in NAMES}) == (Settings(), [])
