"""What stands on pages as a picture: portraits, differences with their intervals, and the course of quality."""

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from emmaus.portraits import SIZE, describe
from emmaus.types import Character, Difference

FACE = "#svgView(viewBox(72,34,176,176))"
"""The part of a picture with the face."""
SHAPES = {
    "synthetic": "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "others": "m-5 5l5-10l5 10z",
    "dataset": "m-4.5-4.5h9v9h-9z",
    "evaluation": "m0-6.5l6.5 6.5l-6.5 6.5l-6.5-6.5z",
}
"""Path of the mark of each kind in a course, told apart without colour too: circle, triangle, square, diamond."""


def portrait(character: Character, *, told: bool = False, face: bool = False) -> Markup:
    """The picture of a character.

    It carries no words for screen readers, since the name stands beside it, unless what it shows is to be `told`.
    `face` shows no more of it than that, where there is little room.
    """
    words = describe(character) if told else ""
    return Markup(
        f'<img class="portrait" src="{escape(address(character.slug))}{FACE if face else ""}" alt="{escape(words)}" '
        f'width="{SIZE}" height="{SIZE}" decoding="async">'
    )


def address(slug: str) -> str:
    """Where the picture of a character is."""
    return f"/portraits/{slug}.svg"


def interval(difference: Difference, reach: float | None = None) -> Markup:
    """Draw a line from `low` to `high` with a dot at the mean, beside the line where nothing differs.

    `reach` is how far the axis goes to either side, where several are to be compared.
    """
    reach = max(reach or max(abs(difference.low), abs(difference.high)), 0.01) * 1.15
    ends = (difference.low, difference.mean, difference.high)
    low, mean, high = (round(150 + 140 * value / reach, 1) for value in ends)
    return Markup(
        f'<svg class="interval" viewBox="0 0 300 34" aria-hidden="true" focusable="false">'
        f'<path class="axis" d="M10 22H290"/><path class="zero" d="M150 8V30"/>'
        f'<path class="range" d="M{low} 22H{high}"/><circle class="mean" cx="{mean}" cy="22" r="5"/></svg>'
    )


def course(points: Sequence[tuple[str, float]]) -> Markup:
    """Draw values from 0 to 1 in their order, evenly spaced: a mark of the shape of its kind each, one line a kind."""
    width, top, bottom, left = 640, 12, 172, 34
    lowest = min(0.5, *(int(value * 10) / 10 for _, value in points))
    step = (width - left - 24) / max(1, len(points) - 1)

    def place(index: int, value: float) -> tuple[float, float]:
        return round(left + 12 + index * step, 1), round(bottom - (bottom - top) * (value - lowest) / (1 - lowest), 1)

    parts = []
    for tenth in range(round(lowest * 10), 11, 1 if lowest >= 0.5 else 2):
        y = place(0, tenth / 10)[1]
        parts.append(f'<path class="grid" d="M{left} {y}H{width}"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{tenth / 10:.1f}</text>')
    for kind in dict.fromkeys(kind for kind, _ in points):
        places = [place(index, value) for index, (of, value) in enumerate(points) if of == kind]
        way = "L".join(f"{x} {y}" for x, y in places)
        parts.append(f'<path class="way {kind}" d="M{way}"/>')
        parts += [f'<path class="dot {kind}" d="M{x} {y}{SHAPES[kind]}"/>' for x, y in places]
    return Markup(
        f'<svg class="course" viewBox="0 0 {width} {bottom + 12}" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )


def shape(kind: str) -> Markup:
    """Draw the mark of a kind, for the legend."""
    return Markup(
        f'<svg class="course key" viewBox="-8 -8 16 16" aria-hidden="true" focusable="false">'
        f'<path class="dot {kind}" d="M0 0{SHAPES[kind]}"/></svg>'
    )
