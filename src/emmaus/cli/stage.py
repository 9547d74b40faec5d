"""The demo on its way: eight steps in a live table, or a line each where there is no terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emmaus.cli.progress import EVERY, Pace, duration
from emmaus.wheel import STEPS, Stage, Step

if TYPE_CHECKING:
    from rich.console import RenderableType


@contextmanager
def shown() -> Iterator[Callable[[Stage], None]]:
    """Show on standard error how the wheel turns."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.live import Live

    board = Board()
    with Live(board, console=Console(stderr=True), refresh_per_second=4):
        yield board


class Lines:
    """A line when a step begins, one every few seconds, and one when it ends."""

    def __init__(self) -> None:
        self._pace = Pace()
        self._told = float("-inf")

    def __call__(self, stage: Stage) -> None:
        """Tell of one stage."""
        head = f"{STEPS.index(stage.step) + 1}/{len(STEPS)} {stage.step}"
        if stage.done:
            self._say(f"{head}: {' '.join(stage.text.split())} ({duration(stage.seconds)})")
        elif stage.progress is None:
            self._pace = Pace()
            self._say(head)
        else:
            line = self._pace.line(stage.progress)
            if time.monotonic() - self._told >= EVERY:
                self._say(f"{head}: {stage.progress.done}/{stage.progress.total} {line}")

    def _say(self, text: str) -> None:
        self._told = time.monotonic()
        print(text, file=sys.stderr, flush=True)


class Board:
    """All eight steps at once."""

    def __init__(self) -> None:
        self._stages: dict[Step, Stage] = {}
        self._pace = Pace()
        self._line = ""

    def __call__(self, stage: Stage) -> None:
        """Take note of one stage."""
        if stage.progress is None:
            self._pace, self._line = Pace(), ""
        else:
            self._line = f"{stage.progress.done}/{stage.progress.total} {self._pace.line(stage.progress)}"
        self._stages[stage.step] = stage

    def __rich__(self) -> "RenderableType":
        """Draw the board as it stands."""
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        table.add_column(no_wrap=True, justify="right")
        for step in STEPS:
            stage = self._stages.get(step)
            if stage is None:
                table.add_row(" ", Text(step, style="dim"), "", "")
            elif stage.done:
                table.add_row("✓", step, Text(" ".join(stage.text.split())), Text(duration(stage.seconds), style="dim"))
            else:
                table.add_row("›", Text(step, style="bold"), Text(self._line, style="dim"), "")
        return table
