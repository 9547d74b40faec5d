"""How a job went: the numbers that it reported, kept beside the store and bounded, so that they outlive a page.

One file a job, `cache/curves/ID.jsonl`, one line a report: `at` (Unix seconds), `since` (when that run began), `done`,
`total`, and the live numbers. It can be lost without harm, and holds no words. Where a run goes on from an earlier
point than the last one that was kept, what lies after that point is replaced.
"""

import json
import math
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emmaus.types import Progress

MOST = 1000
"""Points of a curve: at the first above it every second one goes, and from then on every second report is left out."""
RECENT = 30
"""Points of a run from which its rate is told."""


@dataclass(frozen=True, slots=True)
class Point:
    """One report, and when it was."""

    at: float
    since: float
    """When the run that it belongs to began."""
    done: int
    total: int
    values: Mapping[str, float]


class Curve:
    """The file of one job, for whoever does it: one process at a time. A disk that is full costs points, never work."""

    def __init__(self, home: Path, job: str, clock: Callable[[], float] = time.time) -> None:
        self._file = _file(home, job)
        self._clock = clock
        self._since = clock()
        self._lines: int | None = None
        self._every = 1
        self._left_out = 0

    def add(self, progress: Progress) -> None:
        """Keep a report."""
        with suppress(OSError):
            if self._lines is None:
                self._begin(progress.done)
            self._left_out += 1
            if self._left_out < self._every and progress.done < progress.total:
                return
            self._left_out = 0
            point = Point(self._clock(), self._since, progress.done, progress.total, progress.values)
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(_line(point))
            self._lines = (self._lines or 0) + 1
            if self._lines > MOST:
                self._thin()

    def _begin(self, done: int) -> None:
        """Take up what an earlier run left, up to where this one goes on."""
        before = [point for point in _read(self._file) if point.done < done]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._write(before)

    def _thin(self) -> None:
        self._write(_read(self._file)[::2])
        self._every *= 2

    def _write(self, points: list[Point]) -> None:
        part = self._file.with_suffix(".part")
        part.write_text("".join(map(_line, points)), encoding="utf-8")
        os.replace(part, self._file)
        self._lines = len(points)


def read(home: Path, job: str) -> list[Point]:
    """Return the points of a job, oldest first; none where none were kept. A line that was torn is left out."""
    return _read(_file(home, job))


def rate(points: list[Point]) -> float | None:
    """Pieces done per second lately, by the last run; None where that is not known yet."""
    run = [point for point in points if point.since == points[-1].since][-RECENT:]
    if len(run) < 2 or run[-1].at <= run[0].at or run[-1].done <= run[0].done:
        return None
    return (run[-1].done - run[0].done) / (run[-1].at - run[0].at)


def _file(home: Path, job: str) -> Path:
    return home / "cache" / "curves" / f"{job}.jsonl"


def _line(point: Point) -> str:
    told = {"at": round(point.at, 2), "since": round(point.since, 2), "done": point.done, "total": point.total}
    values = {name: float(f"{value:.6g}") for name, value in point.values.items() if math.isfinite(value)}
    return json.dumps({**told, "values": values}) + "\n"


def _read(file: Path) -> list[Point]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    points = []
    for line in lines:
        with suppress(ValueError, TypeError):
            points.append(Point(**json.loads(line)))
    return points
