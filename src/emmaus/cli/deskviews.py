"""How the desk looks in a terminal."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from emmaus.cli.views import table

if TYPE_CHECKING:
    from emmaus.jobs.curves import Point
    from emmaus.types import Difference
    from emmaus.web.evidence import Compared, Frozen, Learned, Row
    from emmaus.web.wheel import Step, Wheel

ROWS = 12
"""Most rows that tell a curve."""


def status(found: "Sequence[tuple[Wheel, Step]]") -> RenderableType:
    """One line a wheel; of one alone all counts, and why the next step is the next."""
    if len(found) == 1:
        ((one, step),) = found
        counts = (
            ("conversations", one.conversations),
            ("may be learned from", one.consented),
            ("rated", one.rated),
            ("scored", one.scored),
            ("reviewed", one.reviewed),
            ("in the newest dataset", one.learned),
            ("adapters", one.adapters),
        )
        rows = [(what, f"{count:,}") for what, count in counts] + [("speaks through", one.live)]
        return Group(table((one.name, ""), rows), Text(f"next: {step.words}"))
    rows_of_all = [
        (one.character, f"{one.conversations:,}", f"{one.scored:,}", f"{one.reviewed:,}", one.live, step.kind)
        for one, step in found
    ]
    return table(("character", "conversations", "scored", "reviewed", "speaks through", "next"), rows_of_all)


def datasets(found: "Sequence[Frozen]") -> RenderableType:
    """One line a dataset."""
    if not found:
        return "Nothing was frozen yet: emmaus freeze CHARACTER"
    rows = [
        (
            one.id,
            one.character,
            _when(one.created_at),
            f"{one.conversations:,}",
            f"{one.examples:,}",
            "" if one.quality is None else f"{one.quality:.2f}",
            ", ".join(f"{rule} {count}" for rule, count in one.dropped.items()),
        )
        for one in found
    ]
    return table(("dataset", "character", "frozen", "conversations", "examples", "quality", "dropped"), rows)


def adapters(found: "Sequence[Learned]") -> RenderableType:
    """One line an adapter."""
    if not found:
        return "Nothing was trained yet: emmaus train CHARACTER"
    rows = [
        (
            one.id,
            one.character,
            str(one.version),
            one.dataset,
            _when(one.created_at),
            "" if one.loss is None else f"{one.loss:.3f}",
            "live" if one.live else "",
        )
        for one in found
    ]
    return table(("adapter", "character", "version", "dataset", "trained", "loss", ""), rows)


def evaluations(found: "tuple[Sequence[Compared], Sequence[Row]]") -> RenderableType:
    """A line for each evaluation, and a table of the differences with their intervals."""
    columns, rows = found
    if not columns:
        return "Nothing was evaluated yet: emmaus evaluate CHARACTER"
    heads = [
        f"{number}. {one.id}, {_when(one.created_at)}: {one.candidate} against {one.against}, "
        f"{'allowed' if one.allowed else 'held'}: {'; '.join(one.reasons)}"
        for number, one in enumerate(columns, 1)
    ]
    cells = [(row.label, *(_difference(cell) for cell in row.cells)) for row in rows]
    numbers = [str(number) for number in range(1, len(columns) + 1)]
    return Group(Text("\n".join(heads)), table(("metric", *numbers), cells))


def curve(points: "Sequence[Point]") -> RenderableType:
    """Tell how a job went, in some rows."""
    if not points:
        return "It has reported nothing yet."
    names = list(dict.fromkeys(name for point in points for name in point.values))
    some = [*points[:: max(1, -(-len(points) // ROWS))], *(points[-1:] if len(points) > ROWS else ())]
    rows = [
        (
            _when(point.at),
            f"{point.done}/{point.total}",
            *(f"{point.values[name]:.4g}" if name in point.values else "" for name in names),
        )
        for point in some
    ]
    return table(("when", "done", *(name.replace("_", " ") for name in names)), rows)


def _difference(found: "Difference | None") -> str:
    return f"{found.mean:+.3f} ({found.low:+.3f} .. {found.high:+.3f})" if found else ""


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
