"""Makes what the end-to-end tests share importable."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
for folder in (TESTS, TESTS / "e2e", TESTS / "lsp"):
    sys.path.insert(0, str(folder))
