"""Run a GGUF on texts and write down how much each input of its matrices is used: an importance matrix.

    python -m luau_model.build.activations FILE.gguf TEXTS.json OUT.gguf

A process of its own, since a broken file can crash llama.cpp. The graph's values are looked at by the names that
llama.cpp gives them, so nothing depends on how the library lays out its structures.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from .imatrix import COUNTS, SUMS

# What a node of llama.cpp's graph is the input of; its name ends with the layer's number.
READERS = {
    "attn_norm": ("attn_q", "attn_k", "attn_v"),
    "kqv_out": ("attn_output",),
    "ffn_norm": ("ffn_gate", "ffn_up"),
    "ffn_swiglu": ("ffn_down",),
}


class Sums:
    """Sums of squares of the inputs, and over how many tokens, by matrix."""

    def __init__(self) -> None:
        self.sums: dict[str, NDArray[np.float32]] = {}
        self.counts: dict[str, int] = {}

    def add(self, node: str, values: NDArray[np.float32]) -> None:
        """``values`` have the shape (tokens, width)."""
        kind, _, layer = node.rpartition("-")
        squares = np.square(values).sum(axis=0)
        for matrix in READERS[kind]:
            name = f"blk.{layer}.{matrix}.weight"
            self.sums[name] = self.sums.get(name, np.zeros_like(squares)) + squares
            self.counts[name] = self.counts.get(name, 0) + len(values)

    def write(self, path: Path, texts: str) -> None:
        """In llama.cpp's format."""
        writer = gguf.GGUFWriter(path, "")
        writer.add_type("imatrix")
        writer.add_array("imatrix.datasets", [texts])
        writer.add_uint32("imatrix.chunk_count", 1)
        writer.add_uint32("imatrix.chunk_size", max(self.counts.values()))
        for name, sums in sorted(self.sums.items()):
            writer.add_tensor(name + SUMS, sums.reshape(1, -1))
            writer.add_tensor(name + COUNTS, np.array([[self.counts[name]]], np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def main() -> None:
    """Run all texts."""
    path, texts, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    os.dup2(2, 1)  # the library prints
    from llama_cpp import llama_cpp as api

    sums = Sums()
    watch = _watcher(api, sums)
    model, context = _opened(api, path, watch)
    vocab = api.llama_model_get_vocab(model)
    room = api.llama_n_ctx(context)
    for text in json.loads(texts.read_text("utf-8")):
        data = text.encode()
        tokens = (api.llama_token * (len(data) + 8))()
        count = api.llama_tokenize(vocab, data, len(data), tokens, len(tokens), True, True)
        api.llama_memory_clear(api.llama_get_memory(context), True)
        if api.llama_decode(context, api.llama_batch_get_one(tokens, min(count, room))):
            sys.exit("a text could not be read")
    if not sums.sums:
        sys.exit("this version of llama.cpp names its values otherwise")
    sums.write(out, "luau scripts")


def _watcher(api: Any, sums: Sums) -> Any:
    """The callback that llama.cpp asks, before it computes a value, whether we want it, and then gives it."""
    library = ctypes.CDLL(str(next(Path(api.__file__).parent.glob("lib/*ggml-base.*"))))
    library.ggml_get_name.restype = ctypes.c_char_p
    library.ggml_get_name.argtypes = [ctypes.c_void_p]
    library.ggml_nelements.restype = ctypes.c_int64
    library.ggml_nelements.argtypes = [ctypes.c_void_p]
    library.ggml_nrows.restype = ctypes.c_int64
    library.ggml_nrows.argtypes = [ctypes.c_void_p]
    library.ggml_backend_tensor_get.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]

    def asked(tensor: int, ask: bool, _data: object) -> bool:
        name = library.ggml_get_name(tensor).decode()
        if name.rpartition("-")[0] not in READERS:
            return not ask
        if not ask:
            height = library.ggml_nrows(tensor)
            values = np.empty((height, library.ggml_nelements(tensor) // height), np.float32)
            library.ggml_backend_tensor_get(tensor, values.ctypes.data, 0, values.nbytes)
            sums.add(name, values)
        return True

    return api.ggml_backend_sched_eval_callback(asked)


def _opened(api: Any, path: str, watch: Any) -> tuple[Any, Any]:
    silent = api.llama_log_callback(lambda _level, _text, _data: None)
    api.llama_log_set(silent, None)
    api.llama_backend_init()
    model_params = api.llama_model_default_params()
    model_params.use_extra_bufts = False
    model = api.llama_model_load_from_file(path.encode(), model_params)
    if not model:
        sys.exit("llama.cpp can't load it")
    params = api.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = min(1024, api.llama_model_n_ctx_train(model))
    params.n_threads = params.n_threads_batch = os.cpu_count() or 1
    params.cb_eval = watch
    context = api.llama_init_from_model(model, params)
    if not context:
        sys.exit("there is not enough memory")
    _KEPT.append(silent)
    return model, context


_KEPT: list[Any] = []  # llama.cpp holds no more than the address of a callback


if __name__ == "__main__":
    main()
