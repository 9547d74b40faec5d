"""What stands behind the figure, on the left."""

from collections.abc import Callable

from emmaus.portraits.pen import CLOTH, FLAME, LEAF, STONE, WOOD, dot, fill, line, moved


def _palm() -> str:
    trunk = fill("M36 330Q48 210 44 96H60Q66 210 70 330Z", WOOD.light) + fill(
        "M54 96H60Q66 210 70 330H56Q62 210 54 96Z", WOOD.shade
    )
    rings = line("M43 130L62 124M45 160L64 154M45 190L66 184M44 220L67 214M42 250L68 244M40 280L69 274", WOOD.line, 3)
    leaf = "M0 0Q34 -34 92 -8Q98 2 94 14Q76 4 62 6L66 20Q50 6 38 8L42 24Q26 8 0 0Z"
    fronds = "".join(
        moved(
            fill(leaf, LEAF.light if number % 2 else LEAF.shade) + line("M2 0Q40 -20 88 4", LEAF.line, 2), 52, 96, turn
        )
        for number, turn in enumerate((28, -8, -44, -80, -116, -152, -188, -214))
    )
    return trunk + rings + fronds + dot(44, 104, 7, "#8c4a27") + dot(58, 108, 7, "#67331a") + dot(51, 114, 7, "#8c4a27")


def _oak() -> str:
    trunk = fill("M30 330Q44 240 34 170L22 140L34 134L46 158L60 120L74 126L62 170Q62 240 84 330Z", WOOD.shade)
    crown = "".join(dot(x, y, r, LEAF.shade) for x, y, r in ((10, 110, 40), (86, 102, 38), (50, 66, 48), (48, 120, 34)))
    return trunk + crown + "".join(dot(x, y, r, LEAF.light) for x, y, r in ((2, 96, 28), (40, 52, 32), (80, 88, 24)))


def _lion() -> str:
    mane = (
        "M66 152L88 162L108 158L116 180L136 190L132 214L144 234L130 252L132 276L112 284L102 304L30 304L18 284"
        "L-2 276L0 252L-14 234L-2 214L-4 190L16 180L24 158L44 162Z"
    )
    body = fill("M-20 330Q-10 276 30 272H104Q140 280 146 330Z", "#b5803c")
    ears = dot(30, 186, 13, "#c9924a") + dot(102, 186, 13, "#a8742f")
    face = fill("M30 206Q34 178 66 176T102 206Q104 236 92 252Q84 278 66 280T40 252Q28 236 30 206Z", "#dba757")
    face += fill("M66 176Q98 178 102 206Q104 236 92 252Q84 278 66 280L70 252L60 240L66 214Z", "#bd8840")
    eyes = fill("M40 212Q48 204 58 213Q48 219 40 212ZM76 213Q86 204 94 212Q84 219 76 213Z", "#3a2412")
    snout = fill("M54 240H80L67 254Z", "#5b3420") + line("M67 254V262M52 266Q62 272 67 262Q74 272 84 266", "#5b3420", 3)
    strands = line(
        "M20 196L4 204M16 222L0 228M20 250L4 256M114 196L130 204M118 222L134 228M114 250L130 258M48 166L44 152"
        "M86 166L92 154",
        "#6b3d1c",
        3,
    )
    return body + fill(mane, "#8f5426") + strands + ears + face + eyes + snout


def _raven() -> str:
    rock = fill("M-10 330V232L14 214L46 220L74 206L98 228L112 330Z", STONE.shade) + fill(
        "M-10 330V232L14 214L46 220L40 262L20 290L24 330Z", STONE.light
    )
    body = fill(
        "M-4 226Q0 160 40 138Q46 106 72 106Q90 106 94 122L116 130L96 136Q94 182 62 204Q40 216 24 214L2 244Z", "#2c2b33"
    )
    wing = fill("M8 222Q10 166 52 150Q72 172 54 194Q34 212 8 222Z", "#4a4957") + line(
        "M22 206Q40 196 50 178M30 212Q50 202 60 186", "#22212a", 2.4
    )
    legs = line("M44 210L42 224M58 204V222", "#1d1c22", 4)
    return rock + legs + body + wing + dot(75, 121, 4, "#e9d9b0") + fill("M94 122L122 128L96 137Z", "#c9924a")


def _lamb() -> str:
    wool = "".join(
        dot(x, y, r, "#efe6d6")
        for x, y, r in ((18, 278, 34), (52, 268, 32), (84, 284, 30), (30, 312, 34), (70, 314, 34), (58, 240, 20))
    )
    face = fill("M52 232Q74 220 92 236Q104 262 92 278Q80 286 70 274Q52 258 52 232Z", "#cdb99a") + fill(
        "M80 230Q104 250 92 278Q84 282 78 278Q88 256 80 230Z", "#a68f6e"
    )
    ear = fill("M50 238Q30 236 24 252Q40 260 54 252ZM92 238Q108 232 114 246Q104 256 94 252Z", "#b59f7e")
    curls = line(
        "M10 268A9 9 0 0 1 28 268M34 284A9 9 0 0 1 52 284M14 300A9 9 0 0 1 32 300M60 304A9 9 0 0 1 78 304", "#cdbfa5", 3
    )
    eyes = dot(72, 248, 3.4, "#3a2a1c") + dot(89, 248, 3, "#3a2a1c") + line("M78 270Q84 274 88 269", "#7d6a4e", 2.4)
    return moved(wool + curls + ear + face + eyes, -24, -62, 0, 1.06)


def _tent() -> str:
    cloth, dark = CLOTH["umber"], CLOTH["charcoal"]
    roof = fill("M-40 262Q10 190 44 118Q76 190 150 262V330H-40Z", cloth.light) + fill(
        "M44 118Q76 190 150 262V330H60Q74 210 44 118Z", cloth.shade
    )
    door = fill("M44 176Q26 250 14 330H74Q62 250 44 176Z", dark.line)
    stripes = line("M22 160Q-6 220 -30 256M66 162Q94 220 122 254", CLOTH["sand"].shade, 5)
    return (
        line("M44 120V98", WOOD.light, 6)
        + roof
        + stripes
        + door
        + line("M44 120L-36 300M44 120L146 300", cloth.line, 2)
    )


def _bush() -> str:
    flames = (
        "M-10 320Q-30 250 6 214Q2 236 18 242Q2 180 40 132Q36 172 56 186Q60 156 50 128Q92 168 82 214"
        "Q96 206 96 190Q124 240 104 320Z"
    )
    inner = "M10 320Q-2 274 24 246Q26 264 38 262Q32 222 50 194Q54 226 68 236Q76 228 76 218Q96 270 84 320Z"
    core = "M30 320Q26 290 44 270Q50 282 58 276Q70 296 64 320Z"
    twigs = line("M48 330V250M48 290L20 262M48 280L78 250M20 330L8 280M76 330L92 276", "#4a2f1c", 5)
    leaves = "".join(
        dot(x, y, 7, LEAF.shade)
        for x, y in ((20, 260), (8, 278), (78, 248), (92, 274), (48, 246), (34, 284), (66, 282))
    )
    return fill(flames, FLAME.shade) + fill(inner, FLAME.light) + fill(core, FLAME.line) + twigs + leaves


def _pillar() -> str:
    shaft = fill("M22 330V84H82V330Z", STONE.light) + fill("M56 84H82V330H56Z", STONE.shade)
    flutes = line("M34 92V330M46 92V330M58 92V330M70 92V330", STONE.line, 2.6)
    capital = (
        fill("M6 58H98L86 84H18Z", "#cfc6b6")
        + fill("M56 58H98L86 84H56Z", STONE.shade)
        + fill("M0 40H104V58H0Z", "#cfc6b6")
        + fill("M56 40H104V58H56Z", STONE.shade)
    )
    buds = "".join(dot(x, 71, 6, "#b8862f") for x in (28, 52, 76))
    return shaft + flutes + capital + buds


def _net() -> str:
    mesh = "".join(
        f"M{-20 + step} 180L{80 + step} 330M{120 - step} 180L{20 - step} 330" for step in range(-60, 130, 24)
    )
    floats = "".join(dot(x, y, 8, "#c9924a") for x, y in ((2, 196), (26, 184), (52, 182), (76, 190), (96, 206)))
    fish = "".join(
        moved(
            fill("M-26 0Q0 -18 22 -4L36 -14V14L22 4Q0 18 -26 0Z", "#a9bcc0")
            + fill("M-26 0Q0 18 22 4L36 14V0Z", "#7d959b")
            + dot(-14, -2, 2.6, "#2b2b2b"),
            x,
            y,
            turn,
        )
        for x, y, turn in ((40, 262, -24), (66, 294, 12), (22, 304, -8))
    )
    ground = fill("M-10 200Q40 168 100 204Q124 260 130 330H-10Z", "#4d5a54")
    clip = f'<g clip-path="url(#emmaus-net)">{line(mesh, "#d9c79c", 2.6)}</g>'
    return ground + fish + clip + line("M-10 200Q40 168 100 204", "#d9c79c", 5) + floats


def _cloth() -> str:
    tent, dark = CLOTH["sand"], CLOTH["brown"]
    cloth = fill("M-6 128Q40 142 96 122L110 330H-6Z", tent.light) + fill(
        "M64 134Q80 128 96 122L110 330H70Z", tent.shade
    )
    bars = line(
        "M-6 166Q44 178 99 160M-6 178Q44 190 100 172M-6 262Q50 274 106 258M-6 274Q50 286 107 270", dark.light, 6
    )
    folds = line("M20 138L16 330M44 138L46 330", tent.line, 2.4)
    seam = line("M62 200L68 210M60 216L70 226M62 232L70 242", "#7c2230", 3)
    return line("M-6 122Q40 136 104 114", WOOD.shade, 10) + cloth + folds + bars + seam


def _reeds() -> str:
    stems = ((12, 120, -6), (34, 96, -2), (58, 130, 3), (80, 108, 8), (98, 160, 12), (-2, 170, -10))
    drawn = ""
    for x, top, lean in stems:
        drawn += line(f"M{x} 330Q{x + lean} 240 {x + lean} {top}", LEAF.shade, 5) + fill(
            f"M{x + lean - 7} {top + 8}Q{x + lean} {top - 26} {x + lean + 7} {top + 8}V{top + 40}"
            f"Q{x + lean} {top + 48} {x + lean - 7} {top + 40}Z",
            WOOD.light,
        )
    leaves = (
        "M20 330Q0 260 -16 220Q20 250 34 330ZM60 330Q80 250 116 214Q98 270 78 330ZM40 330Q36 250 44 190Q56 260 54 330Z"
    )
    return drawn + fill(leaves, LEAF.light)


def _boat() -> str:
    hull = fill("M-30 226H118Q112 262 84 268H4Q-22 260 -30 226Z", WOOD.light) + fill(
        "M50 226H118Q112 262 84 268H50Z", WOOD.shade
    )
    sail = fill("M44 84Q-18 130 -12 206H44Z", "#efe3c9") + fill("M50 96Q96 140 92 206H50Z", "#cdbc98")
    return line("M47 72V228", WOOD.shade, 6) + sail + hull + line("M-30 230H118", WOOD.line, 4)


BESIDE: dict[str, Callable[[], str]] = {
    "palm": _palm,
    "oak": _oak,
    "lion": _lion,
    "raven": _raven,
    "lamb": _lamb,
    "tent": _tent,
    "bush": _bush,
    "pillar": _pillar,
    "net": _net,
    "cloth": _cloth,
    "reeds": _reeds,
    "boat": _boat,
}
"""What can stand there."""
