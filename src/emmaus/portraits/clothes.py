"""What is worn: on the head, and over the shoulders."""

from collections.abc import Callable

from emmaus.portraits.pen import BRONZE, CLOTH, GOLD, Tone, dot, fill, line, two
from emmaus.types.portrait import Portrait

_OPENING = "M160 76C130 76 114 100 114 130C114 168 130 204 160 216C190 204 206 168 206 130C206 100 190 76 160 76Z"
_TOP = "M104 118C96 74 122 40 160 40S224 74 216 118C206 98 186 86 160 86S114 98 104 118Z"


def covering_behind(portrait: Portrait) -> str:
    """The part of a head cloth that falls behind the face."""
    tone = CLOTH[portrait.head_colour]
    shapes = {
        "headcloth": "M104 104C92 150 96 200 62 262Q110 286 160 268Q210 286 258 262C224 200 228 150 216 104Z",
        "scarf": "M200 96C226 120 226 170 236 214Q244 246 232 276Q214 268 206 246C204 206 206 150 196 116Z",
        "nemes": "M106 96C80 128 74 190 70 246Q100 262 122 250L132 200H188L198 250Q222 262 250 246"
        "C246 190 240 128 214 96Z",
        "veil": "M160 34C98 34 88 96 90 142C92 190 76 226 54 268H266C244 226 228 190 230 142C232 96 222 34 160 34Z",
        "shawl": "M160 38C100 38 92 98 94 142C96 190 84 216 60 252H260C236 216 224 190 226 142C228 98 220 38 160 38Z",
    }
    return two(shapes[portrait.head], tone) if portrait.head in shapes else ""


def covering(portrait: Portrait) -> str:
    """What lies over the hair."""
    return _ON_HEAD[portrait.head](CLOTH[portrait.head_colour]) if portrait.head in _ON_HEAD else ""


def _veil(tone: Tone) -> str:
    cloth = (
        "M160 34C98 34 88 96 90 142C92 190 76 226 48 282Q86 290 118 262Q134 240 140 222C122 206 113 168 113 132"
        "C113 104 132 82 160 82S207 104 207 132C207 168 198 206 180 222Q186 240 202 262Q234 290 272 282"
        "C244 226 228 190 230 142C232 96 222 34 160 34Z"
    )
    folds = "M104 132C106 178 100 214 78 258M216 132C216 178 222 214 242 258M112 88Q128 60 158 56"
    return two(cloth, tone) + line(folds, tone.line, 2.6)


def _shawl(tone: Tone) -> str:
    cloth = (
        "M160 38C100 38 92 98 94 142C96 190 84 216 60 252Q70 280 104 286Q170 282 214 246Q226 232 222 214"
        "Q200 232 178 228Q150 234 134 214C120 196 113 166 113 134C113 104 132 80 160 80S207 104 207 134"
        "C207 164 200 192 188 212Q210 222 226 214C232 190 226 168 226 142C228 98 220 38 160 38Z"
    )
    folds = "M84 250Q140 262 206 228M76 268Q150 274 214 238M106 128C106 176 108 206 124 226M114 88Q130 62 160 58"
    return two(cloth, tone) + line(folds, tone.line, 2.6)


def _scarf(tone: Tone) -> str:
    folds = "M112 92Q136 60 176 52M122 100Q150 70 196 66"
    knot = fill("M202 92Q222 84 226 104Q218 118 204 112Z", tone.shade)
    return (
        knot
        + two("M103 122C94 72 122 38 160 38S226 72 217 122C206 100 188 94 160 92S114 100 103 122Z", tone)
        + line(folds, tone.line, 2.6)
    )


def _headcloth(tone: Tone) -> str:
    sides = two("M104 112C98 150 104 196 84 246L62 262C92 200 84 150 96 104Z", tone)
    sides += two("M216 112C222 150 216 196 236 246L258 262C228 200 236 150 224 104Z", tone)
    band = two("M102 104C106 82 128 70 160 70S214 82 218 104L217 116C204 96 186 86 160 86S116 96 103 116Z", BAND)
    dome = two("M102 110C92 66 124 38 160 38S228 66 218 110C208 90 188 80 160 80S112 90 102 110Z", tone)
    return sides + dome + line("M122 66Q136 52 152 50", tone.line, 2.6) + band


BAND = Tone("#5b3a2a", "#402719", "#2a180f")


def _turban(tone: Tone) -> str:
    body = two("M98 104C88 58 124 30 160 32S232 58 222 104C208 86 188 80 160 80S112 86 98 104Z", tone)
    wraps = "M100 96Q140 40 206 56M106 100Q150 58 218 82M112 58Q160 44 216 98M104 82Q150 72 200 42"
    return body + line(wraps, tone.line, 2.8)


def _band(tone: Tone) -> str:
    knot = fill("M208 96Q228 100 230 130L222 124L218 140Q206 122 206 106Z", tone.shade)
    return knot + two("M108 98C118 82 138 76 160 76S202 82 212 98L213 111C202 95 184 89 160 89S118 95 107 111Z", tone)


def _circlet(_: Tone) -> str:
    return two("M107 96C118 80 138 73 160 73S202 80 213 96L213 108C202 93 184 86 160 86S118 93 107 108Z", GOLD) + dot(
        154, 80, 5, "#a4303a"
    )


def _crown(_: Tone) -> str:
    points = (
        "M104 94L98 50L122 66L132 32L154 58L162 24L172 58L194 34L200 66L222 52L216 94C204 82 184 76 160 76"
        "S116 82 104 94Z"
    )
    rim = "M104 94C116 82 136 76 160 76S204 82 216 94L216 110C204 94 184 88 160 88S116 94 104 110Z"
    gems = dot(134, 88, 4.5, "#a4303a") + dot(158, 82, 5, "#2f7c7a") + dot(186, 87, 4.5, "#7c2230")
    return two(points, GOLD) + two(rim, Tone("#d6a136", "#a8741f", GOLD.line)) + gems


def _tiara(_: Tone) -> str:
    body = (
        "M108 92C112 80 118 76 126 72L134 54L146 66L160 40L174 66L186 54L194 72C202 76 208 80 212 92"
        "C198 80 182 76 160 76S122 80 108 92Z"
    )
    drops = "".join(dot(x, y, 3.6, "#3f8d88") for x, y in ((134, 66), (159, 56), (186, 66)))
    return two(body, GOLD) + drops


def _helmet(tone: Tone) -> str:
    plume = two("M150 46C150 22 166 12 186 14Q204 18 218 38Q196 30 178 46Z", tone)
    dome = "M104 118C94 70 126 36 160 34S226 70 216 118L206 100C192 90 178 88 160 88S128 90 114 100Z"
    rim = "M104 112C114 90 136 80 160 80S206 90 216 112L217 124C204 104 184 94 160 94S116 104 103 124Z"
    studs = "".join(dot(x, y, 2.6, BRONZE.line) for x, y in ((114, 106), (130, 95), (148, 89), (172, 89), (190, 95)))
    return plume + two(dome, BRONZE) + line("M156 36Q150 60 154 80", BRONZE.line, 2.6) + two(rim, GOLD) + studs


def _cap(tone: Tone) -> str:
    body = "M106 100C104 70 114 30 128 24Q160 14 192 24C206 30 216 70 214 100C202 84 184 78 160 78S118 84 106 100Z"
    rim = "M104 98C116 82 136 75 160 75S204 82 216 98L216 112C204 94 184 87 160 87S116 94 104 112Z"
    return two(body, tone) + line("M122 44Q160 32 198 44M116 62Q160 48 204 62", tone.line, 2.8) + two(rim, GOLD)


def _nemes(tone: Tone) -> str:
    stripe = CLOTH["indigo"]
    dome = "M104 110C92 66 122 38 160 38S228 66 216 110C206 92 188 82 160 82S114 92 104 110Z"
    left = "M104 100C90 132 82 190 78 248Q100 258 124 250C116 206 108 150 106 114Z"
    right = "M216 100C230 132 238 190 242 248Q220 258 196 250C204 206 212 150 214 114Z"
    bars = "M94 138L110 144M88 164L112 170M84 190L115 196M81 216L118 222M80 238L122 242"
    mirrored = "M226 138L210 144M232 164L208 170M236 190L205 196M239 216L202 222M240 238L198 242"
    arcs = "M128 52Q112 66 108 94M148 44Q130 58 124 84M172 44Q190 58 196 84M192 52Q208 66 212 94"
    drawn = two(left, tone) + two(right, tone) + two(dome, tone) + line(bars, stripe.light, 7)
    return drawn + line(mirrored, stripe.shade, 7) + line(arcs, stripe.light, 5) + _circlet(tone)


_ON_HEAD: dict[str, Callable[[Tone], str]] = {
    "veil": _veil,
    "shawl": _shawl,
    "scarf": _scarf,
    "headcloth": _headcloth,
    "turban": _turban,
    "band": _band,
    "circlet": _circlet,
    "crown": _crown,
    "tiara": _tiara,
    "helmet": _helmet,
    "cap": _cap,
    "nemes": _nemes,
}

_BODY = {
    "man": "M8 322C14 272 46 250 98 232Q124 250 160 256Q196 250 222 232C274 250 306 272 312 322Z",
    "woman": "M30 322C36 274 62 254 108 234Q132 250 160 254Q190 250 212 234C258 254 284 274 290 322Z",
}


def robe(portrait: Portrait) -> str:
    """What is worn over the shoulders; the neck is drawn before it."""
    main, second, hem = (CLOTH[colour] for colour in _three(portrait))
    body = two(_BODY[portrait.figure], main)
    return body + _ROBES[portrait.robe](main, second, hem)


def _three(portrait: Portrait) -> tuple[str, str, str]:
    main, second, hem = (*portrait.colours, *("brown", "cream")[len(portrait.colours) - 1 :])[:3]
    return main, second, hem


def _hem(tone: Tone) -> str:
    return line("M106 233Q130 250 160 255Q192 250 214 233", tone.light, 8) + line(
        "M160 256Q192 250 214 233", tone.shade, 8
    )


def _tunic(main: Tone, _: Tone, hem: Tone) -> str:
    return _hem(hem) + line("M160 262V318M112 256Q104 290 108 318M208 256Q218 290 212 318", main.line, 3)


def _mantle(main: Tone, second: Tone, hem: Tone) -> str:
    left = "M102 226C52 244 14 266 6 322H132C124 290 116 254 124 236Q112 232 102 226Z"
    right = "M218 226C268 244 306 266 314 322H192C200 290 206 254 198 236Q208 232 218 226Z"
    folds = "M92 248Q74 282 76 320M58 262Q42 290 44 320M230 250Q246 284 244 320M262 262Q280 290 276 320"
    edges = "M124 238C116 256 124 290 132 322M198 238C206 256 200 290 192 322"
    middle = _hem(hem) + line("M160 264V318", main.line, 3)
    return middle + two(left, second) + two(right, second) + line(folds, second.line, 3) + line(edges, hem.light, 5)


def _draped(main: Tone, second: Tone, hem: Tone) -> str:
    drape = "M222 224C276 244 308 270 314 322H70C92 300 150 268 196 226Q210 230 222 224Z"
    folds = "M214 238Q190 280 128 318M232 244Q216 286 176 320M256 256Q246 292 226 320M284 276Q280 300 272 320"
    folded = line("M104 254Q92 284 96 318", main.line, 3) + two(drape, second) + line(folds, second.line, 3)
    return _hem(hem) + folded + line("M196 227C150 268 94 300 72 320", hem.light, 5)


def _striped(main: Tone, second: Tone, hem: Tone) -> str:
    bands = ("M60 254L44 322H66L84 244Z", "M112 238L100 322H122L130 248Z", "M190 248L198 322H220L208 238Z")
    thin = ("M86 244L74 322H84L98 240Z", "M150 256V322H170V256Z", "M222 240L236 322H248L236 246Z")
    last = ("M252 252L270 322H290L266 258Z",)
    drawn = "".join(two(d, second) for d in (*bands, *last)) + "".join(two(d, hem) for d in thin)
    return drawn + _hem(hem) + line("M135 252V322M184 252V322", main.line, 2.5)


def _royal(main: Tone, second: Tone, hem: Tone) -> str:
    collar = "M98 230Q126 254 160 258Q194 254 222 230L250 244Q214 292 160 296Q106 292 70 244Z"
    stones = ((96, 254), (116, 268), (138, 277), (161, 280), (184, 277), (206, 267), (225, 253))
    drawn = line("M160 298V320M96 288L92 320M226 288L230 320", main.line, 3) + two(collar, GOLD)
    drawn += line("M84 238Q124 276 160 277Q198 276 236 238", second.light, 9)
    return drawn + "".join(dot(x, y - 6, 4, hem.light if x < 160 else hem.shade) for x, y in stones)


def _fleece(main: Tone, second: Tone, hem: Tone) -> str:
    coat = (
        "M104 220L88 232L70 234L58 248L40 254L34 272L18 284L14 304L4 322H136L130 300L138 288L126 272L132 258L120 248"
        "L122 236ZM216 220L232 232L250 234L262 248L280 254L286 272L302 284L306 304L316 322H188L194 300L184 288"
        "L196 272L190 258L200 248L198 236Z"
    )
    tufts = (
        "M78 252L72 266M60 270L52 284M96 262L92 278M84 288L78 302M112 284L108 300M46 296L40 310M240 252L246 266"
        "M260 270L268 284M224 262L228 278M236 288L242 302M208 284L212 300M274 296L280 310M66 306L62 318M256 306L260 318"
    )
    belt = line("M136 300H188", hem.shade, 9)
    return _hem(hem) + belt + two(coat, second) + line(tufts, second.line, 4)


def _armour(main: Tone, second: Tone, hem: Tone) -> str:
    plate = "M110 244Q136 262 160 264Q184 262 212 244L226 322H94Z"
    rows = "".join(
        line("".join(f"M{x} {y}a9 9 0 0 0 18 0" for x in range(left, 214, 18)), BRONZE.line, 2.4)
        for y, left in ((270, 106), (286, 97), (302, 106), (316, 97))
    )
    left = "M98 232C48 248 14 268 8 322H66C72 292 86 262 112 248Z"
    right = "M222 232C272 248 306 268 312 322H258C250 292 236 262 210 248Z"
    drawn = two(plate, BRONZE) + rows + two(left, second) + two(right, second)
    return drawn + line("M72 256Q46 280 42 320M250 256Q274 280 280 320", second.line, 3) + _hem(hem)


def _collar(main: Tone, second: Tone, hem: Tone) -> str:
    """A striped coat below the broad collar of Egypt."""
    drawn = _striped(main, second, hem)
    drawn += two("M98 228Q126 252 160 256Q194 252 222 228L242 240Q212 288 160 292Q108 288 78 240Z", GOLD)
    rows = (
        ("M88 236Q124 272 160 274Q198 272 232 236", CLOTH["blue"]),
        ("M82 240Q118 284 160 285Q204 284 238 240", CLOTH["rust"]),
    )
    return drawn + "".join(line(d, tone.light, 5.5) for d, tone in rows)


_ROBES: dict[str, Callable[[Tone, Tone, Tone], str]] = {
    "tunic": _tunic,
    "mantle": _mantle,
    "draped": _draped,
    "striped": _striped,
    "royal": _royal,
    "fleece": _fleece,
    "armour": _armour,
    "collar": _collar,
}
