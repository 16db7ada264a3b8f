"""Group relative policy optimization of an adapter with the reward that RFT has.

    luau-lsp-ai train grpo --config training/luau_training/configs/grpo.toml --adapter runs/rft/adapter --out runs/grpo

Writes ``adapter/``, ``curves.png`` and a manifest. Answers are drawn by transformers, in this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from .base_model import load_adapted, load_tokenizer
from .options import Grpo, StageError
from .pairs import chat
from .problems import Problem, load_problems
from .reward import reward
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

_CURVES = ("reward", "reward_std", "completions/mean_length", "kl")


def grpo(options: Grpo) -> None:
    """Train, or go on from the last checkpoint. Raises StageError where that can't be."""
    problems = load_problems(options.problems)
    if any(problem.checks is None for problem in problems):
        raise StageError(f"{options.problems} has problems without checks of their own, so there is nothing to reward.")
    if (options.batch * options.accumulation * processes().num_processes) % options.group:
        raise StageError(
            f"--batch {options.batch} times --accumulation {options.accumulation} must be a multiple of "
            f"--group {options.group}: a group is compared within one step."
        )
    held_out = load_problems(options.held_out, options.held_out_most) if options.held_out else []
    tokenizer = load_tokenizer(options.base)
    run = open_for_all("grpo", options)
    with faults_told(run.path):
        trainer = _trainer(options, tokenizer, problems, run.path)
        before = held_out_score(trainer.model, tokenizer, held_out, options) if held_out else None
        trainer.train(resume_from_checkpoint=last_checkpoint(run.path))
        trainer.save_model(str(run.path / "adapter"))
        after = held_out_score(trainer.model, tokenizer, held_out, options) if held_out else None
    rewards = [entry["reward"] for entry in trainer.state.log_history if "reward" in entry]
    figures = {"rewards": rewards, "held-out before": before, "held-out after": after}
    finish(run, options, trainer, (), _CURVES, figures)


def rewards_of(problems: Sequence[Problem]) -> Any:
    """The reward as trl calls it; a problem is found by its number in the column ``problem``."""

    def scored(completions: Sequence[Any], problem: Sequence[int], **_: Any) -> list[float]:
        texts = [completion[0]["content"] for completion in completions]
        return [reward(text, problems[number]).total for text, number in zip(texts, problem, strict=True)]

    return scored


def _trainer(options: Grpo, tokenizer: Any, problems: Sequence[Problem], out: Path) -> Any:
    rows = [{"prompt": chat(problem.messages), "problem": number} for number, problem in enumerate(problems)]
    arguments = GRPOConfig(
        **shared_arguments(options, out),
        max_steps=options.steps,
        learning_rate=options.learning_rate,
        num_generations=options.group,
        max_completion_length=options.answer_tokens,
        temperature=options.temperature,
        top_p=options.top_p,
        beta=options.kl,
        save_strategy="steps",
        save_steps=max(1, options.steps // 10),
    )
    trainer = GRPOTrainer(
        model=load_adapted(options),
        reward_funcs=rewards_of(problems),
        args=arguments,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )
    watch(trainer, options, out)
    return trainer
