"""Importance matrices: how much each input of a matrix is used, so that quantization errs where it matters least.

The file format is llama.cpp's: for each matrix the sums of its inputs' squares, and over how many tokens.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np

from ..files import replaced
from . import examples
from .errors import BuildError
from .integrity import check_file
from .quantize import Importance

SUMS, COUNTS = ".in_sum2", ".counts"


def read(path: Path) -> dict[str, Importance]:
    """The mean squares of each matrix's inputs, by GGUF name. Raises BuildError where there are none."""
    try:
        tensors = {tensor.name: np.array(tensor.data, np.float32) for tensor in gguf.GGUFReader(path).tensors}
    except FileNotFoundError:
        raise BuildError(f"{path} is missing.") from None
    except (OSError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise BuildError(f"{path} is no importance matrix in GGUF ({error}). Make one with `model imatrix`.") from None
    found = {}
    for name, sums in tensors.items():
        if name.endswith(SUMS):
            matrix = name.removesuffix(SUMS)
            count = float(tensors.get(matrix + COUNTS, np.zeros(1, np.float32)).reshape(-1)[0])
            if count > 0:
                found[matrix] = sums.reshape(-1) / np.float32(count)
    if not found:
        raise BuildError(f"{path} holds no importance of any matrix. Make one with `model imatrix`.")
    return found


def make(model: Path, out: Path, texts: Path | None = None, force: bool = False) -> int:
    """Run a GGUF on scripts with their requests, write its importance matrix, and return how many matrices are in it.

    ``model`` is best a Q8_0 or F16 build of the same adapter. Raises BuildError where it can't be run.
    """
    if out.exists() and not force:
        raise BuildError(f"{out} exists. Choose another name, or overwrite it with --force.")
    refused = [check.said for check in check_file(model) if check.verdict == "refused"]
    if refused:
        raise BuildError(refused[0])
    scripts = [f"{example.request}\n\n{example.script}" for example in examples.load(texts or examples.SCRIPTS)]
    with tempfile.TemporaryDirectory() as folder, replaced(out) as new:
        job = Path(folder) / "texts.json"
        job.write_text(json.dumps(scripts), "utf-8")
        command = [sys.executable, "-m", f"{__package__}.activations", str(model), str(job), str(new)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["it crashed"])[-1]
            raise BuildError(f"{model} can't be run by llama.cpp ({why}): build it again.")
    return len(read(out))
