"""What pages draw: a portrait for each character, and a difference with its interval."""

from html import escape

from markupsafe import Markup

from emmaus.types import Character, Difference, digest


def portrait(character: Character) -> Markup:
    """Hills under a sky in the character's own colours, with the initial; the same for the same slug.

    It carries no words for screen readers: the name stands beside it.
    """
    seed = int(digest(character.slug, 12), 16)
    hue, sun, rise = seed % 360, 22 + seed // 360 % 52, seed // 20000 % 14
    low = rise // 3
    sky, far, near = f"hsl({hue} 34% 78%)", f"hsl({(hue + 24) % 360} 30% 58%)", f"hsl({(hue + 40) % 360} 34% 36%)"
    initial = escape(character.name.strip()[:1].upper())
    return Markup(
        f'<svg class="portrait" viewBox="0 0 96 96" aria-hidden="true" focusable="false">'
        f'<path d="M0 0H96V96H0Z" fill="{sky}"/><circle cx="{sun}" cy="{20 + rise // 3}" r="9" fill="hsl(44 80% 90%)"/>'
        f'<path d="M0 {46 - rise} Q24 {30 - rise} 48 {46 - rise} T96 {42 - rise} V96 H0Z" fill="{far}"/>'
        f'<path d="M0 {58 - low} Q30 {40 - low} 60 {52 - low} T96 {48 - low} V96 H0Z" fill="{near}"/>'
        f'<text x="48" y="84" text-anchor="middle" font-family="Georgia, serif" font-size="38" fill="#fff">'
        f"{initial}</text></svg>"
    )


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
