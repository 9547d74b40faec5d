"""What is held before the figure, and what stands behind it on the left."""

from collections.abc import Callable

from emmaus.portraits.pen import (
    BRONZE,
    CLAY,
    CLOTH,
    FLAME,
    GOLD,
    PARCHMENT,
    STONE,
    STRAW,
    WOOD,
    Tone,
    dot,
    fill,
    line,
    moved,
)

_Draw = Callable[[Tone, Tone], str]


def _fist(skin: Tone, sleeve: Tone, x: float = 246, y: float = 272) -> str:
    """A closed hand around something upright, with its sleeve."""
    arm = fill("M-22 10Q-34 34 -30 60H52Q44 30 20 10Z", sleeve.shade) + line("M-22 11Q0 22 20 11", sleeve.line, 4)
    palm = fill("M-19 -18Q-22 14 -12 18H14Q22 12 20 -10L14 -20Z", skin.shade)
    fingers = "".join(
        f'<rect x="-21" y="{top}" width="38" height="11" rx="5.5" fill="{skin.light}"/>' for top in (-21, -11, -1, 9)
    )
    cuts = line("M-14 -10.5H12M-14 -0.5H12M-14 9.5H12", skin.line, 1.6)
    return moved(arm + palm + fingers + cuts, x, y)


def _staff(skin: Tone, sleeve: Tone) -> str:
    pole = line("M256 34Q246 150 244 330", WOOD.light, 12) + line("M260 40Q250 150 248 330", WOOD.shade, 5)
    return pole + line("M254 96L262 90M248 180L241 186", WOOD.line, 4) + _fist(skin, sleeve)


def _crook(skin: Tone, sleeve: Tone) -> str:
    hook = "M246 330L250 92C252 52 304 50 302 86Q300 104 284 102"
    return (
        line(hook, WOOD.shade, 13) + line("M243 330L247 92C249 50 300 48 299 84", WOOD.light, 6) + _fist(skin, sleeve)
    )


def _spear(skin: Tone, sleeve: Tone) -> str:
    head = fill("M254 6L270 50L254 74L240 50Z", BRONZE.light) + fill("M254 6L270 50L254 74Z", BRONZE.shade)
    pole = line("M254 72L246 330", WOOD.light, 9) + line("M257 74L249 330", WOOD.shade, 4)
    return pole + head + line("M246 80H262M246 88H262", CLOTH["crimson"].light, 6) + _fist(skin, sleeve)


def _harp(skin: Tone, sleeve: Tone) -> str:
    box = fill("M-46 40Q0 72 46 40L40 74Q0 98 -40 74Z", WOOD.light) + fill(
        "M0 57Q26 56 46 40L40 74Q20 86 0 86Z", WOOD.shade
    )
    arms = line("M-42 46C-66 0 -44 -40 -58 -76", WOOD.light, 12) + line("M42 46C66 0 44 -40 58 -76", WOOD.shade, 12)
    bar = line("M-64 -62L64 -70", WOOD.light, 10) + dot(-58, -78, 8, GOLD.light) + dot(58, -80, 8, GOLD.shade)
    strings = line("M-30 -64L-20 52M-15 -65L-10 56M0 -66V58M15 -67L10 56M30 -68L20 52", "#f6e6bd", 2.2)
    hand = fill("M-4 44Q-30 34 -34 14Q-30 2 -22 12L-10 24L4 18Q24 22 22 40Q14 56 -4 44Z", skin.light)
    hand += line("M-20 20Q-12 30 0 32M4 19Q-2 26 2 34", skin.line, 2)
    arm = fill("M10 20Q40 24 58 66L30 96Q10 70 -2 46Z", sleeve.shade) + line("M12 22L-2 46", sleeve.line, 4)
    return moved(box + arms + strings + bar + moved(arm + hand, 20, 20), 246, 226, 8, 0.96)


def _timbrel(skin: Tone, sleeve: Tone) -> str:
    rim = dot(0, 0, 58, WOOD.shade) + dot(-3, -2, 55, WOOD.light) + dot(0, 0, 46, PARCHMENT.light)
    rim += fill("M0 -46A46 46 0 0 1 0 46Q22 0 0 -46Z", PARCHMENT.shade)
    places = ((-52, 0), (-37, -37), (0, -52), (37, -37), (-37, 37), (0, 52))
    bells = "".join(dot(x, y, 8, GOLD.light) + dot(x + 2, y + 1, 3, GOLD.line) for x, y in places)
    return moved(rim + bells, 240, 200) + _fist(skin, sleeve, 268, 262)


def _sheaf(skin: Tone, sleeve: Tone) -> str:
    drawn = ""
    for number, turn in enumerate((-30, -20, -10, 0, 10, 20, 30)):
        tone = STRAW.light if number < 4 else STRAW.shade
        grains = "".join(
            f"M0 {y}Q-11 {y - 6} -8 {y - 17}Q0 {y - 10} 0 {y}Q11 {y - 6} 8 {y - 17}Q0 {y - 10} 0 {y}Z"
            for y in range(-96, -50, 11)
        )
        awns = line("M0 -104V-132M-4 -108L-12 -130M4 -108L12 -130", tone, 2)
        drawn += moved(line("M0 70V-96", tone, 4) + fill(grains, tone) + awns, 252, 276, turn, 0.86)
    foot = fill("M238 280H266L280 330H226Z", STRAW.shade) + line(
        "M244 284L238 326M252 284V326M260 284L268 326", STRAW.line, 2.4
    )
    return drawn + foot + line("M238 270Q252 276 266 269", CLOTH["crimson"].light, 8) + _fist(skin, sleeve, 256, 294)


def _scroll(skin: Tone, sleeve: Tone) -> str:
    sheet = fill("M-36 -56H36V60H-36Z", PARCHMENT.light) + fill("M10 -56H36V60H10Z", PARCHMENT.shade)
    words = line("M-24 -36H24M-24 -22H18M-24 -8H24M-24 6H14M-24 20H22M-24 34H20", PARCHMENT.line, 3)
    roll = "".join(
        line(f"M-48 {y}H48", WOOD.shade, 7)
        + fill(f"M-40 {y - 10}H40V{y + 10}H-40Z", PARCHMENT.light)
        + fill(f"M-40 {y + 2}H40V{y + 10}H-40Z", PARCHMENT.shade)
        for y in (-58, 60)
    )
    return moved(sheet + words + roll, 240, 222, 7) + _fist(skin, sleeve, 266, 284)


def _tablets(skin: Tone, sleeve: Tone) -> str:
    one = "M-30 70V-38Q-30 -66 0 -66T30 -38V70Z"
    cuts = line("M-16 -34H16M-16 -16H12M-16 2H16M-16 20H10M-16 38H16", STONE.line, 4)
    left = moved(fill(one, STONE.light) + cuts, 206, 224, -5)
    right = moved(
        fill(one, STONE.shade) + fill("M-24 70V-36Q-24 -58 0 -60Q-16 -50 -16 -30V70Z", STONE.light) + cuts, 266, 222, 4
    )
    return right + left + _fist(skin, sleeve, 244, 296)


def _horn(skin: Tone, sleeve: Tone) -> str:
    horn = "M222 150Q226 216 262 254Q282 274 312 274Q288 246 282 206Q276 172 278 142Z"
    dark = "M254 148Q258 206 284 242Q296 262 312 274Q288 246 282 206Q276 172 278 142Z"
    rim = moved('<ellipse rx="30" ry="11" fill="#e9b94a"/><ellipse rx="22" ry="6.5" fill="#8a5b17"/>', 250, 146, -8)
    oil = fill("M226 150Q226 190 233 190Q240 188 238 168Q240 160 244 168Q248 178 252 168V154Z", "#f6d77c")
    bands = line("M231 204Q256 204 282 192M246 236Q268 232 288 222", "#a8741f", 5)
    return fill(horn, "#e9dabb") + fill(dark, "#bfa780") + bands + oil + rim + _fist(skin, sleeve, 262, 262)


def _coat(skin: Tone, sleeve: Tone) -> str:
    """A child's coat, held up by its shoulders."""
    tone, trim = CLOTH["white"], CLOTH["crimson"]
    arms = fill("M-30 -46L-62 20L-38 32L-24 4ZM30 -46L62 20L38 32L24 4Z", tone.shade)
    body = fill("M-34 -50Q0 -34 34 -50L44 96H-44Z", tone.light) + fill("M6 -42Q22 -44 34 -50L44 96H10Z", tone.shade)
    stripes = line("M-41 62H41M-43 78H43", trim.light, 6) + line("M-60 16L-39 27M60 16L39 27", trim.light, 5)
    neck = line("M-14 -43Q0 -20 14 -43", trim.light, 5) + line("M0 -30V18", tone.line, 2.6)
    belt = line("M-38 24H39", CLOTH["indigo"].light, 7)
    fingers = "".join(
        f'<rect x="{x - 5}" y="-62" width="10.5" height="26" rx="5" fill="{skin.light}"/>'
        for x in (-40, -29, -18, 20, 31, 42)
    )
    wrists = fill("M-60 -52L-34 -66L-14 -52L-20 -40H-44Z", skin.shade) + fill(
        "M60 -52L34 -66L14 -52L20 -40H44Z", skin.shade
    )
    forearms = fill("M-56 -54Q-76 20 -72 110H-40L-36 -40ZM56 -54Q76 20 72 110H40L36 -40Z", sleeve.shade) + line(
        "M-58 -52L-38 -40M58 -52L38 -40", sleeve.line, 5
    )
    return moved(forearms + wrists + arms + body + stripes + neck + belt + fingers, 236, 244, 4, 0.92)


def _tongs(skin: Tone, sleeve: Tone) -> str:
    bars = line("M252 330Q232 220 234 150Q236 128 246 118", "#4a4a50", 7) + line(
        "M240 330Q268 220 268 150Q268 128 258 118", "#34343a", 7
    )
    coal = fill("M236 112L242 96L258 90L268 102L264 118L248 122Z", "#d9532b") + fill(
        "M244 110L248 100L257 98L260 108L252 114Z", "#f6c65a"
    )
    flames = fill("M240 92Q236 74 248 62Q246 76 254 80Q256 66 252 54Q270 70 264 92Q252 82 240 92Z", FLAME.light)
    return bars + flames + coal + _fist(skin, sleeve, 252, 276)


def _branch(skin: Tone, sleeve: Tone) -> str:
    wood = line(
        "M250 330Q246 240 256 170Q262 120 290 78M254 214Q232 184 214 160M256 176Q280 160 300 152M268 124"
        "Q250 104 244 82",
        WOOD.shade,
        7,
    )
    flowers = ""
    for x, y, size in (
        (290, 74, 1),
        (212, 156, 1),
        (302, 148, 0.9),
        (242, 78, 0.9),
        (234, 188, 0.8),
        (276, 112, 0.85),
        (280, 166, 0.7),
    ):
        petals = "".join(
            moved('<ellipse cx="0" cy="-9" rx="7" ry="9" fill="#f8ebe4"/>', turn=turn) for turn in range(0, 360, 72)
        )
        flowers += moved(petals + dot(0, 0, 5, "#c9586a"), x, y, 12, size)
    return wood + flowers + _fist(skin, sleeve, 252, 276)


def _quill(skin: Tone, sleeve: Tone) -> str:
    sheet = fill("M166 262L262 240L290 322H176Z", PARCHMENT.light) + fill(
        "M236 246L262 240L290 322H258Z", PARCHMENT.shade
    )
    words = line("M182 276L224 266M186 290L214 284M190 304L232 295", PARCHMENT.line, 3.4)
    feather = fill("M0 0C-22 -30 -20 -80 16 -118C34 -84 34 -34 8 2Z", "#f4eee1") + fill(
        "M4 0C12 -40 14 -80 16 -118C34 -84 34 -34 8 2Z", "#cdbfa5"
    )
    feather += line("M-2 36L4 0Q10 -60 16 -112", "#7d6a4e", 3) + line(
        "M-12 -40L-2 -48M-12 -62L0 -70M22 -44L12 -52", "#b7aa94", 2.4
    )
    hand = fill("M-16 10Q-22 -6 -8 -10L14 -12Q30 -8 30 10L22 34H-2Z", skin.light) + line(
        "M-10 2H10M-6 12H12", skin.line, 2
    )
    arm = fill("M-4 26Q12 36 30 20Q58 40 62 90H6Q2 50 -4 26Z", sleeve.shade) + line(
        "M-4 27Q12 37 30 21", sleeve.line, 4
    )
    return sheet + words + moved(feather, 240, 240, 14) + moved(arm + hand, 246, 254)


def _jar(skin: Tone, sleeve: Tone) -> str:
    body = "M-20 -66H20L16 -44Q52 -22 48 22Q44 66 14 76H-14Q-44 66 -48 22Q-52 -22 -16 -44Z"
    half = "M6 -66H20L16 -44Q52 -22 48 22Q44 66 14 76H6Q30 20 6 -44Z"
    bands = line("M-46 2Q0 18 46 2M-47 18Q0 34 47 18", CLAY.line, 3.4) + line("M-24 -66H24", CLAY.light, 9)
    handle = line("M20 -56Q54 -54 42 -18", CLAY.shade, 8)
    return moved(handle + fill(body, CLAY.light) + fill(half, CLAY.shade) + bands, 234, 236, 4) + _fist(
        skin, sleeve, 272, 264
    )


def _torch(skin: Tone, sleeve: Tone) -> str:
    pole = fill("M234 170H266L256 330H244Z", WOOD.light) + fill("M252 170H266L256 330H250Z", WOOD.shade)
    flame = fill("M230 172Q206 138 232 104Q232 124 244 128Q240 92 264 66Q262 98 276 112Q288 142 270 172Z", FLAME.shade)
    flame += fill(
        "M238 172Q222 146 240 126Q244 142 252 140Q252 120 260 106Q262 128 268 138Q272 158 262 172Z", FLAME.light
    )
    flame += fill("M244 172Q238 158 250 146Q260 158 256 172Z", FLAME.line)
    return flame + pole + line("M232 176H268M236 188H264", WOOD.line, 5) + _fist(skin, sleeve, 250, 276)


def _lamp(skin: Tone, sleeve: Tone) -> str:
    body = fill("M196 232Q240 222 290 236Q286 268 248 270Q214 268 196 232Z", CLAY.light) + fill(
        "M250 228Q276 230 290 236Q286 268 248 270Q262 252 250 228Z", CLAY.shade
    )
    flame = fill("M200 226Q182 202 202 172Q220 202 204 226Z", FLAME.shade) + fill(
        "M201 226Q192 208 202 192Q212 208 204 226Z", FLAME.line
    )
    palm = fill("M216 262Q246 278 280 260L288 276Q262 298 226 286Z", skin.light) + line(
        "M232 276L240 284M250 278L256 286", skin.line, 2
    )
    arm = fill("M230 284Q260 296 288 274L316 330H240Z", sleeve.shade) + line("M230 285Q260 297 288 275", sleeve.line, 4)
    return flame + arm + body + palm


def _bread(skin: Tone, sleeve: Tone) -> str:
    loaves = ""
    for x, y in ((222, 226), (266, 226), (244, 208)):
        loaves += moved(
            fill("M-34 14Q-34 -18 0 -20T34 14Q0 26 -34 14Z", "#cf8f45")
            + fill("M4 -20Q34 -16 34 14Q18 20 4 20Q18 0 4 -20Z", "#a9692b")
            + line("M-16 -4L-8 6M-2 -8L6 4", "#e9bf7e", 3),
            x,
            y,
        )
    basket = fill("M184 236H304L288 290Q244 302 200 290Z", STRAW.shade) + fill(
        "M184 236H250V296Q220 296 200 290Z", STRAW.light
    )
    weave = line(
        "M186 250Q244 262 300 250M190 266Q244 278 296 266M196 282Q244 292 290 282M214 240L222 292M244 242V296"
        "M274 240L266 292",
        STRAW.line,
        2.4,
    )
    return loaves + basket + weave + line("M182 238Q244 250 306 238", STRAW.line, 7) + _fist(skin, sleeve, 286, 290)


def _sceptre(skin: Tone, sleeve: Tone) -> str:
    pole = line("M262 110L240 330", GOLD.light, 8) + line("M265 112L243 330", GOLD.shade, 3)
    head = (
        dot(266, 84, 20, GOLD.light)
        + fill("M266 64A20 20 0 0 1 266 104Q278 84 266 64Z", GOLD.shade)
        + dot(266, 84, 8, "#a4303a")
    )
    return pole + line("M256 112L274 114M267 66L269 52", GOLD.shade, 6) + head + _fist(skin, sleeve, 246, 278)


HELD: dict[str, _Draw] = {
    "staff": _staff,
    "crook": _crook,
    "spear": _spear,
    "harp": _harp,
    "timbrel": _timbrel,
    "sheaf": _sheaf,
    "scroll": _scroll,
    "tablets": _tablets,
    "horn": _horn,
    "coat": _coat,
    "tongs": _tongs,
    "branch": _branch,
    "quill": _quill,
    "jar": _jar,
    "torch": _torch,
    "lamp": _lamp,
    "bread": _bread,
    "sceptre": _sceptre,
}
"""What can be held, drawn with the tones of the hand and of its sleeve."""
