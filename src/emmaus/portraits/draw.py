"""A whole picture: the sheet, the land, the figure on it, and what it is called for those who cannot see it."""

from html import escape

from emmaus.portraits.beside import BESIDE
from emmaus.portraits.clothes import covering, covering_behind, robe
from emmaus.portraits.head import beard, braid, face, hair, hair_behind, neck, skin
from emmaus.portraits.pen import CLOTH, lifted
from emmaus.portraits.scenes import scene
from emmaus.portraits.things import HELD
from emmaus.types import Character, digest
from emmaus.types.portrait import Portrait

SIZE = 320
"""Units of a side; a picture has no size of its own."""
_SHADE = "M161 -10V112Q157 132 152 146Q149 154 157 157L163 158Q160 166 161 176L158 205V340H330V-10Z"
_DEFINED = (
    '<defs><clipPath id="emmaus-sheet"><rect width="320" height="320" rx="28"/></clipPath>'
    f'<clipPath id="emmaus-shade"><path d="{_SHADE}"/></clipPath>'
    '<clipPath id="emmaus-net"><path d="M-10 200Q40 168 100 204Q124 260 130 330H-10Z"/></clipPath>'
    '<filter id="emmaus-lift" x="-10%" y="-10%" width="125%" height="125%">'
    '<feDropShadow dx="4" dy="3" stdDeviation="1.5" flood-color="#1a0f08" flood-opacity=".34"/></filter></defs>'
)


def draw(character: Character) -> str:
    """Draw a character as an SVG document: the same for the same features, without scripts and outside references."""
    portrait = character.portrait
    inside = _figure(portrait) if portrait else _initial(character)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img" '
        f'aria-labelledby="emmaus-title emmaus-desc"><title id="emmaus-title">{escape(character.name)}</title>'
        f'<desc id="emmaus-desc">{escape(describe(character))}</desc>{_DEFINED}'
        f'<g clip-path="url(#emmaus-sheet)">{inside}</g></svg>\n'
    )


def _figure(portrait: Portrait) -> str:
    land = scene(portrait.scene, portrait.light)
    behind = BESIDE[portrait.beside]() if portrait.beside in BESIDE else ""
    body = covering_behind(portrait) + hair_behind(portrait) + neck(portrait) + robe(portrait) + braid(portrait)
    head = face(portrait) + hair(portrait) + beard(portrait) + covering(portrait)
    main = CLOTH[portrait.colours[0]]
    sleeve = CLOTH[portrait.colours[1]] if portrait.robe in _SLEEVED and len(portrait.colours) > 1 else main
    held = HELD[portrait.holds](skin(portrait), sleeve) if portrait.holds in HELD else ""
    lean, width = _LEAN[portrait.mood], _WIDTH[portrait.face]
    head = f'<g transform="rotate({lean} 160 220) translate(160 0) scale({width} 1) translate(-160 0)">{head}</g>'
    place = f"translate({_PLACE[bool(held)]} 22) scale({_FIGURE})"
    body = f'<g transform="{place}">{lifted(body)}{lifted(head)}</g>'
    return land + (lifted(behind) if behind else "") + body + (lifted(held) if held else "")


_FIGURE = 0.935
_PLACE = {True: 0, False: 10}
"""How far right the figure stands: what is held takes room."""
_LEAN = {"calm": -1.5, "smile": -3.5, "grave": 0}
"""Degrees by which the head leans."""
_WIDTH = {"long": 0.95, "even": 1, "broad": 1.05}


_SLEEVED = frozenset({"mantle", "draped", "fleece", "armour"})
"""Robes whose second colour covers the arms."""


def _initial(character: Character) -> str:
    """A land and an hour that follow from the slug, and the first letter of the name."""
    number = int(digest(character.slug, 8), 16)
    land = scene(_LANDS[number // 2 % len(_LANDS)], _HOURS[number % 2])
    letter = escape(character.name.strip()[:1].upper())
    shape = (
        f'<text x="160" y="276" text-anchor="middle" font-family="Georgia, serif" font-size="190" '
        f'fill="{CLOTH["cream"].light}">{letter}</text>'
    )
    return land + lifted(shape)


_LANDS = ("hills", "desert", "town", "mountain", "road", "camp")
_HOURS = ("dusk", "night")


def describe(character: Character) -> str:
    """Say in a sentence what a picture shows."""
    portrait = character.portrait
    if portrait is None:
        return f"The first letter of {character.name}"
    who = "a woman" if portrait.figure == "woman" else "a man"
    age = {"young": "young", "grown": "", "old": "old"}[portrait.age]
    parts = [f"{who.replace(' ', f' {age} ', 1) if age else who}".replace("a old", "an old"), f"{portrait.skin} skin"]
    hair = "bald" if portrait.hair == "bald" else f"{portrait.hair_colour} hair"
    parts.append(hair)
    parts += [] if portrait.beard == "none" else [f"a {portrait.beard} beard"]
    parts += [] if portrait.head == "bare" else [_HEAD.get(portrait.head, f"a {portrait.head}")]
    if portrait.holds != "nothing":
        parts.append(f"holding {_HELD.get(portrait.holds, f'a {portrait.holds}')}")
    behind = [] if portrait.beside == "nothing" else [_BESIDE.get(portrait.beside, f"a {portrait.beside}")]
    return f"{', '.join(parts)}; behind, {' and '.join([*behind, _SCENE[portrait.scene]])}, {_LIGHT[portrait.light]}"


_HEAD = {
    "band": "a headband",
    "nemes": "the headcloth of Egypt",
    "helmet": "a bronze helmet",
    "circlet": "a gold circlet",
}
_HELD = {
    "crook": "a shepherd's crook",
    "timbrel": "a timbrel",
    "sheaf": "a sheaf of barley",
    "tablets": "two tablets of stone",
    "horn": "a horn of oil",
    "coat": "a child's coat",
    "tongs": "a live coal in tongs",
    "branch": "a branch of almond in blossom",
    "quill": "a quill and a letter",
    "lamp": "an oil lamp",
    "bread": "a basket of bread",
}
_BESIDE = {"oak": "an oak", "bush": "a burning bush", "net": "a net of fish", "cloth": "tent cloth", "reeds": "reeds"}
_SCENE = {
    "hills": "hills",
    "desert": "the desert",
    "mountain": "mountains",
    "sea": "the sea",
    "field": "a field of grain",
    "town": "a town",
    "walls": "city walls",
    "temple": "pillars of a temple",
    "palace": "a palace",
    "pyramids": "pyramids",
    "ruins": "a burning city",
    "road": "a road in the hills",
    "camp": "a camp of tents",
    "gate": "a gate of blue brick",
}
_LIGHT = {"dawn": "at dawn", "day": "by day", "dusk": "at dusk", "night": "at night"}
