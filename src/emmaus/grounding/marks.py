"""Which quotation mark closes which. Knows nothing about what stands between them."""

import re
from bisect import bisect_left
from collections.abc import Sequence

PAIRS = {"\u201c": "\u201d", "\u00ab": "\u00bb", "\u201e": "\u201c\u201d", "\u300c": "\u300d", "\u2039": "\u203a"}
"""Marks that open, each with those that close it."""

_PARTNERS = {"\u201d": "\u201c", "\u2019": "\u2018"}
_CURLED = re.compile(r"[\u201c\u201d\u2018]|\u2019(?!\w)(?!(?<=s.) [a-z])")
"""Marks of quotations, and the apostrophes that could be one."""


def partners(text: str) -> dict[int, int]:
    """Give the place of every mark that opens -> the place of the one that closes it, or -1; in one pass a kind."""
    kinds = [kind for kind in PAIRS.items() if kind[0] in text]
    return {at: end for opening, closing in kinds for at, end in _paired(text, opening, closing).items()}


def _paired(text: str, opening: str, closing: str) -> dict[int, int]:
    """Pair the marks of one kind as brackets are.

    A mark that is still open at the end of the text, or of a paragraph after which none opens anew, takes the next one
    that closes, though that is another's; none where what closes this kind opens another.
    """
    found: dict[int, int] = {}
    closes: list[int] = []
    waiting: list[int] = []
    left: set[int] = set()
    for match in re.finditer(rf"[{opening}{closing}]|\n\n\s*", text):
        if match[0] == opening:
            waiting.append(match.start())
            found[match.start()] = -1
        elif match[0] in closing:
            closes.append(match.start())
            at = waiting.pop() if waiting else -1
            if at >= 0 and at not in left:
                found[at] = match.start()
        elif waiting and not text.startswith(opening, match.end()):
            left.add(waiting[-1])
    if len(closing) > 1:
        return found
    return {at: end if end >= 0 else next_place(closes, at, -1) for at, end in found.items()}


def straight(text: str, at: int) -> int:
    """Give the place of the straight mark that closes the one at `at`, or -1; none beyond its paragraph."""
    end = text.find('"', at + 1)
    return -1 if text.find("\n\n", at, max(end, at)) >= 0 else end


def balanced(text: str) -> str:
    """Leave out the marks of quotations that have no partner; apostrophes stay, a plural's at its end too."""
    waiting: list[int] = []
    lone: set[int] = set()
    for match in _CURLED.finditer(text):
        at, mark = match.start(), match[0]
        if mark in _PARTNERS.values():
            waiting.append(at)
            continue
        partner = next((one for one in reversed(waiting) if text[one] == _PARTNERS[mark]), None)
        if partner is not None:
            lone |= {one for one in waiting if one > partner}
            waiting = [one for one in waiting if one < partner]
        elif mark == "\u201d" or not (at and text[at - 1].isalpha()):
            lone.add(at)
    lone |= set(waiting)
    return "".join(mark for at, mark in enumerate(text) if at not in lone)


def next_place(places: Sequence[int], at: int, end: int) -> int:
    """Give the first of these places from `at` on, or `end`."""
    number = bisect_left(places, at)
    return places[number] if number < len(places) else end
