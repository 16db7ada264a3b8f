"""A built model splits text into the tokens that its Hugging Face tokenizer gives."""

from __future__ import annotations

import json
import random
from pathlib import Path

import checkpoints
import pytest
import tokenizers
from luau_model.build import tokenizer
from luau_model.build.errors import BuildError
from luau_model.build.tokenizer import Vocabulary

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
PATTERNS = {
    "gpt-2": None,
    "llama-bpe": CONTRACTIONS
    + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "qwen2": CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}


def texts(count: int = 300) -> list[str]:
    """Texts of all scripts, and of pieces of code stuck together at random."""
    rng = random.Random(0)
    parts = [
        *" \n\t\r",
        "  ",
        "é",
        "漢字",
        "🙂",
        "local",
        " x",
        "123",
        "4.5",
        "'s",
        "--",
        "[[",
        "_",
        "end\n",
        "İ",
        "a\u0301",
    ]
    return ["".join(rng.choices(parts, k=rng.randrange(1, 30))) for _ in range(count)]


def equal(vocabulary: Vocabulary, folder: Path, prefix: str) -> None:
    reference = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    asked = [prefix + text for text in texts()]
    got = tokenizer.llama_tokens(vocabulary, asked)
    for text, ids in zip(asked, got, strict=True):
        assert ids == reference.encode(text, add_special_tokens=False).ids, repr(text)


def test_sentencepiece(tmp_path: Path) -> None:
    folder = checkpoints.sentencepiece_tokenizer(tmp_path)
    vocabulary = tokenizer.read(folder)
    assert (vocabulary.kind, vocabulary.add_bos, vocabulary.add_eos) == ("llama", True, False)
    assert vocabulary.ids == {"bos": 1, "eos": 2, "unk": 0}
    equal(vocabulary, folder, "<s>")
    equal(vocabulary, folder, "<s>[INST]")


PREPENDED = {
    "normalizer": {
        "type": "Sequence",
        "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        ],
    },
    "pre_tokenizer": None,
}


def test_a_space_that_the_tokenizer_puts_before_every_text_is_put(tmp_path: Path) -> None:
    """As in Mistral-7B-Instruct-v0.2 and older."""
    folder = checkpoints.sentencepiece_tokenizer(tmp_path)
    settings = json.loads((folder / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps({**settings, **PREPENDED}))
    vocabulary = tokenizer.read(folder)
    assert vocabulary.prefix
    equal(vocabulary, folder, "<s>[INST]")


@pytest.mark.parametrize("space", ["", " "])
def test_a_space_that_is_put_where_there_is_none_fits_the_prompts_at_least(space: str, tmp_path: Path) -> None:
    """transformers' legacy way, which llama.cpp has not: what decides is how the chat template begins a message."""
    folder = checkpoints.sentencepiece_tokenizer(tmp_path, legacy=True)
    template = checkpoints.TEMPLATE.replace("[INST]'", f"[INST]{space}'").replace("[INST] '", f"[INST]{space}'")
    (folder / "chat_template.jinja").write_text(template)
    vocabulary = tokenizer.read(folder)
    assert vocabulary.prefix == (space == "")
    reference = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    asked = [f"<s>[INST]{space}Request: {text}[/INST]" for text in texts()]
    assert tokenizer.llama_tokens(vocabulary, asked) == [
        reference.encode(text, add_special_tokens=False).ids for text in asked
    ]


def test_sentencepiece_alone_gives_what_it_gives_beside_tokenizer_json(tmp_path: Path) -> None:
    alone = tokenizer.read(checkpoints.sentencepiece_tokenizer(tmp_path / "alone", fast=False))
    both = tokenizer.read(checkpoints.sentencepiece_tokenizer(tmp_path / "both"))
    asked = ["<s>[INST] " + text for text in texts()]
    assert tokenizer.llama_tokens(alone, asked) == tokenizer.llama_tokens(both, asked)


@pytest.mark.parametrize("split", PATTERNS)
def test_byte_level(split: str, tmp_path: Path) -> None:
    folder = checkpoints.byte_level_tokenizer(tmp_path, PATTERNS[split])
    vocabulary = tokenizer.read(folder)
    assert (vocabulary.kind, vocabulary.add_bos) == ("gpt2", True)
    equal(vocabulary, folder, "")
    equal(vocabulary, folder, "<s>[INST]")


@pytest.mark.parametrize("make", [checkpoints.sentencepiece_tokenizer, checkpoints.byte_level_tokenizer])
def test_added_tokens_stay_whole(make: object, tmp_path: Path) -> None:
    assert callable(make)
    folder = make(tmp_path)
    loaded = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    loaded.add_tokens(["<luau>", "game:GetService"])
    loaded.add_special_tokens(["<|end|>"])
    loaded.save(str(folder / "tokenizer.json"))
    vocabulary = tokenizer.read(folder)
    text = "<s>a <luau>game:GetService(x)<|end|> b"
    assert tokenizer.llama_tokens(vocabulary, [text]) == [loaded.encode(text, add_special_tokens=False).ids]


def test_the_marks_of_what_is_trained_on_are_not_in_the_chat_template(tmp_path: Path) -> None:
    template = tokenizer.read(checkpoints.sentencepiece_tokenizer(tmp_path)).template
    assert "[INST]" in template
    assert "generation %}" not in template


def test_a_way_to_split_text_that_llama_cpp_does_not_know_is_refused(tmp_path: Path) -> None:
    folder = checkpoints.byte_level_tokenizer(tmp_path, r"[^\n]+|\n+")
    with pytest.raises(BuildError, match="other tokens"):
        tokenizer.read(folder)


def test_other_kinds_of_tokenizers_are_refused(tmp_path: Path) -> None:
    folder = checkpoints.sentencepiece_tokenizer(tmp_path)
    tokenizers.Tokenizer(tokenizers.models.WordPiece({"[UNK]": 0}, unk_token="[UNK]")).save(
        str(folder / "tokenizer.json")
    )
    with pytest.raises(BuildError, match="WordPiece: only BPE"):
        tokenizer.read(folder)
