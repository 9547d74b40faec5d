"""Faces, hair and beards."""

from emmaus.portraits.pen import GOLD, HAIR, SKIN, Tone, dot, fill, line, two
from emmaus.types.portrait import Portrait

_FACE = {
    "man": "M111 122C109 86 130 64 160 64S211 86 209 122C209 142 207 156 200 170C192 188 176 204 158 204"
    "S128 188 120 170C113 156 111 142 111 122Z",
    "woman": "M114 120C112 86 132 66 160 66S208 86 206 120C206 146 200 164 191 178C182 193 171 202 158 202"
    "S138 193 129 178C120 164 114 146 114 120Z",
}
_NECK = {
    "man": "M132 170H190V206Q194 224 222 232L160 276L98 232Q128 224 132 206Z",
    "woman": "M138 170H184V208Q188 224 212 232L160 272L108 232Q134 224 138 208Z",
}
_DARK = "#2b1b14"


def skin(portrait: Portrait) -> Tone:
    """The tones of the face and of the hands."""
    return SKIN[portrait.skin]


def neck(portrait: Portrait) -> str:
    """Neck and breastbone, with the shadow of the chin."""
    tone = skin(portrait)
    shadow = "M134 186Q158 214 188 186V202Q160 230 134 204Z"
    return two(_NECK[portrait.figure], tone) + fill(shadow, tone.shade)


def face(portrait: Portrait) -> str:
    """Face and ears, without hair."""
    tone = skin(portrait)
    ears = fill("M112 122C100 116 98 140 106 150Q112 154 116 148Z", tone.light)
    ears += fill("M208 122C220 116 222 140 214 150Q208 154 204 148Z", tone.shade)
    return ears + two(_FACE[portrait.figure], tone) + _features(portrait, tone)


def _features(portrait: Portrait, tone: Tone) -> str:
    return _age(portrait, tone) + _eyes(portrait, tone) + _nose(tone) + _mouth(portrait, tone)


def _eyes(portrait: Portrait, tone: Tone) -> str:
    woman, old = portrait.figure == "woman", portrait.age == "old"
    drawn = ""
    for x, white in ((135, "#f5ead8"), (181, "#e2cfb3")):
        top = 120 if old else 117
        lid = f"M{x - 13} 129Q{x - 3} {top} {x + 12} 128"
        drawn += fill(f"{lid}Q{x} 136 {x - 13} 129Z", white) + dot(x - 1.5, 127, 5, _DARK)
        drawn += line(lid, _DARK, 3.6 if woman else 3)
    if woman:
        drawn += line("M122 129L117 125", _DARK, 3) + line("M193 128L198 124", _DARK, 3)
    return drawn + _brows(portrait)


def _brows(portrait: Portrait) -> str:
    tone = HAIR[portrait.hair_colour]
    colour = tone.shade if portrait.hair_colour != "white" else tone.light
    width = 4.2 if portrait.figure == "woman" else {"young": 5.2, "grown": 6.6, "old": 7.6}[portrait.age]
    if portrait.mood == "grave":
        return line("M119 113Q132 105 149 113", colour, width) + line("M167 113Q184 104 198 112", colour, width)
    return line("M119 112Q130 101 149 109", colour, width) + line("M166 109Q186 100 198 111", colour, width)


def _nose(tone: Tone) -> str:
    return line("M148 155Q151 160 160 157", tone.line, 3)


def _mouth(portrait: Portrait, tone: Tone) -> str:
    if portrait.figure == "woman":
        corner = {"smile": 169, "calm": 173, "grave": 176}[portrait.mood]
        upper = f"M141 {corner}Q150 171 156 174Q162 171 173 {corner}Q158 180 141 {corner}Z"
        lower = f"M141 {corner}Q158 180 173 {corner}Q159 191 141 {corner}Z"
        lips = {"olive": "#a9534a", "tan": "#9c473e"}.get(portrait.skin, "#803a30")
        return fill(lower, lips) + fill(upper, tone.line)
    corner = {"smile": 176, "calm": 179, "grave": 182}[portrait.mood]
    middle = {"smile": 184, "calm": 179, "grave": 177}[portrait.mood]
    lower = fill(f"M148 {corner + 2}Q158 {middle + 13} 167 {corner + 2}Z", tone.shade)
    return lower + line(f"M142 {corner}Q157 {middle} 173 {corner}", tone.line, 4)


def _age(portrait: Portrait, tone: Tone) -> str:
    if portrait.age == "young":
        return ""
    drawn = line("M145 160Q136 167 135 177", tone.shade, 2.6) + line("M169 160Q178 167 179 177", tone.line, 2.2)
    if portrait.age == "grown":
        return drawn if portrait.figure == "man" else ""
    drawn += line("M134 92Q156 87 184 92", tone.shade, 2.6) + line("M140 83Q158 79 178 83", tone.shade, 2.2)
    drawn += line("M125 137Q134 142 144 137", tone.shade, 2.4) + line("M172 137Q182 142 191 136", tone.line, 2)
    return drawn + line("M116 133L121 131M117 139L122 135", tone.shade, 2)


def hair_behind(portrait: Portrait) -> str:
    """What falls behind the neck."""
    tone = HAIR[portrait.hair_colour]
    if portrait.hair == "long" and portrait.figure == "man":
        return two("M106 112C92 160 104 204 88 246Q124 258 160 250Q198 258 232 246C216 204 228 160 214 112Z", tone)
    if portrait.hair in ("long", "braid"):
        return two("M110 100C90 150 102 204 84 262Q122 276 160 268Q200 276 236 262C218 204 230 150 210 100Z", tone)
    if portrait.hair == "wild":
        return two(
            "M112 66L96 76L98 92L84 104L92 120L80 138L92 150L82 172L96 182L90 206L110 210L112 232L160 226L208 232"
            "L212 208L232 204L224 182L238 170L228 150L240 136L228 118L236 102L222 92L222 74L206 66Z",
            tone,
        )
    if portrait.hair == "curly" and portrait.figure == "woman":
        mass = two("M112 84C92 110 88 150 92 206Q100 238 126 232H194Q222 238 228 206C232 150 228 110 208 84Z", tone)
        left = ((108, 92), (97, 112), (90, 134), (87, 158), (86, 182), (90, 206), (102, 226), (122, 234))
        curls = (*left, *((320 - x, y) for x, y in left))
        return mass + "".join(dot(x, y, 15, tone.light if x < 160 else tone.shade) for x, y in curls)
    return ""


def braid(portrait: Portrait) -> str:
    """A braid that lies over the shoulder."""
    if portrait.hair != "braid":
        return ""
    tone = HAIR[portrait.hair_colour]
    knots = "".join(
        fill(f"M{x} {y}Q{x - 18} {y + 10} {x - 3} {y + 27}Q{x + 15} {y + 14} {x} {y}Z", tone.light)
        + line(f"M{x - 9} {y + 9}Q{x - 2} {y + 14} {x - 2} {y + 24}", tone.line, 2)
        for x, y in ((118, 208), (110, 226), (104, 244), (100, 262))
    )
    return knots + fill("M93 286L105 286L102 312Q97 318 95 310Z", tone.light) + line("M92 287H106", GOLD.light, 6)


def hair(portrait: Portrait) -> str:
    """What grows around the forehead."""
    tone = HAIR[portrait.hair_colour]
    if portrait.hair == "bald":
        return two("M109 126C104 112 108 100 114 94C112 108 114 116 114 128Z", tone) + two(
            "M211 126C216 112 212 100 206 94C208 108 206 116 206 128Z", tone
        )
    if portrait.hair == "receding":
        return two(
            "M108 142C94 116 100 84 120 72C115 86 122 96 119 108Q116 120 115 136ZM212 142C226 116 220 84 200 72"
            "C205 86 198 96 201 108Q204 120 205 136Z",
            tone,
        )
    if portrait.hair == "curly" and portrait.head not in _COVERS:
        curls = ((112, 116), (110, 98), (118, 80), (132, 67), (149, 60), (168, 59), (186, 66), (201, 79), (209, 97))
        drawn = "".join(dot(x, y, 14, tone.light if x < 158 else tone.shade) for x, y in (*curls, (208, 115)))
        return drawn + "".join(line(f"M{x - 6} {y + 2}A6 6 0 0 1 {x + 6} {y + 2}", tone.line, 2) for x, y in curls[::2])
    if portrait.figure == "woman" or portrait.hair == "long":
        parting = "M160 54C122 50 100 80 104 134C108 140 110 150 112 160C114 128 122 98 160 74"
        return two(f"{parting}C198 98 206 128 208 160C210 150 212 140 216 134C220 80 198 50 160 54Z", tone) + line(
            "M150 62C128 70 114 92 110 122M170 62C192 70 206 92 210 122", tone.line, 2
        )
    ragged = "M106 132C96 84 120 50 160 48S224 84 214 132L206 128C207 110 203 98 194 92L184 98L176 88L162 97L150 87"
    return two(f"{ragged}L138 97L126 93C116 100 113 112 114 128Z", tone) + line(
        "M128 66Q144 56 160 58M188 64Q202 74 208 92M116 84Q110 96 110 110", tone.line, 2
    )


_COVERS = frozenset({"veil", "shawl", "scarf", "headcloth", "turban"})
"""What hides the curls on the forehead."""


def beard(portrait: Portrait) -> str:
    """Beard and moustache, with the mouth in it."""
    tone, mood = HAIR[portrait.hair_colour], portrait.mood
    if portrait.beard == "none":
        return ""
    if portrait.beard == "stubble":
        return f'<g opacity=".28">{fill(_JAW["short"], tone.shade)}</g>' + _mouth(portrait, skin(portrait))
    drawn = two(_JAW[portrait.beard], tone)
    if portrait.beard == "curly":
        curls = ((113, 160), (117, 178), (126, 195), (139, 209), (157, 216), (176, 210), (191, 196), (201, 179))
        drawn += "".join(dot(x, y, 13, tone.light if x < 157 else tone.shade) for x, y in (*curls, (206, 160)))
        drawn += "".join(
            line(f"M{x - 6} {y}A6 6 0 0 0 {x + 6} {y}", tone.line, 2) for x, y in (*curls[::2], (150, 198), (170, 200))
        )
    drawn += line(_STRANDS[portrait.beard], tone.line, 2.2) if portrait.beard in _STRANDS else ""
    lip = {"smile": 178, "calm": 181, "grave": 183}[mood]
    drawn += fill(f"M145 178Q157 {lip - 4} 171 178Q158 {lip + 10} 145 178Z", "#8a4438")
    moustache = (
        "M130 178C134 164 148 160 157 166C166 160 180 164 184 178C174 172 164 174 157 175C150 174 140 172 130 178Z"
    )
    return drawn + two(moustache, tone) + line("M138 171Q148 165 155 168M176 171Q168 165 161 168", tone.line, 1.8)


_JAW = {
    "short": "M108 128C108 148 114 160 124 166C136 160 146 160 157 163C168 160 180 160 194 166C206 160 212 148 212 128"
    "C218 176 196 216 158 216C122 216 102 176 108 128Z",
    "curly": "M108 128C108 148 114 158 124 164C136 158 146 158 157 161C168 158 180 158 194 164C206 158 212 148 212 128"
    "C218 176 196 218 158 218C122 218 102 176 108 128Z",
    "full": "M107 126C107 146 114 158 124 164C136 158 146 158 157 161C168 158 180 158 194 164C206 158 213 146 213 126"
    "C222 170 214 208 196 232L182 226L172 246L158 234L144 246L134 226L120 232C104 208 98 170 107 126Z",
    "long": "M107 126C107 146 114 158 124 164C136 158 146 158 157 161C168 158 180 158 194 164C206 158 213 146 213 126"
    "C222 172 214 216 200 252L188 244L180 272L166 260L156 288L146 262L134 272L128 244L116 252C102 216 98 172 107 126Z",
}
_STRANDS = {
    "short": "M124 186Q134 202 146 207M190 186Q182 202 170 207M152 196V209M164 196V209",
    "full": "M118 180Q122 204 132 216M198 180Q194 204 186 216M140 194Q142 214 148 228M174 194Q172 214 168 228"
    "M157 192V222",
    "long": "M118 180Q120 212 126 232M199 180Q198 212 192 232M138 194Q138 224 144 250M176 194Q176 224 170 250"
    "M157 192V268",
}
