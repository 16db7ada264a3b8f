"""Train what tells a request's recipe, options and values apart (``luau_model.understanding`` serves it).

One net for the three, on pairs of the training split. Values go by the placeholders that stand for them; keys, colours
and other values of a list by where their text stands.
"""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from luau_model.features import BAG_BUCKETS, TOKEN_BUCKETS, of_bag, of_token, tokens, words
from luau_model.understanding import HEADS, MAX_TOKENS, TAPS, Columns, Outline, candidates
from luau_model.values import PLACEHOLDER, Lexicon, put_aside
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from . import corpus
from .corpus import Pair
from .outlines import outline_of
from .recipe import Recipe

# Of processor time of the thread that trains, for each net.
MINUTES = 12.0
WIDTH = 128
LAYERS = 2
BATCH = 128
RATE = 2e-3
# A word is left out of the request in this share of the cases, so that no phrasing is known by one word alone.
WORDS_DROPPED = 0.1


class Block(nn.Module):
    """One pre-norm transformer layer without a mask: every token sees every other."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(3 * WIDTH, WIDTH)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        rows, length, _ = x.shape
        qkv = self.qkv(self.norm1(x)).view(rows, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], attn_mask=mask[:, None, None, :])
        x = x + self.drop(self.out(seen.transpose(1, 2).reshape(rows, length, WIDTH)))
        out: Tensor = x + self.drop(self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh")))
        return out


class Net(nn.Module):
    """Logits of recipes, options and slots; ``slots`` are relative to "goes nowhere"."""

    def __init__(self, columns: Columns, recipes: int) -> None:
        super().__init__()
        self.token = nn.EmbeddingBag(TOKEN_BUCKETS, WIDTH, mode="sum")
        self.bag = nn.EmbeddingBag(BAG_BUCKETS, recipes, mode="sum")
        nn.init.normal_(self.token.weight, std=0.1)
        nn.init.zeros_(self.bag.weight)
        self.place = nn.Parameter(torch.randn(MAX_TOKENS, WIDTH) * 0.02)
        self.window = nn.Linear(TAPS * WIDTH, WIDTH)
        self.layers = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.recipe = nn.Linear(2 * WIDTH, recipes)
        self.option_name = nn.Linear(WIDTH, len(columns.option_kinds))
        self.option = nn.Linear(WIDTH, len(columns.options))
        self.option_pooled = nn.Linear(2 * WIDTH, len(columns.options))
        self.slot_name = nn.Linear(WIDTH, len(columns.slot_kinds))
        self.slot = nn.Linear(WIDTH, len(columns.slots))
        self.drop = nn.Dropout(0.2)
        self.option_names = torch.tensor(columns.option_names)
        self.slot_names = torch.tensor(columns.slot_names)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        mask = batch.mask
        rows, length = mask.shape
        x = self.drop(self.token(*batch.token).view(rows, length, WIDTH)) + self.place[:length]
        x = x * mask[..., None]
        padded = F.pad(x, (0, 0, TAPS // 2, TAPS // 2))
        window = torch.cat([padded[:, tap : tap + length] for tap in range(TAPS)], dim=-1)
        x = x + F.gelu(self.window(window), approximate="tanh")
        for layer in self.layers:
            x = layer(x, mask)
        x = self.norm(x)
        absent = ~mask[..., None]
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        pooled = torch.cat([mean, x.masked_fill(absent, -1e4).amax(1)], dim=-1)
        recipes = self.recipe(pooled) + self.bag(*batch.bag)
        options = self.option_name(x)[..., self.option_names] + self.option(x)
        options = options.masked_fill(absent, -1e4).amax(1) + self.option_pooled(pooled)
        names = self.slot_name(x)
        return recipes, options, names[..., self.slot_names] + self.slot(x) - names[..., :1]


@dataclass(frozen=True, slots=True)
class Example:
    """A pair as the net sees it: its tokens, and by token the slots that it may go to and the one that it does."""

    pair: Pair
    text: str
    found: tuple[str, ...]
    allowed: Mapping[int, Mapping[str, str]]
    tags: Mapping[int, str]
    bag: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """``token`` and ``bag`` are ids, offsets and weights for an embedding bag; ``mask`` is (rows, tokens)."""

    token: tuple[Tensor, Tensor, Tensor]
    bag: tuple[Tensor, Tensor, Tensor]
    mask: Tensor


def example(pair: Pair, outline: Outline, lexicon: Lexicon) -> Example:
    text, aside = put_aside(pair.request, lexicon)
    placeholders = {value: name for name, value in aside.items()}
    placed = tokens(text)[:MAX_TOKENS]
    found = tuple(token for token, _ in placed)
    allowed = candidates(found, outline)
    tags = {}
    for slot, value in pair.values:
        name = placeholders.get(value.code)
        if not isinstance(outline.slots[slot], str):
            spot = re.search(rf"(?<!\w){re.escape(value.text)}(?!\w)", text)
            here = [place for place, (_, start) in enumerate(placed) if spot and start == spot.start()]
        else:
            here = [place for place, token in enumerate(found) if token == name]
        tags.update({place: slot for place in here if slot in allowed.get(place, {})})
    return Example(pair, text, found, allowed, tags, tuple(of_bag(words(text))))


def collate(examples: Sequence[Example], rng: random.Random | None = None) -> Batch:
    """With ``rng`` some words are left out."""
    length = max(len(e.found) for e in examples)
    mask = torch.zeros(len(examples), length, dtype=torch.bool)
    features: list[Sequence[int]] = []
    for row, each in enumerate(examples):
        mask[row, : len(each.found)] = True
        for token in each.found:
            dropped = rng is not None and not PLACEHOLDER.fullmatch(token) and rng.random() < WORDS_DROPPED
            features.append(() if dropped else of_token(token))
        features += [()] * (length - len(each.found))
    return Batch(_bags(features), _bags([e.bag for e in examples]), mask)


def _bags(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor, Tensor]:
    sizes = [len(row) for row in rows]
    offsets = torch.tensor([0, *np.cumsum(sizes[:-1])])
    ids = torch.tensor([id_ for row in rows for id_ in row], dtype=torch.long)
    return ids, offsets, torch.tensor([size**-0.5 for size in sizes for _ in range(size)])


def train(
    recipes: Sequence[Recipe], lexicon: Lexicon, seed: int, minutes: float
) -> tuple[dict[str, NDArray[np.float32]], dict[str, Outline]]:
    """Train for so much processor time; returns the arrays and outlines for ``luau_model``'s Understanding."""
    torch.manual_seed(seed)
    outlines = {recipe.name: outline_of(recipe) for recipe in recipes}
    columns = Columns(outlines)
    net = Net(columns, len(recipes))
    bags = [net.bag.weight]
    rest = [parameter for name, parameter in net.named_parameters() if name != "bag.weight"]
    optimizer = torch.optim.AdamW([{"params": rest, "weight_decay": 0.02}, {"params": bags, "weight_decay": 0.0}], RATE)
    loader = torch.utils.data.DataLoader(_Stream(recipes, outlines, lexicon, seed), batch_size=None, num_workers=1)
    seen = torch.zeros(TOKEN_BUCKETS, dtype=torch.bool)
    started = time.thread_time()
    for step, (examples, batch) in enumerate(loader):
        done = (time.thread_time() - started) / (minutes * 60)
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        seen[batch.token[0]] = True
        loss = _loss(net(batch), examples, columns, outlines)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 99:
            print(f"understanding: step {step}, {done:.0%}, loss {float(loss.detach()):.3f}", flush=True)
    # what was never trained on says nothing
    net.token.weight.data[~seen] = 0
    return {name: tensor.detach().numpy() for name, tensor in net.named_parameters()}, outlines


def packed(nets: Sequence[Mapping[str, NDArray[np.float32]]]) -> dict[str, NDArray[Any]]:
    """The nets' arrays as they are shipped: tables of features in 8 bits with a scale, the rest in 16."""
    out: dict[str, NDArray[Any]] = {}
    for number, arrays in enumerate(nets):
        for name, array in arrays.items():
            if name in ("token.weight", "bag.weight"):
                scale = np.abs(array).max() / 127
                out[f"{number}/{name}"] = np.round(array / scale).astype(np.int8)
                out[f"{number}/{name.replace('weight', 'scale')}"] = scale
            else:
                out[f"{number}/{name}"] = array.astype(np.float16)
    return out


class _Stream(torch.utils.data.IterableDataset[tuple[list[Example], Batch]]):
    """Batches without end."""

    def __init__(self, recipes: Sequence[Recipe], outlines: Mapping[str, Outline], lexicon: Lexicon, seed: int) -> None:
        self._sources = (recipes, outlines, lexicon, seed)

    def __iter__(self) -> Iterator[tuple[list[Example], Batch]]:
        recipes, outlines, lexicon, seed = self._sources
        rng = random.Random(f"understanding {seed}")
        while True:
            pairs = [corpus.draw(rng, rng.choice(recipes), "train") for _ in range(BATCH)]
            examples = [example(pair, outlines[pair.recipe], lexicon) for pair in pairs]
            yield examples, collate(examples, rng)


def _loss(
    given: tuple[Tensor, Tensor, Tensor], examples: Sequence[Example], columns: Columns, outlines: Mapping[str, Outline]
) -> Tensor:
    """Cross-entropies of the recipe, of its options and of each value's slot, all by nats a request."""
    recipes, options, slots = given
    order = list(outlines)
    loss = F.cross_entropy(recipes, torch.tensor([order.index(e.pair.recipe) for e in examples]), label_smoothing=0.05)
    asked = [
        (row, columns.options[e.pair.recipe, option], float(option in e.pair.options))
        for row, e in enumerate(examples)
        for option in outlines[e.pair.recipe].options
    ]
    if asked:
        at, column, wanted = zip(*asked, strict=True)
        logits = options[list(at), list(column)]
        loss = loss + F.binary_cross_entropy_with_logits(logits, torch.tensor(wanted), reduction="sum") / len(examples)
    places = [(row, place) for row, e in enumerate(examples) for place in e.allowed]
    if places:
        at, place = zip(*places, strict=True)
        chosen = slots[list(at), list(place)]
        barred = torch.full_like(chosen, -1e4)
        targets = []
        for index, (row, spot) in enumerate(places):
            e = examples[row]
            barred[index, [columns.slots[e.pair.recipe, slot] for slot in e.allowed[spot]]] = 0
            tag = e.tags.get(spot)
            targets.append(columns.slots[e.pair.recipe, tag] if tag else slots.shape[-1])
        nowhere = torch.zeros(len(places), 1)
        logits = torch.cat([chosen + barred, nowhere], dim=1)
        loss = loss + F.cross_entropy(logits, torch.tensor(targets), reduction="sum") / len(examples)
    return loss
