"""How fast this machine computes with quantized weights, measured in two seconds with llama.cpp's own routines.

Generating a token reads all weights once, so its speed is that of multiplying matrices, more than the caches hold,
with one vector; tokens of several answers, or of a prompt, are the same with more vectors at once. Run as a program it
prints the Measurement as JSON, because native code belongs into a process of its own.
"""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import time
from typing import Any

from ..machine import Measurement
from .base import AT_ONCE

SIDE = 4096  # rows and columns of a matrix, as in a 7B model
MATRICES = 16  # 151 MB
SECONDS = 2.0
PROMPT = 32  # vectors at once, as many as the engine reads
_F32, _Q4_K, _Q4_K_BYTES, _Q4_K_BLOCK = 0, 12, 144, 256
_VOID = ctypes.c_void_p


class _InitParams(ctypes.Structure):
    _fields_ = [("mem_size", ctypes.c_size_t), ("mem_buffer", _VOID), ("no_alloc", ctypes.c_bool)]


def measure() -> Measurement:
    """Raises AttributeError where the build of llama.cpp does not offer its routines."""
    bench = _Bench(_library())
    counts = sorted({1, max(1, (os.cpu_count() or 1) // 2), os.cpu_count() or 1})
    share = SECONDS / 2 / len(counts)
    rates = {threads: bench.rate(bench.one, threads, share) for threads in counts}
    best = max(counts, key=lambda threads: rates[threads])
    several, many = (bench.rate(graph, best, SECONDS / 4) for graph in (bench.several, bench.many))
    weights = SIDE * SIDE * MATRICES
    return Measurement(
        processors=os.cpu_count() or 1,
        threads=best,
        bytes_per_second=rates[best] * weights / _Q4_K_BLOCK * _Q4_K_BYTES,
        several_answers=rates[best] / several,
        multiplications_per_second=many * weights * PROMPT,
    )


class _Bench:
    """The matrices, and two computations with them."""

    def __init__(self, lib: Any) -> None:
        self._lib = lib
        self._backend = lib.ggml_backend_cpu_init()
        self._context = lib.ggml_init(_InitParams(2**20, None, True))
        matrices = [lib.ggml_new_tensor_2d(self._context, _Q4_K, SIDE, SIDE) for _ in range(MATRICES)]
        lib.ggml_backend_alloc_ctx_tensors_from_buft(self._context, self._buffer_type())
        data = os.urandom(_Q4_K_BYTES * SIDE // _Q4_K_BLOCK) * SIDE
        for matrix in matrices:
            lib.ggml_backend_tensor_set(matrix, data, 0, len(data))
        self.one, self.several, self.many = (self._graph(matrices, vectors) for vectors in (1, AT_ONCE, PROMPT))

    def rate(self, graph: Any, threads: int, seconds: float) -> float:
        """How often a second the graph can be computed."""
        self._lib.ggml_backend_cpu_set_n_threads(self._backend, threads)
        self._lib.ggml_backend_graph_compute(self._backend, graph)
        started, count = time.perf_counter(), 0
        while (passed := time.perf_counter() - started) < seconds or not count:
            self._lib.ggml_backend_graph_compute(self._backend, graph)
            count += 1
        return count / passed

    def _graph(self, matrices: list[Any], vectors: int) -> Any:
        lib = self._lib
        context = lib.ggml_init(_InitParams(2**20, None, True))
        asked = lib.ggml_new_tensor_2d(context, _F32, SIDE, vectors)
        answers = [lib.ggml_mul_mat(context, matrix, asked) for matrix in matrices]
        lib.ggml_backend_alloc_ctx_tensors_from_buft(context, lib.ggml_backend_cpu_buffer_type())
        zeros = bytes(4 * SIDE * vectors)
        lib.ggml_backend_tensor_set(asked, zeros, 0, len(zeros))
        graph = lib.ggml_new_graph(context)
        for answer in answers:
            lib.ggml_build_forward_expand(graph, answer)
        return graph

    def _buffer_type(self) -> Any:
        """The kind of memory that llama.cpp puts weights into: repacked for this processor, where it can."""
        lib = self._lib
        register = lib.ggml_backend_cpu_reg()
        address = lib.ggml_backend_reg_get_proc_address(register, b"ggml_backend_dev_get_extra_bufts")
        if address and not lib.ggml_cpu_has_amx_int8():
            kinds = ctypes.CFUNCTYPE(ctypes.POINTER(_VOID), _VOID)(address)(lib.ggml_backend_reg_dev_get(register, 0))
            for kind in kinds:
                if not kind:
                    break
                if lib.ggml_backend_buft_name(kind) == b"CPU_REPACK":
                    return kind
        return lib.ggml_backend_cpu_buffer_type()


def _library() -> Any:
    from llama_cpp._ggml import libggml as lib

    pointers = {
        "ggml_backend_cpu_init": [],
        "ggml_backend_cpu_reg": [],
        "ggml_backend_cpu_buffer_type": [],
        "ggml_init": [_InitParams],
        "ggml_new_tensor_2d": [_VOID, ctypes.c_int, ctypes.c_int64, ctypes.c_int64],
        "ggml_mul_mat": [_VOID, _VOID, _VOID],
        "ggml_new_graph": [_VOID],
        "ggml_backend_alloc_ctx_tensors_from_buft": [_VOID, _VOID],
        "ggml_backend_reg_get_proc_address": [_VOID, ctypes.c_char_p],
        "ggml_backend_reg_dev_get": [_VOID, ctypes.c_size_t],
    }
    for name, arguments in pointers.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = _VOID, arguments
    lib.ggml_backend_buft_name.restype, lib.ggml_backend_buft_name.argtypes = ctypes.c_char_p, [_VOID]
    others = {
        "ggml_build_forward_expand": [_VOID, _VOID],
        "ggml_backend_tensor_set": [_VOID, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t],
        "ggml_backend_cpu_set_n_threads": [_VOID, ctypes.c_int],
        "ggml_backend_graph_compute": [_VOID, _VOID],
    }
    for name, arguments in others.items():
        getattr(lib, name).argtypes = arguments
    return lib


if __name__ == "__main__":
    print(json.dumps(dataclasses.asdict(measure())))
