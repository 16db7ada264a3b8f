"""Ollama and LM Studio get what the model's own chat template says."""

from __future__ import annotations

import re
from pathlib import Path

import models
import pytest
from click.testing import CliRunner, Result
from jinja2 import Template
from luau_lsp_ai.cli import cli
from luau_model.prompt import SYSTEM

NO_SYSTEM = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('none') }}{% endif %}"
    "<|user|>{{ m['content'] }}<|end|>{% endfor %}<|assistant|>"
)


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["model", "export", *map(str, arguments)])


def rendered(modelfile: str, system: str, prompt: str) -> str:
    """What Ollama makes of the template, for the little of Go's language that is in it."""
    template = re.search(r'TEMPLATE """(.*?)"""', modelfile, re.DOTALL)
    assert template is not None
    with_system, without = re.fullmatch(
        r"\{\{ if \.System \}\}(.*)\{\{ else \}\}(.*)\{\{ end \}\}\{\{ \.Response \}\}", template[1], re.DOTALL
    ).groups()  # type: ignore[union-attr]
    chosen = with_system if system else without
    return str(chosen.replace("{{ .System }}", system).replace("{{ .Prompt }}", prompt))


@pytest.mark.parametrize("system", ["", "Be brief."])
def test_the_modelfile_renders_as_the_chat_template_does(system: str, tiny: Path, tmp_path: Path) -> None:
    done = invoke("ollama", tiny, "--out", tmp_path / "Modelfile")
    assert done.exit_code == 0, done.output
    messages = [{"role": "user", "content": "a door"}]
    if system:
        messages.insert(0, {"role": "system", "content": system})
    wanted = Template(models.TEMPLATE).render(messages=messages, bos_token="<s>", eos_token="</s>")
    assert "<s>" + rendered((tmp_path / "Modelfile").read_text(), system, "a door") == wanted


def test_a_system_message_goes_before_the_request_where_the_template_takes_none(tmp_path: Path) -> None:
    model = models.random_model(tmp_path / "m.gguf", template=NO_SYSTEM)
    assert invoke("ollama", model, "--out", tmp_path / "Modelfile").exit_code == 0
    text = rendered((tmp_path / "Modelfile").read_text(), "Be brief.", "a door")
    assert text == "<|user|>Be brief.\n\na door<|end|><|assistant|>"


def test_the_modelfile_names_file_adapter_stops_and_system_prompt(tiny: Path, tmp_path: Path) -> None:
    lora = tmp_path / "lora.gguf"
    assert invoke("ollama", tiny, "--lora", lora, "--out", tmp_path / "Modelfile").exit_code == 0
    text = (tmp_path / "Modelfile").read_text()
    assert f"FROM {tiny.resolve()}\nADAPTER {lora.resolve()}\n" in text
    assert 'PARAMETER stop "</s>"\nPARAMETER stop "[INST]"\n' in text
    assert f'SYSTEM """{SYSTEM}"""' in text


def test_a_modelfile_is_overwritten_by_force_alone(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "Modelfile"
    out.write_text("mine")
    assert invoke("ollama", tiny, "--out", out).exit_code == 2
    assert out.read_text() == "mine"
    assert invoke("ollama", tiny, "--out", out, "--force").exit_code == 0


def test_models_that_programs_cannot_talk_to_are_refused(tmp_path: Path) -> None:
    model = models.random_model(tmp_path / "m.gguf", template=None)
    assert "has no chat template" in invoke("ollama", model, "--out", tmp_path / "Modelfile").output
    assert "is missing" in invoke("lm-studio", tmp_path / "none.gguf").output


def test_the_hints_for_lm_studio_name_the_file_and_the_system_prompt(tiny: Path) -> None:
    done = invoke("lm-studio", tiny)
    assert str(tiny.resolve()) in done.output
    assert SYSTEM in done.output
