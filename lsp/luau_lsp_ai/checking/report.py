"""What all formats share."""

from __future__ import annotations

from dataclasses import dataclass, field

from .inspection import Inspection


@dataclass
class Counts:
    """What came of all files together."""

    files: int = 0
    files_with_problems: int = 0
    problems: int = 0
    safe_fixes: int = 0
    unsafe_fixes: int = 0
    mended: int = 0
    _sums: dict[str, float] = field(default_factory=dict)

    def take(self, inspection: Inspection) -> None:
        """Count a file in."""
        if inspection.unreadable:
            return
        self.files += 1
        self.files_with_problems += bool(inspection.problems)
        self.problems += len(inspection.problems)
        self.safe_fixes += sum(bool(problem.fix) and problem.is_safe for problem in inspection.problems)
        self.unsafe_fixes += sum(bool(problem.fix) and not problem.is_safe for problem in inspection.problems)
        self.mended += inspection.mended
        for name, value in inspection.scores.items():
            self._sums[name] = self._sums.get(name, 0.0) + value

    def scores(self) -> dict[str, float]:
        """The mean of each score over the files; empty where scores were not wanted."""
        return {name: value / self.files for name, value in self._sums.items()}

    def summary(self) -> str:
        """All of it in a sentence or two."""
        mended = f", {_count(self.mended, 'problem')} mended" if self.mended else ""
        if not self.problems:
            return f"No problems in {_count(self.files, 'file')}{mended}."
        where = f"in {self.files_with_problems} of {_count(self.files, 'file')}"
        fixes = ""
        if self.safe_fixes:
            fixes += f" --fix mends {self.safe_fixes}."
        if self.unsafe_fixes:
            fixes += f" --unsafe-fixes mends {self.unsafe_fixes}{' more' if self.safe_fixes else ''}."
        return f"{_count(self.problems, 'problem')} {where}{mended}.{fixes}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Reporter:
    """A format. What it writes comes as the files do, so that memory does not grow with their number."""

    def begin(self) -> None:
        """Before the first file."""

    def add(self, inspection: Inspection) -> None:
        """A file; perhaps one that could not be read."""

    def end(self, counts: Counts) -> None:
        """After the last file."""
