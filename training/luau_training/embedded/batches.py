"""Batches for the trainer: pairs of the recipes as token ids with a weight for each token's loss."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from luau_model import prompt
from luau_model.values import Lexicon, put_aside

from . import corpus, tokenizer
from .corpus import Pair
from .recipe import Recipe

if TYPE_CHECKING:
    from .pretrain import Config

# Batches are cut from a pool of pairs sorted by length, so that little of them is padding.
POOL = 16
_TOKENIZER_PAIRS = 12_000


@dataclass(frozen=True, slots=True)
class Batch:
    """``ids`` and ``mask`` are (pairs, length); ``weights`` likewise, 0 where a token's loss does not count."""

    ids: torch.Tensor
    mask: torch.Tensor
    weights: torch.Tensor


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the model is to learn from one pair. ``spans`` are ranges of ``script``, in characters, that follow from the
    request: its values, and the lines that its options decide.
    """

    request: str
    plan: str
    script: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids with a weight each."""

    ids: list[int]
    weights: list[float]


class Batches:
    """The same seed and step give the same batch, so that a resumed run sees what it would have seen."""

    def __init__(self, config: Config, recipes: Sequence[Recipe], lexicon: Lexicon, tokenizer_path: Path) -> None:
        self.config = config
        self.recipes = recipes
        self.lexicon = lexicon
        self.pieces = tokenizer.load(tokenizer_path)
        self.vocabulary: int = self.pieces.vocab_size()
        self.special = {text: self.pieces.piece_to_id(text) for text in (tokenizer.INST, tokenizer.END_INST)}
        self._pool_index = -1
        self._pool: list[Batch] = []

    @classmethod
    def prepare(cls, config: Config, recipes: Sequence[Recipe], tokenizer_path: Path) -> Batches:
        """Train the tokenizer on the recipes where it is missing."""
        lexicon = corpus.lexicon_of(recipes)
        if not tokenizer_path.exists():
            rng = random.Random(config.seed)
            pairs = [corpus.draw(rng, rng.choice(recipes), "train") for _ in range(_TOKENIZER_PAIRS)]
            lessons = [lesson(pair, lexicon) for pair in pairs]
            texts = [text for task in lessons for text in (task.request, task.plan + task.script)]
            tokenizer.train(texts, config.vocabulary, tokenizer_path)
        return cls(config, recipes, lexicon, tokenizer_path)

    def draw(self, step: int) -> Batch:
        """The batch of one step."""
        index, offset = divmod(step, POOL)
        if index != self._pool_index:
            self._pool = self._fill(random.Random(f"{self.config.seed}/{index}"))
            self._pool_index = index
        return self._pool[offset]

    def _fill(self, rng: random.Random) -> list[Batch]:
        sequences: list[Encoded] = []
        tokens = 0
        while tokens < POOL * self.config.batch_tokens:
            sequence = self.sequence(rng)
            if len(sequence.ids) <= self.config.context:
                sequences.append(sequence)
                tokens += len(sequence.ids)
        sequences.sort(key=lambda sequence: len(sequence.ids))
        groups: list[list[Encoded]] = [[] for _ in range(POOL)]
        at, share = 0, tokens / POOL
        used = 0
        for sequence in sequences:
            groups[at].append(sequence)
            used += len(sequence.ids)
            if used >= share * (at + 1) and at < POOL - 1:
                at += 1
        batches = [_pad(group) for group in groups if group]
        while len(batches) < POOL:
            batches.append(batches[0])
        rng.shuffle(batches)
        return batches

    def sequence(self, rng: random.Random) -> Encoded:
        """What is learned from one pair."""
        pair = corpus.draw(rng, rng.choice(self.recipes), "train")
        return self.encode(lesson(pair, self.lexicon))

    def encode(self, task: Lesson) -> Encoded:
        """<s>[INST]request[/INST]plan, script</s>; what follows from the request weighs more, the request little."""
        (message,) = prompt.compact(task.request)
        request = self.pieces.encode(message.content)
        plan = self.pieces.encode(task.plan)
        ids = [self.pieces.bos_id(), self.special[tokenizer.INST], *request, self.special[tokenizer.END_INST], *plan]
        weights = [0.0, 0.0, *[self.config.request_weight] * len(request), 0.0, *[1.0] * len(plan)]
        encoded = self.pieces.encode(task.script, return_type="offset_mapping")
        ids += encoded["ids"]
        for first, last in encoded["offsets"]:
            decided = any(first < end and begin < last for begin, end in task.spans)
            weights.append(self.config.decided_weight if decided else 1.0)
        return Encoded([*ids, self.pieces.eos_id()], [*weights, 1.0])


def lesson(pair: Pair, lexicon: Lexicon) -> Lesson:
    """The pair as the model sees it, with the request's values put aside in both texts."""
    request, aside = put_aside(pair.request, lexicon)
    placeholders = {value: name for name, value in aside.items()}
    script, spans, at = "", [], 0
    for start, stop in pair.spans:
        script += pair.script[at:start]
        value = pair.script[start:stop]
        shown = placeholders.get(value, value)
        spans.append((len(script), len(script) + len(shown)))
        script += shown
        at = stop
    values = {slot: placeholders.get(value.code, value.text.replace(" ", "_")) for slot, value in pair.values}
    plan = prompt.plan(pair.recipe, pair.options, values)
    script += pair.script[at:]
    starts = [0, *(found.end() for found in re.finditer("\n", script)), len(script)]
    spans += [(starts[line], starts[line + 1]) for line in pair.decided]
    return Lesson(request, plan, script, tuple(spans))


def _pad(group: Sequence[Encoded]) -> Batch:
    length = max(len(sequence.ids) for sequence in group)
    ids = torch.zeros(len(group), length, dtype=torch.long)
    mask = torch.zeros(len(group), length, dtype=torch.long)
    weights = torch.zeros(len(group), length)
    for row, sequence in enumerate(group):
        count = len(sequence.ids)
        ids[row, :count] = torch.tensor(sequence.ids)
        mask[row, :count] = 1
        weights[row, :count] = torch.tensor(sequence.weights)
    return Batch(ids, mask, weights)
