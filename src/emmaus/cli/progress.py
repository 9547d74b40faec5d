"""Long work on its way: a bar where there is a terminal, a plain line every few seconds where there is none."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emmaus.types import Progress
from emmaus.types.sizes import gigabytes

EVERY = 5.0
"""Seconds between two plain lines."""
_UNITS = {"tokens_per_second": "{:.0f} tokens/s", "loss": "loss {:.3f}", "validation_loss": "validation loss {:.3f}"}
_BYTES = "bytes_per_second"
"""The value of work that counts bytes."""
_TOLD = {"seconds_left", "seconds", _BYTES}
"""Values that the rest of the line says already."""


class Pace:
    """How fast work goes, counted from its first report: what an earlier run did says nothing about this one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._first: int | None = None

    def line(self, progress: Progress) -> str:
        """Rate, time left and live numbers: "1.2/s, 35 s left, loss 2.310"."""
        if self._first is None:
            # The first report comes when the first piece of this run is done.
            self._first = max(0, progress.done - 1)
        seconds = self._clock() - self._started
        done = progress.done - self._first
        parts = []
        if done > 0 and seconds > 0:
            per_second = progress.values.get(_BYTES)
            parts.append(_rate(done / seconds) if per_second is None else f"{gigabytes(round(per_second))}/s")
            left = progress.values.get("seconds_left", (progress.total - progress.done) * seconds / done)
            if progress.done < progress.total:
                parts.append(f"{duration(left)} left")
        parts += [_value(name, value) for name, value in progress.values.items() if name not in _TOLD]
        return ", ".join(parts)


def duration(seconds: float) -> str:
    """Say a length of time as people say it: "40 s", "12 min", "3 h 20 min"."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def amount(progress: Progress, of: str = "/") -> str:
    """How much is done of how much: "3/100", and "12.3 MB/1.5 GB" of bytes."""
    said = gigabytes if _BYTES in progress.values else str
    return f"{said(progress.done)}{of}{said(progress.total)}"


@contextmanager
def shown(label: str) -> Iterator[Callable[[Progress], None]]:
    """Show on standard error what is reported."""
    with _bar(label) if sys.stderr.isatty() else _lines(label) as report:
        yield report


@contextmanager
def _lines(label: str) -> Iterator[Callable[[Progress], None]]:
    pace = Pace()
    told, last = float("-inf"), ""

    def report(progress: Progress) -> None:
        nonlocal told, last
        text = pace.line(progress)
        last = f"{label}: {amount(progress)}" + (f", {text}" if text else "")
        now = time.monotonic()
        if now - told >= EVERY:
            told = now
            print(last, file=sys.stderr, flush=True)
            last = ""

    try:
        yield report
    finally:
        if last:  # the end is always told
            print(last, file=sys.stderr, flush=True)


@contextmanager
def _bar(label: str) -> Iterator[Callable[[Progress], None]]:
    from rich import progress as rich
    from rich.console import Console

    pace = Pace()
    columns = (
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(bar_width=24),
        rich.TextColumn("{task.fields[amount]}", style="progress.download", markup=False),
        rich.TextColumn("{task.fields[line]}", style="dim", markup=False),
    )
    with rich.Progress(*columns, console=Console(stderr=True), transient=False) as live:
        task = live.add_task(label, total=None, line="starting", amount="")

        def report(progress: Progress) -> None:
            line, done = pace.line(progress), amount(progress)
            live.update(task, completed=progress.done, total=progress.total, line=line, amount=done)

        yield report


def _rate(per_second: float) -> str:
    return f"{per_second:.1f}/s" if per_second >= 1 else f"{1 / per_second:.1f} s each"


def _value(name: str, value: float) -> str:
    return _UNITS.get(name, name.replace("_", " ") + " {:.3g}").format(value)
