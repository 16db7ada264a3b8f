"""Batches for the trainer: pairs of the recipes as token ids with a weight for each token's loss."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from luau_model import prompt
from luau_model.known import NEAREST

from . import classifier, corpus, tokenizer, words
from .corpus import Pair
from .recipe import Recipe, load_all

if TYPE_CHECKING:
    from .pretrain import Config

# Batches are cut from a pool of pairs sorted by length, so that little of them is padding.
POOL = 16
_TOKENIZER_PAIRS = 12_000
_COPY_LINES = (
    'local part = workspace:WaitForChild("{}")\n',
    'local NAME = "{}"\n',
    "local AMOUNT = {}\n",
    'stat.Name = "{}"\n',
    'local item = ServerStorage:FindFirstChild("{}")\n',
    "local SECONDS = {}\n",
    'sound.SoundId = "rbxassetid://{}"\n',
)
_COPY_WORDS = (
    "copy a the to with named and when of for touch every seconds part player in gives on is that called".split()
)


@dataclass(frozen=True, slots=True)
class Batch:
    """``ids`` and ``mask`` are (pairs, length); ``weights`` likewise, 0 where a token's loss does not count."""

    ids: torch.Tensor
    mask: torch.Tensor
    weights: torch.Tensor


@dataclass(frozen=True, slots=True)
class _Sequence:
    ids: list[int]
    weights: list[float]


class Batches:
    """The same seed and step give the same batch, so that a resumed run sees what it would have seen."""

    def __init__(self, config: Config, recipes: Sequence[Recipe], tokenizer_path: Path) -> None:
        self.config = config
        self.recipes = recipes
        self.pieces = tokenizer.load(tokenizer_path)
        self.vocabulary: int = self.pieces.vocab_size()
        self.special = {text: self.pieces.piece_to_id(text) for text in (tokenizer.INST, tokenizer.END_INST)}
        folds = range(classifier.FOLDS)
        self._judges = [classifier.train(recipes, config.seed, fold) for fold in folds]
        self._pool_index = -1
        self._pool: list[Batch] = []

    @classmethod
    def prepare(cls, config: Config, tokenizer_path: Path) -> Batches:
        """Load the recipes that may be trained on; train the tokenizer on them where it is missing."""
        recipes = [recipe for recipe in load_all() if recipe.name not in corpus.UNKNOWN_RECIPES]
        if not tokenizer_path.exists():
            rng = random.Random(config.seed)
            pairs = [corpus.draw(rng, rng.choice(recipes), "train") for _ in range(_TOKENIZER_PAIRS)]
            names = (words.instance_name(rng) for _ in range(_TOKENIZER_PAIRS))
            hints = [recipe.name for recipe in recipes] * 100  # often enough to become one piece each
            texts = [text for pair in pairs for text in (pair.request, pair.script)]
            tokenizer.train([*texts, *names, *hints], config.vocabulary, tokenizer_path)
        return cls(config, recipes, tokenizer_path)

    def draw(self, step: int, minutes: float) -> Batch:
        """The batch of one step; ``minutes`` into the run decides how much is plain copying."""
        index, offset = divmod(step, POOL)
        if index != self._pool_index:
            self._pool = self._fill(random.Random(f"{self.config.seed}/{index}"), self._copy_share(minutes))
            self._pool_index = index
        return self._pool[offset]

    def _copy_share(self, minutes: float) -> float:
        """Copying alone teaches to carry a value from the request over; later it would only distract."""
        if minutes < self.config.copy_minutes:
            return 0.9
        return 0.08 if minutes < self.config.minutes / 2 else 0.0

    def _fill(self, rng: random.Random, copy_share: float) -> list[Batch]:
        sequences: list[_Sequence] = []
        tokens = 0
        while tokens < POOL * self.config.batch_tokens:
            sequence = self._sequence(rng, copy_share)
            if len(sequence.ids) <= self.config.context:
                sequences.append(sequence)
                tokens += len(sequence.ids)
        sequences.sort(key=lambda sequence: len(sequence.ids))
        groups: list[list[_Sequence]] = [[] for _ in range(POOL)]
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

    def _sequence(self, rng: random.Random, copy_share: float) -> _Sequence:
        if rng.random() < copy_share:
            return self.encode(copy_pair(rng))
        pair = corpus.draw(rng, rng.choice(self.recipes), "train")
        nearest: Sequence[str] = ()
        if rng.random() < self.config.hint_share:
            # by a classifier that never saw this phrasing: its mistakes are those that serving will see
            judge = self._judges[classifier.fold_of(pair.phrasing)]
            nearest = judge.nearest(pair.request, NEAREST)
        return self.encode(pair, nearest)

    def encode(self, pair: Pair, nearest: Sequence[str] = ()) -> _Sequence:
        """<s>[INST]nearest recipes, request[/INST]script</s>; slots weigh more, the prompt little."""
        (message,) = prompt.compact(pair.request, nearest)
        request = self.pieces.encode(message.content)
        ids = [self.pieces.bos_id(), self.special[tokenizer.INST], *request, self.special[tokenizer.END_INST]]
        weights = [0.0, 0.0, *[self.config.request_weight] * len(request), 0.0]
        encoded = self.pieces.encode(pair.script, return_type="offset_mapping")
        ids += encoded["ids"]
        for start, stop in encoded["offsets"]:
            in_slot = any(start < end and first < stop for first, end in pair.spans)
            weights.append(self.config.slot_weight if in_slot else 1.0)
        return _Sequence([*ids, self.pieces.eos_id()], [*weights, 1.0])


def copy_pair(rng: random.Random) -> Pair:
    """A request that only lists values, and lines that hold them."""
    script, spans = "", []
    said = ["copy"]
    for _ in range(rng.randint(1, 5)):
        value = str(rng.randint(0, 10 ** rng.randint(1, 8))) if rng.random() < 0.35 else words.instance_name(rng)
        said += [rng.choice(_COPY_WORDS) for _ in range(rng.randint(0, 3))] + [value]
        head, tail = rng.choice(_COPY_LINES).split("{}")
        spans.append((len(script) + len(head), len(script) + len(head) + len(value)))
        script += head + value + tail
    return Pair("copy", "copy", " ".join(said), script, (), tuple(spans))


def _pad(group: Sequence[_Sequence]) -> Batch:
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
