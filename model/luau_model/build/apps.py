"""Files and hints for programs that people run GGUF models in: Ollama and LM Studio."""

from __future__ import annotations

from pathlib import Path

import gguf
from jinja2 import TemplateError

from ..prompt import SYSTEM
from .chat import rendered
from .errors import BuildError
from .integrity import check_file, text

_SYSTEM, _USER = "\x01system\x02", "\x01user\x02"


def modelfile(model: Path, adapter: Path | None = None) -> str:
    """A Modelfile for ``ollama create``: the model's own template, stops and our system prompt.

    See https://docs.ollama.com/modelfile. Raises BuildError where the file can't be used or has no chat template.
    """
    reader = _usable(model)
    lines = [f"FROM {model.resolve()}"]
    if adapter is not None:
        lines.append(f"ADAPTER {adapter.resolve()}")
    lines += [f'TEMPLATE """{_go_template(reader)}"""', f'SYSTEM """{SYSTEM}"""']
    lines += [f'PARAMETER stop "{stop}"' for stop in _stops(reader)]
    lines += ["PARAMETER temperature 0.7", f"PARAMETER num_ctx {min(8192, _number(reader, 'llama.context_length'))}"]
    if licence := text(reader, "general.license"):
        lines.append(f'LICENSE "{licence}"')
    return "\n".join(lines) + "\n"


def lm_studio(model: Path) -> str:
    """How to use the file in LM Studio, whose command line copies it to where the program looks."""
    reader = _usable(model)
    name = text(reader, "general.name") or model.stem
    return (
        f"1. lms import --user-repo local/{name.replace(' ', '-').lower()} {model.resolve()}\n"
        f"2. In LM Studio choose {name}; its chat template comes from the file. Context length: "
        f"{min(8192, _number(reader, 'llama.context_length'))}.\n"
        f"3. System prompt: {SYSTEM}\n"
        "4. Developer > Start server, then: luau-lsp-ai generate --endpoint http://127.0.0.1:1234/v1 "
        f'--model {name} "your request"\n'
    )


def _usable(model: Path) -> gguf.GGUFReader:
    refused = [check.said for check in check_file(model) if check.verdict == "refused"]
    if refused:
        raise BuildError(refused[0])
    reader = gguf.GGUFReader(model)
    if not text(reader, "tokenizer.chat_template"):
        raise BuildError(f"{model} has no chat template, so programs can't talk to it. Build it with one.")
    return reader


def _number(reader: gguf.GGUFReader, key: str) -> int:
    field = reader.get_field(key)
    return int(field.contents()) if field is not None else 2048


def _token(reader: gguf.GGUFReader, role: str) -> str:
    index, tokens = reader.get_field(f"tokenizer.ggml.{role}_token_id"), reader.get_field("tokenizer.ggml.tokens")
    return str(tokens.contents(int(index.contents()))) if index is not None and tokens is not None else ""


def _rendered(reader: gguf.GGUFReader, turns: list[dict[str, str]]) -> str:
    bos = _token(reader, "bos")
    text_of = rendered(text(reader, "tokenizer.chat_template"), turns, bos, _token(reader, "eos"))
    return text_of.removeprefix(bos)  # Ollama puts it there itself


def _go_template(reader: gguf.GGUFReader) -> str:
    """The chat template for one turn in Go's language, found by rendering it with marks for what is said."""
    user = {"role": "user", "content": _USER}
    plain = _rendered(reader, [user]).replace(_USER, "{{ .Prompt }}")
    try:
        both = _rendered(reader, [{"role": "system", "content": _SYSTEM}, user])
    except TemplateError:  # templates of models that know no system message refuse it
        both = ""
    if _SYSTEM not in both:
        both = plain.replace("{{ .Prompt }}", f"{_SYSTEM}\n\n{{{{ .Prompt }}}}")
    both = both.replace(_SYSTEM, "{{ .System }}").replace(_USER, "{{ .Prompt }}")
    return f"{{{{ if .System }}}}{both}{{{{ else }}}}{plain}{{{{ end }}}}{{{{ .Response }}}}"


def _stops(reader: gguf.GGUFReader) -> list[str]:
    """The end mark, and the mark that a user's turn begins with."""
    start = _rendered(reader, [{"role": "user", "content": _USER}]).split(_USER)[0].strip()
    return [stop for stop in dict.fromkeys((_token(reader, "eos"), start)) if stop]
