"""The words of a quotation as they are compared: without what editors add to them."""

import re
from dataclasses import dataclass

from emmaus.packs.spelling import WORD, Token, tokens

_ELLIPSIS = re.compile(
    r"\[\s*(?:\.\s?\.\s?\.+|\u2026)\s*\]|\(\s*(?:\.\.\.|\u2026)\s*\)|\.\s?\.\s?\.(?:\s?\.)*|\u2026|\s\*\s\*\s\*"
)
_EDITED = re.compile(r"\[(\w+)\](?=\w)|(?<=\w)\[(\w{1,3})\]|\[[^\[\]]{0,60}\]")
_NUMBERS = re.compile(
    r"(?<![\w.,])[(\[]?(?:\d{1,3}:)?\d{1,3}[)\]]?[.:]?(?![\w%])(?=\s*[\"\u201c\u2018'(]?[A-Za-z])|[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+"
)


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a quotation as they are compared."""

    text: str
    """As written, between its first and its last word."""
    parts: tuple[tuple[Token, ...], ...]
    """What stands between marks of omission."""
    keys: tuple[str, ...]
    """All words in modern form."""
    breaks: frozenset[int]
    """Numbers of the keys before which something is marked as left out."""


def read(text: str) -> Quote:
    """Read a quotation without verse numbers and additions in brackets, in parts where it leaves out words."""
    marked = _ELLIPSIS.sub("\u2026", text)
    plain = _EDITED.sub(lambda match: match[1] or match[2] or " ", marked)
    numbers = [match for match in _NUMBERS.finditer(plain) if _is_verse_number(match, plain)]
    for match in reversed(numbers):
        plain = plain[: match.start()] + " " + plain[match.end() :]
    parts = tuple(tuple(found) for part in plain.split("\u2026") if (found := tokens(part)))
    keys = tuple(key for part in parts for one in part for key in one.keys)
    breaks, at = set(), 0
    for part in parts:
        breaks.add(at)
        at += sum(len(one.keys) for one in part)
    return Quote(core(plain), parts, keys, frozenset(breaks - {0}))


def _is_verse_number(match: re.Match[str], text: str) -> bool:
    before = text[: match.start()].rstrip()
    return not before or before[-1] in ".,;:!?\"\u201c\u201d\u2018\u2019')]>\n\u2026\u2014" or not match[0].isdigit()


def core(text: str) -> str:
    """Give a text from its first to its last word, in one line."""
    found = list(WORD.finditer(text))
    if not found:
        return ""
    return re.sub(r"\s*\n[\s>]*", " ", text[found[0].start() : found[-1].end()])
