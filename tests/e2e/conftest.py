"""Makes what the end-to-end tests share importable."""

import sys
from pathlib import Path

for folder in (Path(__file__).parent, Path(__file__).parent.parent / "lsp"):
    sys.path.insert(0, str(folder))
