"""Prints what a build costs, side by side with the usual way: merge with peft, save, convert, quantize the file.

    python tests/bench/build.py 1b            # both ways, a Llama shape of 1.1 billion weights
    python tests/bench/build.py 7b --ours     # ours alone, the shape of Mistral-7B-Instruct-v0.3 (15 GB on disk)

The base has random content and is made first, on disk, and removed at the end with all else. The usual way's converter
is llama.cpp's ``convert_hf_to_gguf.py`` out of the source of the library that is installed (pip downloads 77 MB), its
quantizer ``llama_model_quantize`` of that library.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "model"))

SHAPES = {
    "1b": {"hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 22, "num_attention_heads": 32},
    "7b": {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32},
}
COMMON = {
    "model_type": "mistral",
    "architectures": ["MistralForCausalLM"],
    "num_key_value_heads": 8,
    "vocab_size": 32768,
    "max_position_embeddings": 32768,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
    "rms_norm_eps": 1e-5,
    "hidden_act": "silu",
    "sliding_window": None,
    "tie_word_embeddings": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "dtype": "bfloat16",
}
COMMAND = [sys.executable, "-c", "from luau_lsp_ai.cli import main; main()"]
RANK, SHARD_BYTES = 64, 5_000_000_000
MERGE = """
import sys, torch
from peft import PeftModel
from transformers import AutoModelForCausalLM
base, adapter, out = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
PeftModel.from_pretrained(model, adapter).merge_and_unload().save_pretrained(out)
"""
QUANTIZE = """
import sys
import llama_cpp
params = llama_cpp.llama_model_quantize_default_params()
params.ftype, params.nthread = int(sys.argv[3]), int(sys.argv[4])
assert llama_cpp.llama_model_quantize(sys.argv[1].encode(), sys.argv[2].encode(), params) == 0
"""
LIBRARY = "llama-cpp-python"


@dataclass
class Cost:
    """What a way took: seconds, seconds of processors, bytes of memory at most, bytes on disk."""

    seconds: float = 0.0
    processors: float = 0.0
    memory: int = 0
    written: int = 0

    def run(self, *command: str) -> None:
        """Run a process and add what it took."""
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert process.stderr is not None
        said = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{command[:3]} failed:\n{said[-2000:]}")
        self.seconds += time.monotonic() - started
        self.processors += usage.ru_utime + usage.ru_stime
        self.memory = max(self.memory, usage.ru_maxrss * 1024)

    def __str__(self) -> str:
        return (
            f"{self.seconds:7.1f} s  {self.processors:7.1f} processor s  {self.memory / 1e6:6.0f} MB at most  "
            f"{self.written / 1e9:6.2f} GB written"
        )


def size(*paths: Path) -> int:
    files = [file for path in paths for file in (path.iterdir() if path.is_dir() else [path])]
    return sum(file.stat().st_size for file in files)


class Random:
    """Weights of a normal distribution as bf16 bytes, from one pool, since making 15 GB anew takes minutes."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)
        pool = self._rng.standard_normal(1 << 24, np.float32) * np.float32(0.02)
        self._pool = (pool.view(np.uint32) >> 16).astype(np.uint16)

    def parts(self, count: int) -> Iterator[bytes]:
        while count:
            start = int(self._rng.integers(0, len(self._pool) // 2))
            part = self._pool[start : start + count]
            count -= len(part)
            yield part.tobytes()


def save(path: Path, shapes: dict[str, tuple[int, ...]], random: Random) -> None:
    """A safetensors file of bf16 tensors with random content, never whole in memory."""
    header, place = {}, 0
    for name, shape in shapes.items():
        end = place + 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [place, end]}
        place = end
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for shape in shapes.values():
            for part in random.parts(int(np.prod(shape))):
                file.write(part)


def make_base(folder: Path, config: dict[str, Any], random: Random) -> dict[str, tuple[int, ...]]:
    from checkpoints import sentencepiece_tokenizer
    from luau_model.build.architecture import Shape

    sentencepiece_tokenizer(folder)
    (folder / "config.json").write_text(json.dumps(config))
    shapes = Shape.of(config).expected()
    shards: list[dict[str, tuple[int, ...]]] = [{}]
    for name, shape in shapes.items():
        if 2 * sum(int(np.prod(one)) for one in shards[-1].values()) > SHARD_BYTES:
            shards.append({})
        shards[-1][name] = shape
    names = [f"model-{place + 1:05}-of-{len(shards):05}.safetensors" for place in range(len(shards))]
    for file, shard in zip(names, shards, strict=True):
        save(folder / file, shard, random)
    weight_map = {name: file for file, shard in zip(names, shards, strict=True) for name in shard}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    return shapes


def make_adapter(folder: Path, shapes: dict[str, tuple[int, ...]], random: Random) -> None:
    folder.mkdir()
    changed = {name.removesuffix(".weight"): shape for name, shape in shapes.items() if "_proj" in name}
    parts: dict[str, tuple[int, ...]] = {}
    for name, (height, width) in changed.items():
        parts[f"base_model.model.{name}.lora_A.weight"] = (RANK, width)
        parts[f"base_model.model.{name}.lora_B.weight"] = (height, RANK)
    save(folder / "adapter_model.safetensors", parts, random)
    targets = sorted({name.rsplit(".", 1)[1] for name in changed})
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": 2 * RANK, "bias": "none"}
    config |= {"target_modules": targets, "base_model_name_or_path": "base", "inference_mode": True}
    (folder / "adapter_config.json").write_text(json.dumps(config))


def ours(folder: Path, quant: str) -> Cost:
    cost = Cost()
    command = [*COMMAND, "model", "build", "--adapter", str(folder / "adapter")]
    cost.run(*command, "--base", str(folder / "base"), "--quant", quant, "--out", str(folder / "ours.gguf"))
    cost.written = size(folder / "ours.gguf")
    return cost


def usual(folder: Path, quant: str) -> Cost:
    from luau_model.build.quantize import QUANTIZATIONS

    cost = Cost()
    merged, whole, out = folder / "merged", folder / "whole.gguf", folder / "usual.gguf"
    cost.run(sys.executable, "-c", MERGE, str(folder / "base"), str(folder / "adapter"), str(merged))
    print(f"  merged and saved after {cost.seconds:.1f} s", flush=True)
    for name in ("tokenizer.model", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(folder / "base" / name, merged)
    command = [sys.executable, str(next(folder.rglob("convert_hf_to_gguf.py"))), str(merged), "--outtype", "bf16"]
    cost.run(*command, "--outfile", str(whole))
    print(f"  converted after {cost.seconds:.1f} s", flush=True)
    file_type = str(int(QUANTIZATIONS[quant].file_type))
    cost.run(sys.executable, "-c", QUANTIZE, str(whole), str(out), file_type, str(os.cpu_count()))
    cost.written = size(merged, whole, out)
    return cost


def fetch_converter(folder: Path) -> None:
    """Unpack llama.cpp's Python scripts from the source of the library."""
    wanted = f"{LIBRARY}=={importlib.metadata.version(LIBRARY)}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", LIBRARY, wanted]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as source:
        scripts = [member for member in source if "/vendor/llama.cpp/" in member.name and member.name.endswith(".py")]
        source.extractall(folder, scripts, filter="data")


def make(folder: Path, shape: str) -> None:
    """Make the base and the adapter of a shape."""
    random = Random()
    shapes = make_base(folder / "base", {**COMMON, **SHAPES[shape]}, random)
    make_adapter(folder / "adapter", shapes, random)
    weights = sum(int(np.prod(one)) for one in shapes.values())
    print(f"{weights / 1e9:.2f} billion weights, rank {RANK}, {os.cpu_count()} processors", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("--quant", nargs="+", default=["Q4_K_M"])
    parser.add_argument("--ours", action="store_true", help="without the usual way")
    parser.add_argument("--folder", type=Path, help="where there is room")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        # in a process of its own: the memory of those that are measured begins with that of their parent
        maker = multiprocessing.get_context("spawn").Process(target=make, args=(folder, arguments.shape))
        maker.start()
        maker.join()
        if not arguments.ours:
            fetch_converter(folder)
        for quant in arguments.quant:
            mine = ours(folder, quant)
            print(f"{quant:7} ours   {mine}", flush=True)
            if not arguments.ours:
                theirs = usual(folder, quant)
                print(f"{quant:7} usual  {theirs}")
                print(
                    f"{quant:7} ratio  time {mine.seconds / theirs.seconds:.2f}, processors "
                    f"{mine.processors / theirs.processors:.2f}, memory "
                    f"{mine.memory / theirs.memory:.3f}, written {mine.written / theirs.written:.3f}",
                    flush=True,
                )
                shutil.rmtree(folder / "merged")
            for file in folder.glob("*.gguf"):
                file.unlink()


if __name__ == "__main__":
    main()
