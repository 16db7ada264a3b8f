"""Every option of every training stage, declared once: the command line, the TOML files and the stages read it here.

Nothing heavy is imported, so that ``luau-lsp-ai train --help`` is fast.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


NOWHERE = Path()  # a folder that was not given


class StageError(Exception):
    """A stage that can't go on; the message is one sentence for the user that says what to do."""


def option(default: Any, help: str, least: float | None = None, most: float | None = None, count: int = 0) -> Any:
    """A field of a stage's options. ``least`` and ``most`` bound a number; ``count`` is how many texts a list has."""
    return dataclasses.field(default=default, metadata={"help": help, "least": least, "most": most, "count": count})


Protocol = Literal["openai", "anthropic"]


@dataclass(frozen=True)
class Stage:
    """What all stages share."""

    out: Path = option(NOWHERE, "The folder to write; a run that was stopped goes on where it was.")
    force: bool = option(False, "Overwrite the folder.")


@dataclass(frozen=True)
class Collect(Stage):
    """Scripts from a folder, JSONL or Parquet files, or a dataset of the hub: good ones, each once."""

    source: str = option("", "A folder of scripts, a .jsonl or .parquet file (* stands for several), or owner/dataset.")
    split: str = option("train", "The split of a hub dataset.")
    text_column: str = option("", "The column with the script; found by its name where it is not given.")
    project_column: str = option("", "The column with the project; found by its name where it is not given.")
    licence_column: str = option("", "The column with the licence; found by its name where it is not given.")
    licences: tuple[str, ...] = option((), "Keep only these licences, such as mit; all where there is none.")
    limit: int = option(0, "Read at most so many scripts; 0 is all.", 0)
    least_lines: int = option(12, "Shorter scripts are dropped.", 1)
    most_bytes: int = option(24_000, "Longer scripts are dropped: 24,000 bytes are about 8,000 tokens.", 100)
    least_functions: int = option(1, "Scripts with fewer functions are dropped.", 0)
    least_comments: float = option(0.01, "Share of lines with a comment, at least.", 0, 1)
    most_comments: float = option(0.6, "Share of lines with a comment, at most.", 0, 1)
    least_signals: int = option(2, "Different signs of the Roblox API (services, events, classes), at least.", 0)
    similarity: float = option(0.8, "Scripts are near-duplicates from this Jaccard similarity on.", 0.5, 0.95)
    workers: int = option(1, "Processes that read.", 1)


@dataclass(frozen=True)
class Endpoint:
    """A model behind a server, and what may be spent on it."""

    protocol: Protocol = option("openai", "What the server speaks.")
    endpoint: str = option("", "Address of the server, such as http://127.0.0.1:8000/v1.")
    model: str = option("", "The model's name on the server.")
    key_variable: str = option("", "The environment variable that holds the API key.")
    concurrency: int = option(8, "Requests in flight.", 1)
    timeout: float = option(120.0, "Seconds that an answer may take.", 0.1)
    retries: int = option(3, "So many more attempts when the server fails or is busy.", 0)
    input_price: float = option(-1.0, "Dollars for a million tokens read; 0 where it is free.", -1)
    output_price: float = option(-1.0, "Dollars for a million tokens written; 0 where it is free.", -1)
    most_dollars: float = option(0.0, "Stop before a stage that may cost more than this.", 0)
    cache: str = option("", "The file of all answers, so that nothing is paid twice; one for all runs by default.")


@dataclass(frozen=True)
class Label(Endpoint, Stage):
    """A description for each script, as someone would ask for it (reverse labelling)."""

    input: Path = option(NOWHERE, "The folder that `collect` wrote.")
    limit: int = option(0, "Label at most so many scripts; 0 is all.", 0)
    attempts: int = option(3, "Ask so often before a script without a usable description is set aside.", 1)


@dataclass(frozen=True)
class Filter(Stage):
    """Only what the scorers find good."""

    input: Path = option(NOWHERE, "The folder that `label` or `collect` wrote.")
    threshold: float = option(0.75, "The least composite score of a collected script.", 0, 1)
    gold: bool = option(True, "Add the gold tasks.")
    gold_threshold: float = option(0.80, "The least composite score of a gold script.", 0, 1)
    workers: int = option(1, "Processes that score.", 1)


@dataclass(frozen=True)
class Split(Stage):
    """Train, validation and test, so that no project and no near-duplicate is on two sides."""

    input: Path = option(NOWHERE, "The folder that `filter` wrote.")
    validation: float = option(0.05, "Share of the scripts for validation.", 0, 0.5)
    test: float = option(0.05, "Share of the scripts for the test.", 0, 0.5)
    similarity: float = option(0.6, "Scripts this similar stay together.", 0.5, 0.95)
    seed: int = option(7, "Another seed deals the scripts out in another way.", 0)


@dataclass(frozen=True)
class ReportOptions(Stage):
    """Counts, lengths, scores and rules of a data folder, as Markdown with plots."""

    input: Path = option(NOWHERE, "The folder of any data stage.")


@dataclass(frozen=True)
class Tuning(Stage):
    """What supervised and reinforcement training share: the base, its quantization, the adapter, the optimizer."""

    base: str = option("mistralai/Mistral-7B-Instruct-v0.3", "The base model: a folder or a name on the hub.")
    adapter: str = option("", "The folder of an adapter to go on from; a new one otherwise.")
    quantized: bool = option(True, "Hold the base in 4 bits (NF4, double quantization): QLoRA.")
    rank: int = option(64, "LoRA's rank.", 1)
    alpha: int = option(128, "LoRA's alpha; updates are scaled by alpha / rank.", 1)
    dropout: float = option(0.05, "LoRA's dropout.", 0, 0.9)
    targets: tuple[str, ...] = option(
        ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"), "Modules that are adapted."
    )
    batch: int = option(1, "Sequences a step and device.", 1)
    accumulation: int = option(8, "Steps whose gradients are summed before the weights change.", 1)
    warmup: float = option(0.03, "Share of the steps in which the learning rate rises.", 0, 1)
    max_length: int = option(8192, "The most tokens of prompt and script together.", 16)
    attention: Literal["auto", "sdpa", "flash_attention_2"] = option("auto", "Flash attention where there is any.")
    report_to: Literal["none", "tensorboard", "wandb"] = option("none", "Where the curves go besides curves.png.")
    checkpoint_minutes: float = option(10.0, "Minutes after which a checkpoint is written.", 0)
    held_out: str = option("", 'Problems to measure by while training: "evaluation", "gold" or a JSONL file of rows.')
    held_out_most: int = option(20, "So many of them.", 1)
    answer_tokens: int = option(1024, "The most tokens of an answer that is measured.", 1)
    seed: int = option(7, "The same seed gives the same order and the same dropout.", 0)


@dataclass(frozen=True)
class Sft(Tuning):
    """Supervised fine-tuning: QLoRA on pairs of a request and its script; the loss is on the script alone."""

    train: tuple[str, ...] = option((), "JSONL files of rows to train on, such as train.jsonl of `data split`.")
    validation: str = option("", "JSONL file of rows whose loss is measured, such as validation.jsonl.")
    epochs: float = option(3.0, "Passes over the rows.", 0.001)
    learning_rate: float = option(2e-4, "The highest learning rate.", 0)
    packing: bool = option(True, "Several pairs in one sequence, none of which sees the others.")
    liger: bool = option(True, "Liger kernels where they are installed and there is a GPU.")


@dataclass(frozen=True)
class Sampling:
    """How a model's answers to problems are drawn."""

    temperature: float = option(0.8, "How far answers may differ.", 0, 2)
    top_p: float = option(0.95, "Only the likeliest tokens, up to this share of the probability.", 0.01, 1)
    answer_tokens: int = option(1024, "The most tokens of an answer.", 1)
    in_flight: int = option(16, "Requests in flight, where the model is behind a server.", 1)
    server_key: str = option("", "The environment variable that holds the API key of the model's server.")


@dataclass(frozen=True)
class Evaluate(Sampling, Stage):
    """Models side by side over the evaluation tasks, or any other problems."""

    model: tuple[str, ...] = option((), "A GGUF file, a folder of a model or an adapter, or ADDRESS#NAME of a server.")
    compare: tuple[str, ...] = option((), "Two models, the second against the first.", count=2)
    problems: str = option("evaluation", '"evaluation", "gold" or a JSONL file of rows.')
    most: int = option(0, "So many problems; 0 is all.", 0)
    samples: int = option(1, "Answers to each problem: one is the likeliest, several are drawn.", 1)
    compiler: bool = option(True, "Let the official compiler say what parses; it needs Node.js.")
    same_scorer: tuple[str, ...] = option(
        ("filter", "reward"), "What else these scorers decided about the models; the report says so."
    )
    seed: int = option(7, "Seed of the drawing and of the bootstrap.", 0)


@dataclass(frozen=True)
class Rft(Sampling, Endpoint, Sft):
    """Rejection sampling fine-tuning: draw candidates, keep the best, train on them with the SFT data, repeat."""

    problems: str = option("gold", 'What is drawn for: "gold" or a JSONL file of rows with requests.')
    sampler: str = option("", "Who draws: a GGUF file or ADDRESS#NAME of a server; the adapter itself by default.")
    candidates: int = option(4, "Candidates for each problem.", 1)
    keep: float = option(0.70, "The best candidate is kept from this reward on.", 0, 1)
    judge: bool = option(False, "A judge behind --endpoint takes the place of the problems' own checks.")
    judge_samples: int = option(3, "Verdicts of the judge for each candidate.", 1)
    rounds: int = option(3, "Rounds at most.", 1)
    least_gain: float = option(0.005, "Stop when the held-out score rises by less than this.", 0)


@dataclass(frozen=True)
class Grpo(Sampling, Tuning):
    """Group relative policy optimization (Shao et al. 2024) with the reward of RFT, without a judge."""

    problems: str = option("gold", 'What is learned on: "gold" or a JSONL file of rows with requests.')
    group: int = option(8, "Answers to each problem, whose rewards are compared.", 2)
    steps: int = option(200, "Steps of the optimizer.", 1)
    learning_rate: float = option(1e-5, "The highest learning rate.", 0)
    kl: float = option(0.02, "What straying from the first adapter costs (beta).", 0)


T = TypeVar("T", bound=Stage)


def fields(options: type[Stage]) -> dict[str, tuple[dataclasses.Field[Any], Any]]:
    """Each option with its type, the stage's own first."""
    hints = get_type_hints(options)
    own = [field for field in dataclasses.fields(options) if field.name not in _SHARED]
    shared = [field for field in dataclasses.fields(options) if field.name in _SHARED]
    return {field.name: (field, hints[field.name]) for field in [*own, *shared]}


_SHARED = {field.name for field in dataclasses.fields(Stage)}


def read(options: type[T], config: Path | None = None, given: Mapping[str, Any] | None = None) -> T:
    """The options of a stage: what is ``given``, else what the TOML file says, else the default.

    Paths in the file are relative to the working directory. Raises StageError where a value can't be used.
    """
    values = {**(_toml(config) if config else {}), **(given or {})}
    known = fields(options)
    for name in values:
        if name not in known:
            place = f"{config}: " if config else ""
            raise StageError(f"{place}there is no option {name!r}; there are {', '.join(known)}.")
    made = {name: _fit(name, value, *known[name]) for name, value in values.items()}
    stage = options(**made)
    for name in ("input", "out"):
        if name in known and getattr(stage, name) == NOWHERE:
            raise StageError(f"Say which folder: --{name} is missing.")
    return stage


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise StageError(f"{path} can't be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StageError(f"{path} is not TOML: {error}.") from None


def _fit(name: str, value: Any, field: dataclasses.Field[Any], hint: Any) -> Any:
    def fail(wanted: str) -> StageError:
        return StageError(f"{name} is {value!r}; it must be {wanted}.")

    if get_origin(hint) is tuple:
        if isinstance(value, str) or not all(isinstance(each, str) for each in value):
            raise fail("a list of texts")
        if len(value) not in (0, field.metadata["count"] or len(value)):
            raise fail(f"{field.metadata['count']} texts")
        return tuple(value)
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise fail("one of " + ", ".join(get_args(hint)))
        return value
    if hint is Path and isinstance(value, (str, Path)):
        return Path(value)
    if hint is float and type(value) is int:
        value = float(value)
    if type(value) is not hint:
        raise fail({int: "a whole number", float: "a number", bool: "true or false"}.get(hint, "a text"))
    least, most = field.metadata["least"], field.metadata["most"]
    if (least is not None and value < least) or (most is not None and value > most):
        raise fail(f"at least {least}" if most is None else f"from {least} to {most}")
    return value


def plain(stage: Stage) -> dict[str, Any]:
    """The options as JSON takes them."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in dataclasses.asdict(stage).items()}
