"""What is in a data folder: counts, lengths, scores and rules, as Markdown with plots. Memory does not grow with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from luau_model.engines.http import BYTES_PER_TOKEN

from ..options import ReportOptions, StageError
from ..run_folder import manifest, open_run
from .rows import Row, read_rows

_MOST_SHOWN = 15
_LENGTHS = (0, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000)  # tokens
_SCORES = ("syntax", "api", "bugs", "quality", "composite")


def report(options: ReportOptions) -> None:
    """Write ``report.md`` and its plots about the folder of any data stage."""
    about = manifest(options.input)
    run = open_run("report", options, resumable=False)
    files = sorted(
        [*options.input.glob("part-*.jsonl"), *options.input.glob("t*.jsonl"), *options.input.glob("v*.jsonl")]
    )
    if not files:
        raise StageError(f"{options.input} holds no rows.")
    summary = Summary()
    for path in files:
        summary.add(path.stem if not path.stem.startswith("part-") else "rows", read_rows([path]))
    (run.path / "report.md").write_text(summary.markdown(about, _plots(summary, run.path)), "utf-8")
    run.finish({"manifest": str(options.input / "manifest.json")}, {"rows": summary.counts["rows"]})


class Summary:
    """Counts over rows, one by one."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.by: dict[str, Counter[str]] = {
            name: Counter() for name in ("file", "side", "origin", "licence", "project")
        }
        self.lengths: Counter[int] = Counter()
        self.scores: dict[str, Counter[float]] = {name: Counter() for name in _SCORES}

    def add(self, file: str, rows: Iterable[Row]) -> None:
        for row in rows:
            size = len(row.script.encode("utf-8", "replace"))
            self.counts.update({"rows": 1, "bytes": size, "labelled": bool(row.request)})
            for name, value in (("file", file), ("side", row.side), ("origin", row.origin), ("licence", row.licence)):
                self.by[name][value or "unknown"] += 1
            self.by["project"][row.project] += 1
            self.lengths[max(edge for edge in _LENGTHS if edge <= size / BYTES_PER_TOKEN)] += 1
            for name, score in row.scores.items():
                self.scores[name][min(0.95, int(score * 20) / 20)] += 1

    def markdown(self, about: dict[str, Any], plots: list[str]) -> str:
        """The report."""
        tokens = self.counts["bytes"] / BYTES_PER_TOKEN
        lines = [
            f"# Data after `{about['stage']}`",
            "",
            f"{self.counts['rows']:,} scripts of {len(self.by['project']):,} projects, "
            f"{self.counts['bytes'] / 1e6:.2f} MB, about {tokens:,.0f} tokens; "
            f"{self.counts['labelled']:,} have a request.",
            "",
        ]
        figures = about["figures"]
        dropped = Counter({k[9:]: v for k, v in figures.get("counts", {}).items() if k.startswith("dropped: ")})
        if dropped:
            lines += _table("Dropped", "reason", dropped)
        if figures.get("rules"):
            lines += _table("Dropped for their score, by the rule that cost most", "rule", Counter(figures["rules"]))
        for name, title in (("file", "Files"), ("side", "Sides"), ("origin", "Origin"), ("licence", "Licences")):
            if len(self.by[name]) > 1 or name == "licence":
                lines += _table(title, name, self.by[name])
        lines += _table("Largest projects", "project", self.by["project"])
        return "\n".join([*lines, *(f"![{name}]({name}.png)" for name in plots), ""])


def _table(title: str, head: str, counts: Counter[str]) -> list[str]:
    rows = [f"| {name} | {count:,} |" for name, count in counts.most_common(_MOST_SHOWN)]
    rest = sum(counts.values()) - sum(count for _, count in counts.most_common(_MOST_SHOWN))
    rows += [f"| {len(counts) - _MOST_SHOWN:,} others | {rest:,} |"] * (rest > 0)
    return [f"## {title}", "", f"| {head} | scripts |", "| --- | ---: |", *rows, ""]


def _plots(summary: Summary, out: Path) -> list[str]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.5))
    axes.bar([f"{edge:,}+" for edge in _LENGTHS], [summary.lengths[edge] for edge in _LENGTHS], color="#4477aa")
    axes.set(xlabel="tokens a script (estimate)", ylabel="scripts", title="Lengths")
    figure.tight_layout()
    figure.savefig(out / "lengths.png", dpi=110)
    pyplot.close(figure)
    if not summary.scores["composite"]:
        return ["lengths"]
    figure, plots = pyplot.subplots(1, len(_SCORES), figsize=(13, 3), sharey=True)
    for axes, name in zip(plots, _SCORES, strict=True):
        edges = sorted(summary.scores[name])
        axes.bar(edges, [summary.scores[name][edge] for edge in edges], width=0.045, align="edge", color="#4477aa")
        axes.set(xlim=(0, 1), title=name)
    plots[0].set_ylabel("scripts")
    figure.tight_layout()
    figure.savefig(out / "scores.png", dpi=110)
    pyplot.close(figure)
    return ["lengths", "scores"]
