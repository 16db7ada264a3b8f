"""Split texts with a GGUF's tokenizer: JSON list of texts on standard input, JSON list of token ids on its output.

    python -m luau_model.build.tokens FILE.gguf < texts.json

A process of its own, since a broken file can crash llama.cpp.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)  # the library prints
    import llama_cpp

    try:
        llama = llama_cpp.Llama(sys.argv[1], vocab_only=True, verbose=False)
    except (ValueError, AssertionError) as error:
        sys.exit(str(error))
    texts = json.load(sys.stdin)
    ids = [llama.tokenize(text.encode(), add_bos=False, special=True) if text else [] for text in texts]
    with os.fdopen(answers, "w") as out:
        json.dump(ids, out)


if __name__ == "__main__":
    main()
