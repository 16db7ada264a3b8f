"""Makes the documentation's pictures of those that the tests in VS Code took: ``python scripts/pictures.py FOLDER``.

FOLDER is the test's temporary folder (``pytest tests/e2e/test_vscode.py --basetemp=FOLDER``).
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
SIZE = (900, 562)
STILLS = ("problems", "quick-fix", "alternatives", "models", "progress", "ghost-text")
# What is shown, and for how many milliseconds.
FILM = (("comment", 1200), ("light-bulb", 1600), ("writing", 900), ("generated", 3500))


def frame(path: Path) -> Image.Image:
    """A picture, smaller and with few colours."""
    with Image.open(path) as picture:
        return picture.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS).quantize(160, kmeans=1)


def main(folder: Path) -> None:
    """Write all pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    found = {path.stem: path for path in sorted(folder.rglob("*.png"))}
    for name in STILLS:
        frame(found[name]).save(IMAGES / f"vscode-{name}.png", optimize=True)
    first, *rest = [frame(found[name]).convert("RGB") for name, _ in FILM]
    durations = [milliseconds for _, milliseconds in FILM]
    first.save(IMAGES / "vscode-generate.png", save_all=True, append_images=rest, duration=durations, loop=0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
