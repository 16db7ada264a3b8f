"""What a user can set, declared once: name, default, bounds and description."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

from luau_model.request import Options

SECTION = "luau-lsp-ai"
_TRY = Options()


def _setting(
    default: Any,
    description: str,
    least: float | None = None,
    most: float | None = None,
    *,
    needs_trust: bool = False,
) -> Any:
    """``needs_trust``: a project that its user doesn't trust may not set it."""
    metadata = {"description": description, "least": least, "most": most, "needs_trust": needs_trust}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """The settings. The client knows each by its name in camelCase."""

    engine: Literal["embedded", "http"] = _setting(
        "embedded",
        "Where scripts come from: the model on this computer, or a server that speaks OpenAI's protocol.",
        needs_trust=True,
    )
    model: str = _setting(
        "",
        "The model: its name in `luau-lsp-ai model list`, the path of a GGUF file, or its name on the server.",
        needs_trust=True,
    )
    lora: str = _setting(
        "", "Path of a LoRA adapter in GGUF format, for the embedded engine's model.", needs_trust=True
    )
    endpoint: str = _setting(
        "", "Address of the server for the http engine, such as http://localhost:8000/v1.", needs_trust=True
    )
    candidates: int = _setting(_TRY.candidates, "How many scripts to write at most before the best is chosen.", 1, 16)
    temperature: float = _setting(_TRY.temperature, "How far the scripts may differ; 0 is the likeliest text.", 0, 2)
    max_tokens: int = _setting(_TRY.max_tokens, "The most tokens that one script may have.", 16, 32768)
    diagnostics: bool = _setting(True, "Show problems that the scorers find.")
    workspace_diagnostics: bool = _setting(
        True, "Check all files of the project in the background, not only open ones."
    )
    ghost_text: bool = _setting(
        True, "Suggest a script as grey text, after a comment that asks for one and Enter, where the editor can."
    )
    generate_lens: bool = _setting(False, "Show *Generate* above comments that read like a request.")
    scores_lens: bool = _setting(False, "Show the file's scores above its first line.")
    idle_unload: float = _setting(600.0, "Seconds without work after which the model leaves memory; 0 keeps it.", 0)


def client_name(field: dataclasses.Field[Any]) -> str:
    """The name by which the client knows a setting."""
    return re.sub(r"_(\w)", lambda match: match[1].upper(), field.name)


def read(values: object, base: Settings | None = None) -> tuple[Settings, list[str]]:
    """Settings from what a client sent, on top of ``base``, and a sentence for each value that can't be used.

    What is absent or null keeps the value of ``base``; what can't be used gets the default.
    """
    base = base or Settings()
    if values is None:
        return base, []
    if not isinstance(values, Mapping):
        return base, [f"The settings of {SECTION} must be an object."]
    good: dict[str, Any] = {}
    problems: list[str] = []
    hints = get_type_hints(Settings)
    for field in dataclasses.fields(Settings):
        value = values.get(client_name(field))
        if value is None:
            continue
        wanted = _unfit(value, hints[field.name], field.metadata)
        if wanted:
            problems.append(f"{SECTION}.{client_name(field)} must be {wanted}, so {field.default!r} is used.")
            value = field.default
        good[field.name] = float(str(value)) if hints[field.name] is float else value
    return dataclasses.replace(base, **good), problems


def _unfit(value: object, hint: Any, metadata: Mapping[str, Any]) -> str:
    """What the value must be, if it is not; else nothing."""
    if get_args(hint):
        return "" if value in get_args(hint) else "one of " + ", ".join(map(repr, get_args(hint)))
    if hint is bool:
        return "" if isinstance(value, bool) else "true or false"
    if hint is str:
        return "" if isinstance(value, str) else "a text"
    least, most = metadata["least"], metadata["most"]
    kind, name = (int, "a whole number") if hint is int else ((int, float), "a number")
    bounds = f" of at least {least}" if most is None else f" from {least} to {most}"
    fits = isinstance(value, kind) and not isinstance(value, bool) and least <= value
    return "" if fits and (most is None or value <= most) else name + bounds


def schema() -> dict[str, dict[str, Any]]:
    """JSON Schema of each setting under its full name, as ``contributes.configuration`` of an extension takes it."""
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number"}
    hints = get_type_hints(Settings)
    properties: dict[str, dict[str, Any]] = {}
    for field in dataclasses.fields(Settings):
        hint, bounds = hints[field.name], (("minimum", "least"), ("maximum", "most"))
        properties[f"{SECTION}.{client_name(field)}"] = {
            "type": kinds.get(hint, "string"),
            **({"enum": list(get_args(hint))} if get_args(hint) else {}),
            "default": field.default,
            **{key: field.metadata[name] for key, name in bounds if field.metadata[name] is not None},
            "markdownDescription": field.metadata["description"],
            "scope": "machine-overridable" if field.metadata["needs_trust"] else "window",
        }
    return properties


def table() -> str:
    """All settings as a Markdown table, for the docs."""
    rows = ["| setting | default | what it does |", "| --- | --- | --- |"]
    for field in dataclasses.fields(Settings):
        default = str(field.default).lower() if isinstance(field.default, bool) else repr(field.default)
        rows.append(f"| `{client_name(field)}` | `{default}` | {field.metadata['description']} |")
    return "\n".join(rows)
