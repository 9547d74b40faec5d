"""What stands on pages as a picture: the portrait of a character, and a difference with its interval."""

from html import escape

from markupsafe import Markup

from emmaus.portraits import SIZE, describe
from emmaus.types import Character, Difference

FACE = "#svgView(viewBox(72,34,176,176))"
"""The part of a picture with the face."""


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


def interval(difference: Difference) -> Markup:
    """Draw a line from `low` to `high` with a dot at the mean, beside the line where nothing differs."""
    reach = max(abs(difference.low), abs(difference.high), 0.01) * 1.15
    ends = (difference.low, difference.mean, difference.high)
    low, mean, high = (round(150 + 140 * value / reach, 1) for value in ends)
    return Markup(
        f'<svg class="interval" viewBox="0 0 300 34" aria-hidden="true" focusable="false">'
        f'<path class="axis" d="M10 22H290"/><path class="zero" d="M150 8V30"/>'
        f'<path class="range" d="M{low} 22H{high}"/><circle class="mean" cx="{mean}" cy="22" r="5"/></svg>'
    )
