"""The embedded model's own sentencepiece tokenizer: Luau's tokens and Roblox's names stay whole, digits stay single.

No piece crosses the boundaries of SPLIT, so a name has the same pieces in a request and in a script.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path

import sentencepiece

BOS, EOS, UNK, INST, END_INST = "<s>", "</s>", "<unk>", "[INST]", "[/INST]"
SPLIT = re.compile(r"\d|\n\t*|(?<!\w)(?:local|function|return|elseif|if|for|while) |[A-Za-z_]+|[^\sA-Za-z0-9_]+ ?|\s")
_DELIMITER = "\x02"


def train(texts: Iterable[str], vocabulary: int, path: Path) -> None:
    """Train on the texts and write a sentencepiece model (BPE, byte fallback) of that many pieces."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(_DELIMITER.join(SPLIT.findall(text)) for text in texts),
        model_writer=model,
        model_type="bpe",
        vocab_size=vocabulary,
        byte_fallback=True,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        control_symbols=[INST, END_INST],
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=False,
        split_by_whitespace=False,
        treat_whitespace_as_suffix=True,
        split_by_unicode_script=False,
        split_by_number=False,
        split_digits=True,
        allow_whitespace_only_pieces=True,
        pretokenization_delimiter=_DELIMITER,
        max_sentencepiece_length=32,
        max_sentence_length=1 << 16,
        num_threads=2,
        minloglevel=2,
    )
    path.write_bytes(model.getvalue())


def load(path: Path) -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_file=str(path))


# What transformers needs beside tokenizer.model to load it by AutoTokenizer.
HF_CONFIG = {
    "tokenizer_class": "LlamaTokenizer",
    "bos_token": BOS,
    "eos_token": EOS,
    "unk_token": UNK,
    "add_bos_token": True,
    "add_eos_token": False,
    "add_prefix_space": False,
    "legacy": False,
    "clean_up_tokenization_spaces": False,
    "chat_template": (
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
        "{{ '[INST]' + message['content'] + '[/INST]' }}"
        "{% else %}{{ message['content'] + eos_token }}{% endif %}{% endfor %}"
    ),
}
