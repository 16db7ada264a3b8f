"""Conversations as a model's chat template writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

Turn = Mapping[str, str]


def rendered(template: str, turns: Sequence[Turn], bos: str, eos: str) -> str:
    """The conversation up to where the answer begins. Raises TemplateError where the template does not take it."""

    def refuse(message: str) -> Any:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = refuse
    return environment.from_string(template).render(
        messages=turns, bos_token=bos, eos_token=eos, add_generation_prompt=True
    )


def prompt(template: str, turns: Sequence[Turn], bos: str, eos: str) -> str:
    """The same; where the template knows no system message, all is one message of the user."""
    try:
        return rendered(template, turns, bos, eos)
    except TemplateError:
        joined = "\n\n".join(turn["content"] for turn in turns)
        return rendered(template, [{"role": "user", "content": joined}], bos, eos)
