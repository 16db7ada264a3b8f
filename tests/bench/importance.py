"""Prints what an importance matrix brings: how far each quantization of a trained model is from the model itself.

    python tests/bench/importance.py IQ4_NL Q4_K_M Q5_K_M

The model is the one of the package, its weights as float32; random weights have nothing that is important. The matrix
is made of the gold tasks' scripts, and the files are compared on those of the evaluation tasks, which no model is
trained on.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from luau_model.build import imatrix, parity
from luau_model.build.parity import VerifyOptions
from luau_model.build.pipeline import BuildOptions, build
from luau_model.build.quantize import QUANTIZATIONS
from luau_model.known import MODEL
from luau_training import tasks


def unpacked(folder: Path) -> Path:
    """The package's model as a Hugging Face folder."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    found = AutoModelForCausalLM.from_pretrained(str(MODEL.parent), gguf_file=MODEL.name)
    del found.config.quantization_config
    plain = type(found)(found.config)
    plain.load_state_dict(found.state_dict())
    plain.save_pretrained(folder)
    AutoTokenizer.from_pretrained(str(MODEL.parent), gguf_file=MODEL.name).save_pretrained(folder)
    return folder


def scripts(folder: Path, split: str) -> Path:
    """The scripts of a split's tasks, each below its prompt."""
    folder.mkdir()
    for task in tasks.load_all():
        if task.split == split and len(task.scripts) == 1:
            (script,) = task.scripts.values()
            request = " ".join(task.prompt.split())
            (folder / f"{task.name}.luau").write_text(f"-- {request}\n{script}", "utf-8")
    return folder


def main() -> None:
    """Build, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("quantizations", nargs="+", choices=QUANTIZATIONS)
    names = parser.parse_args().quantizations
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        base = str(unpacked(folder / "base"))
        build(BuildOptions(base, folder / "F16.gguf", quant="F16"))
        imatrix.make(folder / "F16.gguf", folder / "matrix.gguf", scripts(folder / "gold", "gold"))
        for name in names:
            build(BuildOptions(base, folder / f"{name}.gguf", quant=name))
            build(BuildOptions(base, folder / f"{name}-matrix.gguf", quant=name, imatrix=folder / "matrix.gguf"))
        files = tuple(folder / f"{name}{kind}.gguf" for name in names for kind in ("", "-matrix"))
        texts = scripts(folder / "evaluation", "evaluation")
        for row in parity.compare(VerifyOptions(files, base, texts=texts, tokens=0)):
            print(
                f"{row.file:20} {(folder / row.file).stat().st_size:9,} bytes: KL {row.kl:.4f} nats, perplexity "
                f"{row.perplexity:.1f} (the model's own: {row.reference_perplexity:.1f}), same top token {row.top1:.1%}"
            )


if __name__ == "__main__":
    main()
