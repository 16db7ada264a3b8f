"""Small GGUF models for tests: real files that llama.cpp loads, made in a second, with weights chosen by us."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
from luau_model import grammar

WORDS = [*grammar.RESERVED, "game", "script", "workspace", "print", "task", "wait", "self", "number", "string"]
Tensors = dict[str, npt.NDArray[np.float32]]
CONTROL = ["[INST]", "[/INST]"]
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ m['content'] + '\\n\\n' }}"
    "{% elif m['role'] == 'user' %}{{ '[INST] ' + m['content'] + '[/INST]' }}"
    "{% else %}{{ m['content'] + eos_token }}{% endif %}{% endfor %}"
)


def vocabulary(extra: Sequence[str] = ()) -> tuple[list[str], list[float], list[int]]:
    """Pieces, scores, types: control tokens, all bytes, printable characters, words with all their beginnings, and
    what is wanted besides.
    """
    kinds = gguf.TokenType
    pieces: dict[str, int] = {"<unk>": kinds.UNKNOWN, "<s>": kinds.CONTROL, "</s>": kinds.CONTROL}
    pieces |= dict.fromkeys(CONTROL, kinds.CONTROL)
    pieces |= {f"<0x{byte:02X}>": kinds.BYTE for byte in range(256)}
    pieces |= {chr(code): kinds.NORMAL for code in range(0x21, 0x7F)}
    for word in WORDS:
        pieces |= {word[:size]: kinds.NORMAL for size in range(1, len(word) + 1)}
        pieces |= {"▁" + word[:size]: kinds.NORMAL for size in range(len(word) + 1)}
    pieces |= dict.fromkeys(extra, kinds.NORMAL)
    scores = [0.0 if kind != kinds.NORMAL else float(len(text)) for text, kind in pieces.items()]
    return list(pieces), scores, [int(kind) for kind in pieces.values()]


def write(
    path: Path,
    tensors: Tensors,
    *,
    layers: int,
    heads: int,
    context: int = 2048,
    template: str | None = TEMPLATE,
    extra: Sequence[str] = (),
) -> Path:
    """Write a GGUF of architecture llama; shapes are taken from the tensors."""
    pieces, scores, types = vocabulary(extra)
    width = tensors["token_embd.weight"].shape[1]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(path.stem)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(tensors["blk.0.ffn_up.weight"].shape[0])
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(len(pieces))
    add_tokenizer(writer, pieces, scores, types, template)
    for name, values in tensors.items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_tokenizer(
    writer: gguf.GGUFWriter, pieces: list[str], scores: list[float], types: list[int], template: str | None = TEMPLATE
) -> None:
    """Write a sentencepiece tokenizer whose first pieces are those of ``vocabulary``."""
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(pieces)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(False)
    if template is not None:
        writer.add_chat_template(template)


def random_model(
    path: Path,
    *,
    width: int = 64,
    layers: int = 2,
    hidden: int = 128,
    template: str | None = TEMPLATE,
    add: Tensors | None = None,
) -> Path:
    """A model that writes noise. What is in ``add`` is added to its tensors."""
    rng = np.random.default_rng(0)
    size = len(vocabulary()[0])

    def normal(*shape: int) -> npt.NDArray[np.float32]:
        return np.asarray(rng.standard_normal(shape) / np.sqrt(shape[-1]), np.float32)

    tensors: Tensors = {
        "token_embd.weight": normal(size, width),
        "output.weight": normal(size, width),
    }
    tensors["output_norm.weight"] = np.ones(width, np.float32)
    for layer in range(layers):
        tensors |= {f"blk.{layer}.{name}.weight": np.ones(width, np.float32) for name in ("attn_norm", "ffn_norm")}
        tensors |= {f"blk.{layer}.attn_{name}.weight": normal(width, width) for name in ("q", "k", "v", "output")}
        tensors |= {f"blk.{layer}.ffn_{name}.weight": normal(hidden, width) for name in ("gate", "up")}
        tensors[f"blk.{layer}.ffn_down.weight"] = normal(width, hidden)
    for name, values in (add or {}).items():
        tensors[name] += values
    return write(path, tensors, layers=layers, heads=max(1, width // 64), template=template)


def chain_model(path: Path, text: str, *, template: str | None = TEMPLATE) -> Path:
    """A model that always writes ``text``, byte by byte, and stops; no byte may occur in it twice.

    Each token's hidden state is its one-hot vector, and the output matrix leads from there to the next token.
    """
    between = [f"<0x{byte:02X}>" for byte in text.encode()]
    assert len(set(between)) == len(between), "a byte occurs twice"
    return _chain(path, between, template, ())


def sentence_model(path: Path, sentence: str) -> Path:
    """A model that always writes this sentence, a token a word, and stops; no word may occur in it twice."""
    pieces = sentence.replace(" ", " ▁").split(" ")
    assert len(set(pieces)) == len(pieces), "a word occurs twice"
    return _chain(path, pieces, TEMPLATE, pieces)


def _chain(path: Path, between: Sequence[str], template: str | None, extra: Sequence[str]) -> Path:
    pieces = vocabulary(extra)[0]
    tokens = [pieces.index(piece) for piece in ("[/INST]", *between, "</s>")]
    width = -(-len(pieces) // 64) * 64
    zero = np.zeros((width, width), np.float32)
    ones = np.ones(width, np.float32)
    output = np.zeros((len(pieces), width), np.float32)
    for here, following in itertools.pairwise(tokens):
        output[following, here] = 1
    tensors: Tensors = {"token_embd.weight": np.eye(len(pieces), width, dtype=np.float32), "output.weight": output}
    tensors |= {"output_norm.weight": ones, "blk.0.attn_norm.weight": ones, "blk.0.ffn_norm.weight": ones}
    tensors |= {f"blk.0.attn_{name}.weight": zero for name in ("q", "k", "v", "output")}
    tensors |= {f"blk.0.ffn_{name}.weight": zero for name in ("gate", "up", "down")}
    return write(path, tensors, layers=1, heads=width // 64, template=template, extra=extra)
