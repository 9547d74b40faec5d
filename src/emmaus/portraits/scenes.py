"""The land behind the figure, in the light of an hour of the day."""

from collections.abc import Callable
from typing import NamedTuple

from emmaus.portraits.pen import dot, fill, line


class Hour(NamedTuple):
    """Papers of sky and land."""

    sky: str
    low: str
    """The sky above the land."""
    far: str
    near: str
    ground: str
    lamp: str
    """Sun, moon and windows."""


HOURS: dict[str, Hour] = {
    "dawn": Hour("#f1c9a0", "#f7dfba", "#d69a78", "#b3735c", "#8a5348", "#fbf0d0"),
    "day": Hour("#a9cbc8", "#d8e2ce", "#c2b184", "#a28f5d", "#7b6b45", "#fbf3d6"),
    "dusk": Hour("#c9705a", "#e8a56c", "#8b4a55", "#643748", "#452638", "#fbd68a"),
    "night": Hour("#27315c", "#40487a", "#1d2549", "#161c3a", "#10142b", "#f4e4b2"),
}
_STARS = (
    *((30, 40, 3.4), (70, 84, 2.2), (22, 112, 2.4), (92, 34, 2.6), (52, 150, 2), (120, 18, 2), (196, 20, 2.4)),
    *((232, 48, 2.6), (268, 24, 3.2), (296, 72, 2.4), (246, 98, 2), (286, 124, 2.6), (306, 30, 2), (84, 128, 2)),
    *((300, 168, 2.2), (14, 176, 2.2), (44, 70, 1.8), (262, 148, 1.8), (160, 12, 1.8), (214, 74, 1.8)),
)


def scene(name: str, light: str) -> str:
    """Sky and land."""
    hour = HOURS[light]
    sky = fill("M0 0H320V320H0Z", hour.sky) + fill("M0 150Q90 120 170 140T320 126V320H0Z", hour.low)
    return sky + _lights(light, hour) + _SCENES[name](hour)


def _lights(light: str, hour: Hour) -> str:
    if light == "night":
        stars = "".join(
            fill(
                f"M{x} {y - 2 * r}L{x + r * 0.5:g} {y - r * 0.5:g}L{x + 2 * r} {y}L{x + r * 0.5:g} {y + r * 0.5:g}"
                f"L{x} {y + 2 * r}L{x - r * 0.5:g} {y + r * 0.5:g}L{x - 2 * r} {y}L{x - r * 0.5:g} {y - r * 0.5:g}Z",
                hour.lamp,
            )
            for x, y, r in _STARS
        )
        return stars
    x, y = {"dawn": (50, 112), "day": (46, 50), "dusk": (44, 132)}[light]
    return dot(x, y, 22, hour.lamp)


def _hills(h: Hour) -> str:
    return fill("M0 208Q60 150 130 190T320 168V320H0Z", h.far) + fill("M0 250Q90 200 190 238T320 214V320H0Z", h.near)


def _desert(h: Hour) -> str:
    return (
        fill("M0 222Q70 176 150 214Q230 180 320 206V320H0Z", h.far)
        + fill("M0 262Q80 214 168 250Q120 262 84 290Z", h.ground)
        + fill("M0 262Q80 214 168 250Q250 222 320 246V320H0Z", h.near)
        + fill("M80 228Q126 236 110 320H200Q190 262 168 250Q126 232 80 228Z", h.ground)
    )


def _mountain(h: Hour) -> str:
    peak = fill("M-20 270L58 96L84 122L108 78L150 150L200 60L240 116L262 98L340 270V320H-20Z", h.far)
    return (
        peak
        + fill(
            "M108 78L150 150L128 190L118 140L96 118ZM200 60L240 116L226 170L214 120L190 96ZM58 96L84 122L70 160Z",
            h.near,
        )
        + fill("M0 268Q90 222 190 250T320 236V320H0Z", h.ground)
    )


def _sea(h: Hour) -> str:
    water = fill("M0 190H320V320H0Z", "#2f6f86" if h.lamp != HOURS["night"].lamp else "#223a63")
    waves = "".join(
        line(f"M{x} {y}q14 -9 28 0t28 0", "#8fc0c4", 3)
        for x, y in ((6, 210), (244, 206), (40, 236), (262, 236), (2, 268), (236, 262))
    )
    return fill("M0 192Q50 166 104 192ZM210 192Q262 160 330 192Z", h.far) + water + waves


def _field(h: Hour) -> str:
    land = fill("M0 190Q80 150 160 184T320 170V320H0Z", h.far) + fill("M0 214H320V320H0Z", "#d9ab4c")
    ears = "".join(
        line(f"M{x} {y}v-24m0 6l-5 -7m5 7l5 -7m-5 15l-5 -7m5 7l5 -7", "#a67523", 3)
        for y in (238, 268, 298)
        for x in range(8 + y % 20, 320, 26)
    )
    return land + ears


def _house(x: int, y: int, width: int, height: int, wall: str, side: str, lamp: str) -> str:
    middle = x + width * 2 // 3
    walls = fill(f"M{x} {y}H{x + width}V{y + height}H{x}Z", wall) + fill(
        f"M{middle} {y}H{x + width}V{y + height}H{middle}Z", side
    )
    return walls + fill(f"M{x + 8} {y + 14}h9v13h-9Z", lamp)


def _town(h: Hour) -> str:
    blocks = (
        (-6, 168, 46, 160),
        (34, 190, 44, 140),
        (70, 156, 40, 170),
        (204, 164, 44, 160),
        (240, 184, 48, 140),
        (280, 154, 50, 170),
    )
    houses = "".join(_house(x, y, w, t, h.near, h.ground, h.lamp) for x, y, w, t in blocks)
    return fill("M0 196Q80 128 160 168T320 140V320H0Z", h.far) + houses


def _walls(h: Hour) -> str:
    teeth = "".join(f"M{x} 156h18v18h-18Z" for x in range(-6, 330, 30))
    tower = fill("M-10 120h74v200h-74ZM254 120h76v200h-76Z", h.far) + fill(
        "M-10 106h16v16h-16ZM18 106h16v16h-16ZM46 106h18v16h-18ZM254 106h16v16h-16ZM282 106h16v16h-16Z"
        "M310 106h16v16h-16Z",
        h.far,
    )
    joints = line(
        "M0 196H60M20 172V196M0 222H60M40 196V222M260 196H320M290 172V196M260 222H320M276 196V222M0 250H60M20 222"
        "V250M300 222V250M260 250H320",
        h.ground,
        2.6,
    )
    return (
        fill("M0 172H320V320H0Z" + teeth, h.near)
        + tower
        + joints
        + fill("M22 142h12v20h-12ZM286 142h12v20h-12Z", h.ground)
    )


def _temple(h: Hour) -> str:
    columns = "".join(
        fill(f"M{x} 108h26v220h-26Z", h.near)
        + fill(f"M{x + 15} 108h11v220h-11Z", h.ground)
        + fill(f"M{x - 6} 96h38v14h-38Z", h.far)
        for x in (2, 50, 98, 200, 248, 296)
    )
    return (
        fill("M0 108H320V320H0Z", h.ground)
        + columns
        + fill("M0 60H320V98H0Z", h.near)
        + fill("M0 60H320V72H0Z", h.far)
        + "".join(dot(x, 86, 5, h.lamp) for x in range(12, 320, 24))
    )


def _palace(h: Hour) -> str:
    arch = "M{0} 330V150Q{0} 92 {1} 70Q{2} 92 {2} 150V330Z"
    arches = "".join(
        fill(arch.format(x, x + 45, x + 90), h.near) + fill(arch.format(x + 12, x + 45, x + 78), h.sky)
        for x in (-6, 236)
    )
    curtain = fill("M0 0H320V30Q270 66 220 34Q160 70 100 34Q50 66 0 30Z", "#7c2f4f") + line(
        "M0 30Q50 66 100 34Q160 70 220 34Q270 66 320 30", "#e9b94a", 4
    )
    return fill("M0 40H320V320H0Z", h.far) + arches + curtain


def _pyramids(h: Hour) -> str:
    return (
        fill("M-30 232L44 112L118 232Z", h.far)
        + fill("M44 112L118 232H66Z", h.near)
        + fill("M196 232L264 126L332 232Z", h.far)
        + fill("M264 126L332 232H284Z", h.near)
        + fill("M0 230H320V320H0Z", h.ground)
    )


def _ruins(h: Hour) -> str:
    smoke = fill(
        "M30 190Q-4 150 26 120Q52 96 30 60Q20 40 36 20Q40 50 58 68Q76 100 54 130Q42 154 66 190ZM262 190"
        "Q240 154 262 128Q284 100 262 66Q286 80 292 112Q296 136 284 152Q278 170 290 190Z",
        h.far,
    )
    walls = fill(
        "M0 176L18 176L18 190L40 190L48 170L62 184L62 204L86 204L96 220L110 220V330H0ZM212 214L226 196L238 202"
        "L246 178L262 178L270 196L290 188L300 166L320 172V330H212Z",
        h.near,
    )
    fire = fill(
        "M20 204Q12 186 24 172Q24 184 32 188Q36 178 32 168Q48 184 40 204ZM286 214Q276 196 288 180Q290 192 296 194"
        "Q302 186 298 176Q312 194 302 214Z",
        h.lamp,
    )
    return smoke + walls + fire + fill("M0 262Q90 236 190 254T320 248V320H0Z", h.ground)


def _road(h: Hour) -> str:
    return _hills(h) + fill(
        "M60 322Q20 262 60 238Q96 220 78 204Q68 194 84 186Q74 196 92 206Q120 224 98 244Q84 262 150 322Z", h.low
    )


def _camp(h: Hour) -> str:
    tents = "".join(
        fill(f"M{x} {y + 56}L{x + 34} {y}L{x + 68} {y + 56}Z", h.near)
        + fill(f"M{x + 34} {y}L{x + 68} {y + 56}H{x + 40}Z", h.ground)
        for x, y in ((-20, 172), (40, 184), (210, 180), (266, 168))
    )
    return fill("M0 212Q80 168 160 196T320 184V320H0Z", h.far) + tents + fill("M0 238Q120 216 320 232V320H0Z", h.near)


def _gate(h: Hour) -> str:
    """Glazed blue brick, as at Babylon."""
    wall, dark, gold = "#2c5f86", "#1f4666", "#d9a441"
    teeth = "".join(f"M{x} 36h20v18h-20Z" for x in range(-6, 330, 34))
    rosettes = "".join(dot(x, y, 7, gold) + dot(x, y, 3, "#f4eee1") for x in (22, 62, 258, 298) for y in (84, 204, 264))
    bands = line("M0 66H320M0 104H320M0 186H320", gold, 4)
    bricks = line("M0 124H320M0 144H320M0 164H320M0 224H320M0 244H320M0 284H320M0 304H320", dark, 2)
    return (
        fill("M0 54H320V320H0Z" + teeth, wall)
        + bricks
        + bands
        + fill("M84 330V150Q84 74 160 74T236 150V330Z", dark)
        + rosettes
    )


_SCENES: dict[str, Callable[[Hour], str]] = {
    "hills": _hills,
    "desert": _desert,
    "mountain": _mountain,
    "sea": _sea,
    "field": _field,
    "town": _town,
    "walls": _walls,
    "temple": _temple,
    "palace": _palace,
    "pyramids": _pyramids,
    "ruins": _ruins,
    "road": _road,
    "camp": _camp,
    "gate": _gate,
}
