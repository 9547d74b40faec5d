"""Charts as SVG, drawn in Python: no scripts, no fonts, colours from the page's CSS classes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from emmaus.evals.measures import gain, measure_of
from emmaus.types import Difference

COLUMNS = 240
"""Most bars of a strip; more probes share bars."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things stand in an interval plot, in pixels."""

    width: int
    left: float
    right: float
    zero: float
    row: int
    narrow: bool


def intervals(differences: Sequence[Difference], *, width: int) -> str:
    """Draw every difference with its interval, turned so that right is better, one axis for each scale.

    All axes share the place of zero. A filled dot is a difference whose interval excludes zero. Below 500 pixels the
    words stand above the bars instead of beside them.
    """
    shown = [d for d in differences if all(map(math.isfinite, (d.mean, d.low, d.high)))]
    if not shown:
        return ""
    frame = _frame(shown, width)
    parts, top = [], 8.0
    for scale in dict.fromkeys(measure_of(d.metric).scale for d in shown):
        group = [d for d in shown if measure_of(d.metric).scale == scale]
        drawn, top = _group(group, scale, frame, top)
        parts += drawn
    key = f"plot{width}"
    spoken = "; ".join(f"{_label(d)} {signed(d.mean)} from {signed(d.low)} to {signed(d.high)}" for d in shown)
    return (
        f'<svg class="plot" role="img" aria-labelledby="{key}t {key}d" viewBox="0 0 {width} {top:.0f}" '
        f'width="{width}" height="{top:.0f}"><title id="{key}t">Differences with their 95 % intervals</title>'
        f'<desc id="{key}d">Right of zero the candidate is better. {escape(spoken)}.</desc>{"".join(parts)}</svg>'
    )


def strip(changes: Sequence[float]) -> str:
    """Draw every probe's difference as a bar, from the greatest loss to the greatest gain. It has no words in it."""
    if not changes:
        return ""
    ordered = sorted(changes)
    bars = min(COLUMNS, len(ordered))
    edges = [round(i * len(ordered) / bars) for i in range(bars + 1)]
    heights = [sum(ordered[a:b]) / (b - a) for a, b in pairwise(edges)]
    top, bottom = max(0.0, *heights), min(0.0, *heights)
    unit = 100 / ((top - bottom) or 1.0)
    zero, step = top * unit, 1000 / bars
    paths = {"gain": "", "loss": ""}
    for index, height in enumerate(heights):
        if height:
            box = f"M{index * step:.2f} {zero:.2f}v{-height * unit:.2f}h{step * 0.8:.2f}V{zero:.2f}z"
            paths["gain" if height > 0 else "loss"] += box
    better, worse = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    told = f"{better} probes gain, {worse} lose, {len(changes) - better - worse} stay equal; from "
    told += f"{signed(ordered[0])} to {signed(ordered[-1])}."
    return (
        '<svg class="strip" role="img" aria-labelledby="stript stripd" viewBox="0 0 1000 100" '
        'preserveAspectRatio="none">'
        f'<title id="stript">Difference of each probe, sorted</title><desc id="stripd">{told}</desc>'
        f'<path class="loss" d="{paths["loss"]}"/><path class="gain" d="{paths["gain"]}"/>'
        f'<line class="zero" x1="0" x2="1000" y1="{zero:.2f}" y2="{zero:.2f}"/></svg>'
    )


def signed(value: float) -> str:
    """Write a difference with its sign, a true minus, and two decimals (three where it is smaller than 0.01)."""
    if not math.isfinite(value):
        return "n/a"
    places = 3 if 0 < abs(value) < 0.00995 else 2
    text = f"{abs(value):.{places}f}"
    if not float(text):
        return "0.00"
    return ("+" if value > 0 else "−") + text


def _label(difference: Difference) -> str:
    measure = measure_of(difference.metric)
    return f"{measure.label} (lower is better)" if measure.better == "lower" else measure.label


def _reach(differences: Sequence[Difference]) -> tuple[float, float]:
    """How far a group goes to the left and to the right of zero, both above 0."""
    gains = [gain(d) for d in differences]
    left = max(0.0, *(-low for _, low, _ in gains))
    right = max(0.0, *(high for _, _, high in gains))
    least = 0.1 * max(left, right) or 0.1
    return max(left, least), max(right, least)


def _frame(shown: Sequence[Difference], width: int) -> _Frame:
    narrow = width < 500
    left, right = (10.0, width - 10.0) if narrow else (200.0, width - 178.0)
    scales = {measure_of(d.metric).scale for d in shown}
    reaches = [_reach([d for d in shown if measure_of(d.metric).scale == scale]) for scale in scales]
    share = min(0.8, max(0.2, *(a / (a + b) for a, b in reaches)))
    return _Frame(width, left, right, left + share * (right - left), 42 if narrow else 27, narrow)


def _group(group: Sequence[Difference], scale: str, frame: _Frame, top: float) -> tuple[list[str], float]:
    a, b = _reach(group)
    unit = 0.96 * min((frame.zero - frame.left) / a, (frame.right - frame.zero) / b)
    start, end = top + 22, top + 22 + frame.row * len(group)
    parts = [f'<text class="scale" x="0" y="{top + 11:.1f}">{escape(scale)}</text>']
    for tick in _ticks(frame, unit):
        x = frame.zero + tick * unit
        kind = "zero" if tick == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{start - 4:.1f}" y2="{end + 2:.1f}"/>')
        parts.append(f'<text class="tick" text-anchor="middle" x="{x:.1f}" y="{end + 16:.1f}">{_tick(tick)}</text>')
    for index, difference in enumerate(group):
        parts += _bar(difference, frame, unit, start + index * frame.row)
    return parts, end + 34


def _bar(difference: Difference, frame: _Frame, unit: float, top: float) -> list[str]:
    mean, low, high = (frame.zero + unit * value for value in gain(difference))
    known = measure_of(difference.metric).better != "neither"
    kind = "unclear" if low <= frame.zero <= high or not known else ("gain" if mean > frame.zero else "loss")
    words = top + 13 if frame.narrow else top + frame.row / 2 + 4
    line = top + 27 if frame.narrow else top + frame.row / 2
    mark = " ↓" if measure_of(difference.metric).better == "lower" else ""
    label = escape(measure_of(difference.metric).label + mark)
    numbers = f"{signed(difference.mean)} [{signed(difference.low)}, {signed(difference.high)}]"
    return [
        f'<text class="name" x="0" y="{words:.1f}">{label}</text>',
        f'<text class="number" text-anchor="end" x="{frame.width}" y="{words:.1f}">{numbers}</text>',
        f'<line class="bar {kind}" x1="{low:.1f}" x2="{high:.1f}" y1="{line:.1f}" y2="{line:.1f}"/>',
        f'<circle class="dot {kind}" cx="{mean:.1f}" cy="{line:.1f}" r="4"/>',
    ]


def _ticks(frame: _Frame, unit: float) -> list[float]:
    """Round numbers about 70 pixels apart, zero among them."""
    rough = 70 / unit
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough)
    first = math.ceil((frame.left - frame.zero) / unit / step)
    last = math.floor((frame.right - frame.zero) / unit / step)
    return [index * step for index in range(first, last + 1)]


def _tick(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value):.3g}"
