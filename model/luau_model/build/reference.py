"""What the adapter answers on its base in transformers and peft: the truth that a GGUF is held against.

The only module of this package that needs torch.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from peft import PeftModel

from ..engines.memory import available
from . import chat, nf4, tokenizer
from .answers import Question, save
from .examples import Example


class Reference:
    """Base and adapter, loaded in float32 where memory allows, else in bfloat16."""

    def __init__(self, base: Path, adapter: Path | None) -> None:
        own = adapter is not None and tokenizer.has_tokenizer(adapter)
        with _quiet():
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(adapter if own else base)
            size = sum(file.stat().st_size for file in base.glob("*.safetensors"))
            free = available()
            dtype = torch.float32 if free is None or 2.5 * size < free else torch.bfloat16
            model: Any = transformers.AutoModelForCausalLM.from_pretrained(base, dtype=dtype)
            if len(self._tokenizer) > model.get_input_embeddings().num_embeddings:
                model.resize_token_embeddings(len(self._tokenizer), mean_resizing=False)
            self._model: Any = (PeftModel.from_pretrained(model, adapter) if adapter else model).eval()

    def question(self, example: Example, template: str, longest: int) -> Question:
        """The example in this model's tokens, cut off after ``longest`` of them."""
        turns = [asdict(message) for message in example.messages()]
        text = chat.prompt(template, turns, self._tokenizer.bos_token or "", self._tokenizer.eos_token or "")
        start, ids = self._split(text), self._split(text + example.script)
        same = next((place for place, (a, b) in enumerate(zip(ids, start, strict=False)) if a != b), len(start))
        return Question(text, ids[:longest], same)

    def _split(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def through_nf4(self) -> None:
        """Make of the base's matrices what 4-bit loading makes of them."""
        for name, module in self._model.named_modules():
            if isinstance(module, torch.nn.Linear) and "lora_" not in name and "lm_head" not in name:
                weight = module.weight.detach().float().numpy()
                found = nf4.maxima(weight)
                with torch.no_grad():
                    module.weight.copy_(torch.from_numpy(nf4.round_trip(weight, found, nf4.stored_maxima(found))))

    def answer(self, questions: Sequence[Question], tokens: int, folder: Path) -> list[str]:
        """Save the distributions in ``folder``, and return the scripts that the model writes by itself."""
        scripts = []
        for place, question in enumerate(questions):
            ids = torch.tensor([question.ids])
            with torch.no_grad():
                logits = self._model(input_ids=ids).logits[0].float().numpy()
                save(folder, place, np.asarray(logits, np.float32), question)
                scripts.append(self._written(ids[:, : question.prompt], tokens))
        return scripts

    def _written(self, prompt: torch.Tensor, tokens: int) -> str:
        if not tokens:
            return ""
        with _quiet():
            out = self._model.generate(
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=tokens,
                do_sample=False,
                pad_token_id=self._tokenizer.eos_token_id,
            )
        return str(self._tokenizer.decode(out[0, prompt.shape[1] :], skip_special_tokens=True))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the libraries' bars and advice."""
    level = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # that peft calls transformers by an old name
            yield
    finally:
        transformers.logging.set_verbosity(level)
        transformers.logging.enable_progress_bar()
