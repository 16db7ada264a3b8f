"""Supervised fine-tuning of an adapter.

    luau-lsp-ai train sft --config training/luau_training/configs/sft.toml --train data/train.jsonl --out runs/sft

Writes ``adapter/`` (the best checkpoint by the held-out score), ``curves.png`` and a manifest.
"""

from __future__ import annotations

import resource
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig
from trl import SFTConfig, SFTTrainer

from .base_model import is_sharded, load_adapted, load_tokenizer
from .estimate import estimate, free_memory, measured_flops, shape_of
from .options import Sft, StageError
from .pairs import check_files, dataset_of, encoded_problems, encoded_rows
from .problems import Problem, load_problems
from .training_run import (
    faults_told,
    finish,
    held_out_score,
    last_checkpoint,
    open_for_all,
    processes,
    shared_arguments,
    watch,
)

_CURVES = ("loss", "eval_loss", "eval_score")


def sft(options: Sft) -> None:
    """Train, or go on from the last checkpoint. Raises StageError where that can't be."""
    files = [*options.train, *([options.validation] if options.validation else [])]
    check_files(files)
    problems = load_problems(options.held_out, options.held_out_most) if options.held_out else []
    tokenizer = load_tokenizer(options.base)
    run = open_for_all("sft", options)
    train, validation = _datasets(options, tokenizer, problems, run.path)
    if processes().is_main_process:
        print(_expected(options, train), flush=True)
    with faults_told(run.path):
        trainer = _trainer(options, tokenizer, train, validation, problems, run.path)
        done = trainer.train(resume_from_checkpoint=last_checkpoint(run.path))
        trainer.save_model(str(run.path / "adapter"))
    finish(run, options, trainer, files, _CURVES, _figures(trainer, done.metrics, len(train)))


class ScoredTrainer(SFTTrainer):  # type: ignore[misc]
    """Measures by generating and scoring, too: ``eval_score`` is the mean reward over the held-out problems."""

    problems: Sequence[Problem] = ()
    options: Sft

    def evaluate(self, *arguments: Any, **given: Any) -> dict[str, float]:
        metrics: dict[str, float] = super().evaluate(*arguments, **given)
        if self.problems:
            score = held_out_score(self.model, self.processing_class, self.problems, self.options)
            metrics["eval_score"] = score
            self.log({"eval_score": score})
        return metrics


def _datasets(options: Sft, tokenizer: Any, problems: Sequence[Problem], out: Path) -> tuple[Any, Any]:
    given = {"tokenizer": tokenizer, "max_length": options.max_length}
    with processes().main_process_first():
        train = dataset_of(encoded_rows, out / "tokens", "The training set", files=list(options.train), **given)
        if options.validation:
            what = "The validation set"
            return train, dataset_of(encoded_rows, out / "tokens", what, files=[options.validation], **given)
        if any(problem.reference for problem in problems):
            pairs = partial(encoded_problems, tokenizer, problems, options.max_length)
            return train, dataset_of(pairs, out / "tokens", "The held-out set")
    return train, None


def _trainer(
    options: Sft, tokenizer: Any, train: Any, validation: Any, problems: Sequence[Problem], out: Path
) -> ScoredTrainer:
    scored = bool(problems) and not is_sharded()  # sharded weights can't generate
    measured = validation is not None
    arguments = SFTConfig(
        **shared_arguments(options, out),
        num_train_epochs=options.epochs,
        learning_rate=options.learning_rate,
        max_length=options.max_length,
        packing=options.packing,
        eval_packing=False,
        use_liger_kernel=options.liger and torch.cuda.is_available() and find_spec("liger_kernel") is not None,
        per_device_eval_batch_size=options.batch,
        eval_strategy="epoch" if measured else "no",
        eval_on_start=measured,
        save_strategy="epoch",
        load_best_model_at_end=measured,
        metric_for_best_model="eval_score" if scored else "eval_loss" if measured else None,
        greater_is_better=scored if measured else None,
    )
    trainer = ScoredTrainer(
        model=load_adapted(options),
        args=arguments,
        train_dataset=train,
        eval_dataset=validation,
        processing_class=tokenizer,
    )
    trainer.problems, trainer.options = (problems if scored else ()), options
    watch(trainer, options, out)
    return trainer


def _expected(options: Sft, train: Any) -> str:
    """The estimate, in a sentence."""
    lengths = [len(ids) for ids in train["input_ids"]]
    try:
        shape = shape_of(AutoConfig.from_pretrained(options.base), options)
    except (OSError, ValueError, AttributeError) as error:
        raise StageError(f"The base model {options.base} can't be read ({error}): check --base.") from None
    several = processes().num_processes
    expected = estimate(shape, options, sum(lengths), max(lengths), several, measured_flops())
    return f"{len(lengths):,} pairs of {sum(lengths):,} tokens; {expected.sentence(free_memory())}"


def _figures(trainer: ScoredTrainer, metrics: dict[str, float], rows: int) -> dict[str, Any]:
    history = trainer.state.log_history
    tokens = next((entry["num_tokens"] for entry in reversed(history) if "num_tokens" in entry), 0)
    return {
        "pairs": rows,
        "tokens": int(tokens),
        "tokens a second": round(tokens / max(1e-9, metrics["train_runtime"]), 1),
        "train loss": round(metrics["train_loss"], 4),
        "best checkpoint": Path(trainer.state.best_model_checkpoint or "none").name,
        "best value": trainer.state.best_metric,
        "peak memory, GB": round(_peak_memory() / 1e9, 2),
        "log": [
            {k: v for k, v in entry.items() if k in ("step", "loss", "eval_loss", "eval_score")} for entry in history
        ],
    }


def _peak_memory() -> float:
    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
