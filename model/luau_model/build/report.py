"""The report of a comparison: a Markdown page and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..files import replaced
from .parity import Row, unsound

PAGE, PICTURE = "report.md", "report.png"
_HEAD = "| file | against | same top token | KL, nats | perplexity | tokens | score |"


def markdown(rows: Sequence[Row]) -> str:
    """A table with a line for each file and reference, and what follows from it."""
    lines = ["# Verification", "", *_explained(rows), "", _HEAD, "| --- | --- | --: | --: | --: | --- | --: |"]
    for row in rows:
        lines.append(
            f"| {row.file} | {row.reference} | {row.top1:.1%} | {row.kl:.4f} | {row.perplexity:.3f} "
            f"({row.reference_perplexity:.3f}) | {'equal' if row.tokens_equal else 'DIFFERENT'} | {row.score:.2f} "
            f"({row.reference_score:.2f}) |"
        )
    return "\n".join([*lines, ""])


def _explained(rows: Sequence[Row]) -> list[str]:
    lines = [
        "`original` is the adapter on its base's own weights, `nf4` on what 4-bit loading makes of them (what QLoRA",
        "trains on). In brackets: the reference's own figure. Perplexity is of known scripts, the score is the mean",
        "composite of what the models write by themselves.",
    ]
    for sentence in unsound(rows):
        lines += ["", f"**{sentence}**"]
    several = len({row.file for row in rows}) > 1
    for reference in dict.fromkeys(row.reference for row in rows if several):
        nearest = min((row for row in rows if row.reference == reference), key=lambda row: row.kl)
        lines += ["", f"Nearest to `{reference}`: {nearest.file}, KL {nearest.kl:.4f}."]
    return lines


def write(rows: Sequence[Row], folder: Path) -> None:
    """Write both files into the folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    with replaced(folder / PAGE) as new:
        new.write_text(f"{markdown(rows)}\n![KL divergence and perplexity]({PICTURE})\n", "utf-8")
    with replaced(folder / PICTURE) as new:
        _draw(rows, new)


def _draw(rows: Sequence[Row], path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    files = list(dict.fromkeys(row.file for row in rows))
    references = list(dict.fromkeys(row.reference for row in rows))
    figure = Figure(figsize=(9, 1.8 + 0.5 * len(files)), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, sharey=True)
    height = 0.8 / len(references)
    for place, reference in enumerate(references):
        found = {row.file: row for row in rows if row.reference == reference}
        spots = [index + place * height for index in range(len(files))]
        color = f"C{place}"
        bars = left.barh(spots, [found[file].kl for file in files], height, label=reference, color=color)
        left.bar_label(bars, fmt="%.4f", padding=2, fontsize=8)
        right.axvline(found[files[0]].reference_perplexity, color=color, linestyle="--")
    middles = [index + 0.4 - height / 2 for index in range(len(files))]
    perplexities = [next(row.perplexity for row in rows if row.file == file) for file in files]
    right.plot(perplexities, middles, "o", color="0.3")
    for middle, perplexity in zip(middles, perplexities, strict=True):
        right.annotate(f"{perplexity:.2f}", (perplexity, middle), (6, 4), textcoords="offset points", fontsize=8)
    left.set_yticks(middles, files)
    left.invert_yaxis()
    left.set_xlabel("KL divergence, nats a token")
    right.set_xlabel("perplexity (dashed: the adapter's)")
    for axes in (left, right):
        axes.margins(x=0.18)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*left.get_legend_handles_labels(), title="adapter on base", loc="outside right center", fontsize=8)
    figure.savefig(path, dpi=150, format="png")
