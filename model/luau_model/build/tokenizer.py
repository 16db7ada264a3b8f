"""A Hugging Face tokenizer as GGUF keys, proved to give the same tokens before anything is built with it.

Two families: sentencepiece BPE (llama.cpp's ``llama``), and byte-level BPE (``gpt2``) with one of the ways to split
text that llama.cpp knows by name.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from json import dumps, loads
from pathlib import Path
from typing import Any, Literal

import gguf

from ..prompt import full
from ..request import Request
from . import chat
from .checkpoint import read_json
from .errors import BuildError

FILE, SENTENCEPIECE, CONFIG, TEMPLATE = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "chat_template.jinja",
)
# Ways to split text before byte-level BPE, in llama.cpp's names; the first that gives the tokenizer's own tokens is it.
SPLITS = ("gpt-2", "llama-bpe", "qwen2", "tekken", "smollm", "starcoder", "refact", "deepseek-llm", "default")
# Texts where tokenizers differ: spaces and tabs at the start and in runs, digits, contractions, scripts, emoji, code.
TEXTS = (
    "local x = 1\n\tend  -- é",
    " leading and trailing ",
    "-- a door that opens for 3.75 seconds, then closes; it's VIP-only and THEY'LL know",
    'local Players = game:GetService("Players")\n\n\nPlayers.PlayerAdded:Connect(function(player)\n\tprint(1)\nend)',
    "1234567 + 0x1F_FF ~= 12e3",
    "тест 漢字 日本語 한국어 عربي हिन्दी",
    "🙂👩‍👩‍👧 ½ ﬁ ０",
    "a\r\nb\tc  \n   d",
    "someCamelCaseName HTTPService snake_case __index",
    "",
)


@dataclass(frozen=True)
class Vocabulary:
    """Tokens with what llama.cpp needs to use them; ``kind`` is ``llama`` or ``gpt2``.

    ``scores`` order the merges of sentencepiece, ``merges`` those of byte-level BPE; the other is empty.
    ``split`` is llama.cpp's name for how text is split first, ``prefix`` whether a space is put before text.
    """

    kind: Literal["llama", "gpt2"]
    tokens: tuple[str, ...]
    types: tuple[int, ...]
    scores: tuple[float, ...]
    merges: tuple[str, ...]
    ids: Mapping[str, int]  # bos, eos, unk, pad
    add_bos: bool
    add_eos: bool
    template: str
    split: str = "default"
    prefix: bool = False

    def describe(self, writer: gguf.GGUFWriter, size: int) -> None:
        """Add the ``tokenizer.*`` keys for a model whose embedding has ``size`` rows."""
        padding = size - len(self.tokens)
        writer.add_tokenizer_model(self.kind)
        writer.add_tokenizer_pre(self.split)
        writer.add_token_list([*self.tokens, *(f"[PAD{len(self.tokens) + place}]" for place in range(padding))])
        writer.add_token_types([*self.types, *[gguf.TokenType.UNUSED] * padding])
        if self.kind == "llama":
            writer.add_token_scores([*self.scores, *[-1e4] * padding])
        else:
            writer.add_token_merges(list(self.merges))
        adders = {
            "bos": writer.add_bos_token_id,
            "eos": writer.add_eos_token_id,
            "unk": writer.add_unk_token_id,
            "pad": writer.add_pad_token_id,
        }
        for name, index in self.ids.items():
            adders[name](index)
        writer.add_add_bos_token(self.add_bos)
        writer.add_add_eos_token(self.add_eos)
        writer.add_add_space_prefix(self.prefix)
        if self.template:
            writer.add_chat_template(self.template)


def read(folder: Path) -> Vocabulary:
    """The tokenizer of a folder, with llama.cpp's settings under which it gives the same tokens.

    Raises BuildError where the folder has none, it is of another kind, or llama.cpp would split text otherwise.
    """
    settings = read_json(folder / CONFIG)
    if not (folder / FILE).is_file():
        if (folder / SENTENCEPIECE).is_file():
            return _from_sentencepiece(folder, settings)
        raise BuildError(f"{folder} has neither {FILE} nor {SENTENCEPIECE}. Download it again.")
    vocabulary = _from_json(folder, settings)
    return _proved(vocabulary, folder)


def has_tokenizer(folder: Path) -> bool:
    return (folder / CONFIG).is_file() and ((folder / FILE).is_file() or (folder / SENTENCEPIECE).is_file())


def chat_template(folder: Path, settings: Mapping[str, Any]) -> str:
    """The template without the marks of what is trained on; empty where there is none."""
    template: Any = settings.get("chat_template") or ""
    if (folder / TEMPLATE).is_file():
        template = (folder / TEMPLATE).read_text("utf-8")
    if isinstance(template, list):  # several with names, as old tokenizers of Hugging Face have them
        named = {entry.get("name"): entry.get("template", "") for entry in template}
        template = named.get("default", "")
    return re.sub(r"\{%-?\s*(?:end)?generation\s*-?%\}", "", str(template))


def _name(settings: Mapping[str, Any], role: str) -> str | None:
    token = settings.get(f"{role}_token")
    return token.get("content") if isinstance(token, Mapping) else token


def _ids(settings: Mapping[str, Any], index: Mapping[str, int]) -> dict[str, int]:
    names = {role: _name(settings, role) for role in ("bos", "eos", "unk", "pad")}
    return {role: index[name] for role, name in names.items() if name is not None and name in index}


def _from_sentencepiece(folder: Path, settings: Mapping[str, Any]) -> Vocabulary:
    import sentencepiece

    try:
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / SENTENCEPIECE))
    except (OSError, RuntimeError) as error:
        raise BuildError(f"{folder / SENTENCEPIECE} can't be read ({error}). Download it again.") from None
    everything = range(pieces.vocab_size())
    tokens = tuple(pieces.id_to_piece(index) for index in everything)
    return Vocabulary(
        "llama",
        tokens,
        tuple(_sentencepiece_type(pieces, index) for index in everything),
        tuple(pieces.get_score(index) for index in everything),
        (),
        _ids(settings, {token: index for index, token in enumerate(tokens)}),
        bool(settings.get("add_bos_token", True)),
        bool(settings.get("add_eos_token", False)),
        chat_template(folder, settings),
        # transformers puts no space before the text that follows [INST], except in its legacy way
        prefix=bool(settings.get("legacy", False) and settings.get("add_prefix_space", True)),
    )


def _sentencepiece_type(pieces: Any, index: int) -> int:
    types = gguf.TokenType
    if pieces.is_unknown(index):
        return types.UNKNOWN
    if pieces.is_control(index):
        return types.CONTROL
    return types.BYTE if pieces.is_byte(index) else types.NORMAL


def _from_json(folder: Path, settings: Mapping[str, Any]) -> Vocabulary:
    data = read_json(folder / FILE)
    model = data.get("model", {})
    if model.get("type") != "BPE":
        raise BuildError(f"{folder / FILE} is of type {model.get('type')}: only BPE tokenizers can be built.")
    added = {token["id"]: token for token in data.get("added_tokens", [])}
    index = {**model["vocab"], **{token["content"]: place for place, token in added.items()}}
    tokens = sorted(index, key=index.__getitem__)
    if [index[token] for token in tokens] != list(range(len(tokens))):
        raise BuildError(f"{folder / FILE} numbers its tokens with gaps. Save the tokenizer again.")
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
    byte_level = not model.get("byte_fallback")
    unknown = model.get("unk_token") or _name(settings, "unk")
    types = tuple(_type(token, added.get(place), unknown, byte_level=byte_level) for place, token in enumerate(tokens))
    add_bos, add_eos = _ends(data, settings)
    common = (_ids(settings, index), add_bos, add_eos, chat_template(folder, settings))
    if byte_level:
        return Vocabulary("gpt2", tuple(tokens), types, (), tuple(merges), *common)
    ranks: dict[str, int] = {}
    for rank, pair in enumerate(merges):
        ranks.setdefault(pair.replace(" ", ""), rank)
    scores = tuple(-float(ranks[token]) if token in ranks else -1e6 for token in tokens)
    return Vocabulary("llama", tuple(tokens), types, scores, (), *common)


def _type(token: str, added: Mapping[str, Any] | None, unknown: str | None, *, byte_level: bool) -> int:
    types = gguf.TokenType
    if token == unknown and not byte_level:
        return types.UNKNOWN
    if added is not None:
        return types.CONTROL if added.get("special") else types.USER_DEFINED
    if not byte_level and re.fullmatch(r"<0x[0-9A-F]{2}>", token):
        return types.BYTE
    return types.NORMAL


def _ends(data: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether a beginning and an end mark are put around text: what the post-processor does."""
    post = data.get("post_processor") or {}
    steps = [post, *post.get("processors", [])]
    template = next((step["single"] for step in steps if step.get("type") == "TemplateProcessing"), None)
    if template is None:
        return bool(settings.get("add_bos_token")), bool(settings.get("add_eos_token"))
    return "SpecialToken" in template[0], "SpecialToken" in template[-1]


def _proved(vocabulary: Vocabulary, folder: Path) -> Vocabulary:
    """The vocabulary with the settings under which llama.cpp gives the tokens of the tokenizers library."""
    import tokenizers

    try:
        reference = tokenizers.Tokenizer.from_file(str(folder / FILE))
    except Exception as error:  # the library raises no class of its own
        raise BuildError(f"{folder / FILE} can't be loaded ({error}). Download it again.") from None
    texts = prompts(vocabulary)
    expected = [reference.encode(text, add_special_tokens=False).ids for text in texts]
    differing = ""
    for candidate in _candidates(vocabulary):
        got = llama_tokens(candidate, texts)
        if got == expected:
            return candidate
        differing = differing or next(text for text, one, two in zip(texts, got, expected, strict=True) if one != two)
    raise BuildError(
        f"llama.cpp would split text into other tokens than {folder / FILE} does, as in {differing[-60:]!r}: it "
        "would answer worse, so it is not built. Serve it through vLLM instead."
    )


def prompts(vocabulary: Vocabulary) -> list[str]:
    """TEXTS and the tokens that were added by name, as they stand in the prompts that the model is served."""
    kinds = zip(vocabulary.tokens, vocabulary.types, strict=True)
    added = [token for token, kind in kinds if kind == gguf.TokenType.USER_DEFINED][:20]
    texts = [*TEXTS, *(f"a {token} b{token}c" for token in added)]
    bos, eos = (vocabulary.tokens[vocabulary.ids[end]] if end in vocabulary.ids else "" for end in ("bos", "eos"))
    if not vocabulary.template:
        return [f"{bos}Request: {text}" for text in texts]
    conversations = [full(Request(text, nearby=text)) for text in texts]
    return [chat.prompt(vocabulary.template, [asdict(turn) for turn in turns], bos, eos) for turns in conversations]


def _candidates(vocabulary: Vocabulary) -> Iterator[Vocabulary]:
    if vocabulary.kind == "llama":
        yield replace(vocabulary, prefix=False)
        yield replace(vocabulary, prefix=True)
    else:
        for split in SPLITS:
            yield replace(vocabulary, split=split)


def llama_tokens(vocabulary: Vocabulary, texts: Sequence[str]) -> list[list[int]]:
    """The texts as llama.cpp splits them, by a process of its own. Raises BuildError where it can't load them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocabulary.gguf"
        writer = gguf.GGUFWriter(path, "llama")
        vocabulary.describe(writer, len(vocabulary.tokens))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        writer.close()
        command = [sys.executable, "-m", f"{__package__}.tokens", str(path)]
        done = subprocess.run(command, input=dumps(list(texts)), capture_output=True, text=True)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it crashed"])[-1]
        raise BuildError(f"llama.cpp can't load the tokenizer: {why}")
    result: list[list[int]] = loads(done.stdout)
    return result
