"""Train the embedded model from nothing on the recipes' pairs.

    python -m luau_training.embedded.pretrain --config training/luau_training/embedded/pretrain.toml

Writes a tokenizer, checkpoints (a run that was stopped goes on where it was), ``loss.csv``, ``loss.png`` and at the
end a Hugging Face folder. Needs the ``train`` extra. Where a CPU has bf16, weights are bf16 with an fp32 master copy:
twice as fast as autocast.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import MistralConfig, MistralForCausalLM

from ..files import replace_folder
from ..precision import number_type
from . import corpus, tokenizer
from .batches import Batch, Batches
from .recipe import Recipe

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True, slots=True)
class Config:
    """A run. Sizes are in tokens or units, ``minutes`` is wall time, weights multiply the loss of a token."""

    seed: int
    minutes: float
    vocabulary: int
    hidden_size: int
    layers: int
    heads: int
    context: int
    batch_tokens: int
    learning_rate: float
    warmup_steps: int
    decided_weight: float
    request_weight: float
    checkpoint_minutes: float


def new_model(config: Config, vocabulary: int) -> MistralForCausalLM:
    torch.manual_seed(config.seed)
    shape = MistralConfig(
        vocab_size=vocabulary,
        hidden_size=config.hidden_size,
        intermediate_size=3 * config.hidden_size,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        num_key_value_heads=max(1, config.heads // 2),
        head_dim=config.hidden_size // config.heads,
        max_position_embeddings=config.context,
        sliding_window=None,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
    )
    return MistralForCausalLM(shape)


class Trainer:
    """fp32 master weights of a model in the fastest numbers, AdamW; what a resumed run needs is in ``state``."""

    def __init__(self, config: Config, vocabulary: int) -> None:
        self.config = config
        self.model = new_model(config, vocabulary)
        self.names = [name for name, _ in self.model.named_parameters()]
        self.master = [parameter.detach().clone().float() for parameter in self.model.parameters()]
        self.model.train()
        if number_type() is torch.bfloat16:
            self.model.bfloat16()
        decayed = [p for p in self.master if p.ndim > 1]
        plain = [p for p in self.master if p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.95), fused=True)
        self.step_count = 0
        self.seconds = 0.0
        self.tokens = 0

    def step(self, batch: Batch) -> float:
        """One optimizer step; returns the weighted mean loss in nats a token."""
        # no attention mask: padding is on the right, where causal attention never looks
        hidden = self.model.model(input_ids=batch.ids, use_cache=False).last_hidden_state[:, :-1]
        weights = batch.weights[:, 1:]
        kept = weights > 0
        logits = hidden[kept] @ self.model.lm_head.weight.t()
        losses = torch.nn.functional.cross_entropy(logits, batch.ids[:, 1:][kept], reduction="none").float()
        loss = (losses * weights[kept]).sum() / weights[kept].sum()
        loss.backward()
        self._update()
        self.step_count += 1
        self.tokens += int(batch.mask.sum())
        return float(loss.detach())

    def _update(self) -> None:
        for master, parameter in zip(self.master, self.model.parameters(), strict=True):
            master.grad = parameter.grad.float() if parameter.grad is not None else None
            parameter.grad = None
        torch.nn.utils.clip_grad_norm_(self.master, 1.0)
        rate = self._rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        with torch.no_grad():
            for master, parameter in zip(self.master, self.model.parameters(), strict=True):
                parameter.copy_(master)

    def _rate(self) -> float:
        """Warm up by steps, then a cosine over the time that is allowed, down to 2 %."""
        done = min(1.0, self.seconds / (self.config.minutes * 60))
        warm = min(1.0, (self.step_count + 1) / self.config.warmup_steps)
        return self.config.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))

    def save(self, folder: Path) -> None:
        """Write a checkpoint; the former one is replaced only when the new one is whole."""
        tensors: dict[str, torch.Tensor] = {}
        for name, master in zip(self.names, self.master, strict=True):
            tensors[f"master.{name}"] = master
            for key in ("exp_avg", "exp_avg_sq", "step"):
                tensors[f"{key}.{name}"] = self.optimizer.state[master][key]
        with replace_folder(folder) as new:
            save_file(tensors, new / "state.safetensors")
            progress = {"step": self.step_count, "seconds": self.seconds, "tokens": self.tokens}
            (new / "progress.json").write_text(json.dumps({**progress, "config": asdict(self.config)}))

    def resume(self, folder: Path) -> bool:
        """Go on from a checkpoint; False where there is none. Raises ValueError where it is of another run."""
        if not (folder / "progress.json").exists():
            return False
        progress = json.loads((folder / "progress.json").read_text())
        same = {**progress["config"], "minutes": 0} == {**asdict(self.config), "minutes": 0}
        if not same:
            raise ValueError(f"{folder} belongs to a run with another configuration: give another --out or remove it")
        tensors = load_file(folder / "state.safetensors")
        with torch.no_grad():
            for name, master, parameter in zip(self.names, self.master, self.model.parameters(), strict=True):
                master.copy_(tensors[f"master.{name}"])
                parameter.copy_(master)
                self.optimizer.state[master] = {k: tensors[f"{k}.{name}"] for k in ("exp_avg", "exp_avg_sq", "step")}
        self.step_count, self.seconds, self.tokens = progress["step"], progress["seconds"], progress["tokens"]
        return True


def train(config: Config, recipes: Sequence[Recipe], out: Path, kind: type[Batches] = Batches) -> None:
    """Run until the time is up; see the module's text for what is written."""
    out.mkdir(parents=True, exist_ok=True)
    batches = kind.prepare(config, recipes, out / "tokenizer.model")
    trainer = Trainer(config, batches.vocabulary)
    resumed = trainer.resume(out / "checkpoint")
    size = sum(p.numel() for p in trainer.master)
    print(f"{size / 1e6:.1f}M parameters, {batches.vocabulary} pieces, {'resumed' if resumed else 'new'}", flush=True)
    saved = last = time.monotonic()
    with (out / "loss.csv").open("a" if resumed else "w") as log:
        while trainer.seconds < config.minutes * 60:
            loss = trainer.step(batches.draw(trainer.step_count))
            now = time.monotonic()
            trainer.seconds += now - last
            last = now
            if trainer.step_count % 10 == 0:
                rate = trainer.tokens / trainer.seconds
                print(f"{trainer.step_count},{trainer.seconds:.0f},{trainer.tokens},{loss:.4f}", file=log, flush=True)
                print(
                    f"step {trainer.step_count} {trainer.seconds:.0f}s {rate:.0f} tokens/s loss {loss:.4f}", flush=True
                )
            if now - saved > config.checkpoint_minutes * 60:
                trainer.save(out / "checkpoint")
                export(trainer, out)
                print(f"checkpoint at step {trainer.step_count}", flush=True)
                saved = now
    trainer.save(out / "checkpoint")
    export(trainer, out)
    plot(out)


def export(trainer: Trainer, out: Path) -> None:
    """Write the master weights as a Hugging Face folder with its tokenizer."""
    model = new_model(trainer.config, trainer.model.config.vocab_size)
    with torch.no_grad():
        for parameter, master in zip(model.parameters(), trainer.master, strict=True):
            parameter.copy_(master)
    with replace_folder(out / "model") as new:
        model.save_pretrained(new)
        (new / "tokenizer.model").write_bytes((out / "tokenizer.model").read_bytes())
        (new / "tokenizer_config.json").write_text(json.dumps(tokenizer.HF_CONFIG, indent=2))


def plot(out: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [tuple(map(float, line.split(","))) for line in (out / "loss.csv").read_text().splitlines()]
    figure, axes = pyplot.subplots(figsize=(7, 4))
    axes.plot([row[2] / 1e6 for row in rows], [row[3] for row in rows], linewidth=0.8)
    axes.set(xlabel="tokens (millions)", ylabel="weighted loss (nats a token)", yscale="log", title="Embedded model")
    figure.tight_layout()
    figure.savefig(out / "loss.png", dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("build/embedded"))
    arguments = parser.parse_args()
    train(Config(**tomllib.loads(arguments.config.read_text("utf-8"))), corpus.taught(), arguments.out)


if __name__ == "__main__":
    main()
