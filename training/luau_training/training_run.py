"""What supervised and reinforcement training have in common: checkpoints, curves, faults told in a sentence."""

from __future__ import annotations

import json
import math
import shutil
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import gather_object
from transformers import PrinterCallback, TrainerCallback

from .options import StageError, Tuning
from .precision import number_type
from .problems import Problem
from .reward import reward
from .run_folder import RunFolder, file_hash, open_run
from .sampling import answers_of


def processes() -> PartialState:
    """Those that train together; one where nobody launched several."""
    return PartialState(cpu=not torch.cuda.is_available())


def open_for_all(stage: str, options: Tuning) -> RunFolder:
    """``open_run`` where several processes train: the first makes the folder, the others find it."""
    if options.report_to != "none" and find_spec(options.report_to) is None:
        raise StageError(f"{options.report_to} is not installed: pip install {options.report_to}, or --report-to none.")
    quiet()
    state = processes()
    with state.main_process_first():
        return open_run(stage, options if state.is_main_process else replace(options, force=False))


def quiet() -> None:
    """Leave out bars of work that takes a second, and warnings that the libraries give of each other."""
    import datasets
    from transformers.utils import logging

    datasets.disable_progress_bars()
    logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")


def shared_arguments(options: Tuning, out: Path) -> dict[str, Any]:
    """What both trainers are told."""
    return {
        "output_dir": str(out / "checkpoints"),
        "per_device_train_batch_size": options.batch,
        "gradient_accumulation_steps": options.accumulation,
        "lr_scheduler_type": "cosine",
        "warmup_steps": options.warmup if options.warmup < 1 else 0.99,
        "bf16": number_type() is torch.bfloat16,
        "use_cpu": not torch.cuda.is_available(),
        "activation_checkpointing": True,
        "activation_checkpointing_kwargs": {"use_reentrant": False},
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": options.report_to,
        "save_total_limit": 2,
        "dataloader_pin_memory": torch.cuda.is_available(),
        "disable_tqdm": True,
        "seed": options.seed,
        "ddp_find_unused_parameters": False,
    }


def last_checkpoint(out: Path) -> str | None:
    """The newest whole checkpoint; what a kill left half-written is removed. The state is what is written last."""
    found = sorted((out / "checkpoints").glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    while found:
        try:
            json.loads((found[-1] / "trainer_state.json").read_text("utf-8"))
            return str(found[-1])
        except (OSError, json.JSONDecodeError):
            if processes().is_main_process:
                shutil.rmtree(found[-1], ignore_errors=True)
            found.pop()
    return None


@contextmanager
def faults_told(out: Path) -> Iterator[None]:
    """Running out of memory as a sentence."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if not isinstance(error, (torch.OutOfMemoryError, MemoryError)) and "alloc" not in str(error):
            raise
        raise StageError(
            "Memory ran out: lower --max-length first, then --batch or --rank; the checkpoints so far are in "
            f"{out / 'checkpoints'}."
        ) from error


class Watch(TrainerCallback):
    """Stops at a loss that is no number, saves a checkpoint every few minutes, prints the log as it comes."""

    def __init__(self, options: Tuning, out: Path) -> None:
        self._seconds = options.checkpoint_minutes * 60
        self._saved = time.monotonic()
        self._out = out

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(float(loss)):
            raise StageError(
                f"The loss is {loss} at step {state.global_step}: lower --learning-rate and begin again with another "
                f"--out; the checkpoints before it are in {self._out / 'checkpoints'}."
            )
        if state.is_world_process_zero and logs:
            shown = {k: logs[k] for k in ("loss", "eval_loss", "eval_score", "reward", "score") if k in logs}
            figures = ", ".join(f"{name} {float(value):.4f}" for name, value in shown.items())
            if figures:
                print(f"step {state.global_step} of {state.max_steps}: {figures}", flush=True)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if time.monotonic() - self._saved >= self._seconds:
            self._saved = time.monotonic()
            control.should_save = True


def watch(trainer: Any, options: Tuning, out: Path) -> None:
    """Give the trainer our callback in the place of the one that prints dictionaries."""
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(Watch(options, out))


def held_out_score(model: Any, tokenizer: Any, problems: Sequence[Problem], options: Tuning) -> float:
    """The mean reward of greedy answers, from all processes; they share the problems out."""
    state = processes()
    own = problems[state.process_index :: state.num_processes]
    answers = answers_of(model, tokenizer, [problem.messages for problem in own], options.answer_tokens)
    rewards = [reward(answer, problem).total for answer, problem in zip(answers, own, strict=True)]
    everybody: list[float] = gather_object(rewards)
    return sum(everybody) / max(1, len(everybody))


def finish(
    run: RunFolder,
    options: Tuning,
    trainer: Any,
    files: Sequence[str],
    curves: Sequence[str],
    figures: dict[str, Any],
) -> None:
    """Plot what was logged and write the manifest, in the first process alone. ``files`` were trained on."""
    if not trainer.is_world_process_zero():
        return
    plot_curves(trainer.state.log_history, curves, run.path)
    inputs = {file: file_hash([Path(file)]) for file in files}
    if options.adapter:
        inputs[options.adapter] = file_hash([Path(options.adapter) / "adapter_model.safetensors"])
    run.finish(inputs, {"steps": trainer.state.global_step, **figures})


def plot_curves(history: Sequence[dict[str, Any]], names: Sequence[str], out: Path) -> None:
    """``curves.png``: each figure of the log over the steps."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    there = [name for name in names if any(name in entry for entry in history)]
    figure, plots = pyplot.subplots(1, max(1, len(there)), figsize=(5 * max(1, len(there)), 3.5), squeeze=False)
    for axes, name in zip(plots[0], there, strict=False):
        points = [(entry["step"], entry[name]) for entry in history if name in entry]
        axes.plot(
            [step for step, _ in points], [value for _, value in points], marker="." if len(points) < 40 else None
        )
        axes.set(xlabel="step", title=name.replace("_", " "))
    figure.tight_layout()
    figure.savefig(out / "curves.png", dpi=110)
    pyplot.close(figure)
