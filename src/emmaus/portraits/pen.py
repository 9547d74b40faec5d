"""Cut paper: every shape is a path in one tone, with a darker one where the light does not fall.

The sheet is 320 by 320; light comes from the left. Knows nothing of faces.
"""

from typing import NamedTuple


class Tone(NamedTuple):
    """A paper in the light, in the shade, and as a line that is cut into it."""

    light: str
    shade: str
    line: str


CLOTH: dict[str, Tone] = {
    "white": Tone("#f4eee1", "#d9cfbd", "#b7aa94"),
    "cream": Tone("#ecdcbb", "#cfb98f", "#a88f63"),
    "sand": Tone("#d9bd8a", "#b89862", "#8f7143"),
    "ochre": Tone("#cf9440", "#a8712a", "#7d511b"),
    "saffron": Tone("#e6ae3f", "#c1862a", "#8f5f1c"),
    "rust": Tone("#b7572f", "#8d3f22", "#662a16"),
    "crimson": Tone("#a4303a", "#7c2230", "#571522"),
    "rose": Tone("#c9776f", "#a4564f", "#7a3a37"),
    "plum": Tone("#7a3f5c", "#5a2c45", "#3d1c30"),
    "purple": Tone("#674a86", "#4b3466", "#322147"),
    "indigo": Tone("#37477e", "#27335f", "#182143"),
    "blue": Tone("#3f6ea1", "#2d5380", "#1d3a5d"),
    "sky": Tone("#8fb3c4", "#698fa3", "#486c81"),
    "teal": Tone("#2f7c7a", "#205c5c", "#133f41"),
    "olive": Tone("#8a8a45", "#696a30", "#494b1e"),
    "moss": Tone("#57704a", "#3f5536", "#2a3b24"),
    "brown": Tone("#8a5f3c", "#69452a", "#482d1a"),
    "umber": Tone("#5f4433", "#463024", "#2d1d15"),
    "grey": Tone("#9d9a92", "#7a7770", "#57544e"),
    "charcoal": Tone("#4a4a50", "#34343a", "#212126"),
}
"""Dyed and undyed cloth."""
SKIN: dict[str, Tone] = {
    "olive": Tone("#dcae82", "#bd8a60", "#8d5c3c"),
    "tan": Tone("#cf9a6b", "#ad774c", "#7c4d2f"),
    "bronze": Tone("#bb8252", "#976139", "#693f24"),
    "brown": Tone("#a06a42", "#7e4e2f", "#55321d"),
    "umber": Tone("#845435", "#653d26", "#412516"),
}
HAIR: dict[str, Tone] = {
    "black": Tone("#352a29", "#211919", "#55443f"),
    "brown": Tone("#583a27", "#3d2719", "#7a5539"),
    "auburn": Tone("#8c4a27", "#67331a", "#b06a3d"),
    "grey": Tone("#a59d94", "#7f7770", "#d0c8bd"),
    "white": Tone("#ece5d9", "#c9bfb0", "#a99d8d"),
}
"""Their lines are the lighter strands, and the darker ones of white hair."""
GOLD = Tone("#e9b94a", "#bd8629", "#8a5b17")
BRONZE = Tone("#c48a48", "#94602c", "#65401c")
WOOD = Tone("#8f6238", "#694425", "#472c17")
STONE = Tone("#b9b1a3", "#8d8577", "#686154")
CLAY = Tone("#bf6e42", "#93502e", "#67351d")
LEAF = Tone("#6d8646", "#4e6532", "#354722")
STRAW = Tone("#eabf57", "#c0902f", "#8d651d")
FLAME = Tone("#f0a63a", "#d9652b", "#fbe2a0")
PARCHMENT = Tone("#f0e1bd", "#d2bb8a", "#8e744a")


def fill(d: str, colour: str) -> str:
    """A shape in one tone."""
    return f'<path d="{d}" fill="{colour}"/>'


def line(d: str, colour: str, width: float = 4) -> str:
    """A cut of the knife."""
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linecap="round" '
        f'stroke-linejoin="round"/>'
    )


def two(d: str, tone: Tone) -> str:
    """A shape of the figure: light on the left, in the shade right of the ridge of the nose."""
    return f'{fill(d, tone.light)}<path d="{d}" fill="{tone.shade}" clip-path="url(#emmaus-shade)"/>'


def dot(x: float, y: float, radius: float, colour: str) -> str:
    """A round shape."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{colour}"/>'


def moved(inside: str, x: float = 0, y: float = 0, turn: float = 0, size: float = 1) -> str:
    """Shapes drawn around 0 0, put to a place of the sheet."""
    return f'<g transform="translate({x:g} {y:g}) rotate({turn:g}) scale({size:g})">{inside}</g>'


def lifted(inside: str) -> str:
    """Shapes that lie above what was drawn before, and throw a narrow shadow on it."""
    return f'<g filter="url(#emmaus-lift)">{inside}</g>'
