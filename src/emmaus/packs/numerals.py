"""Numbers as people write them in references: digits, Roman numerals, English words."""

import re

_UNITS = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NTH = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth",
]  # fmt: skip
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}

WORDED = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS[:9])}))?|{'|'.join(sorted(_UNITS, key=len)[::-1])})"
WORDED = rf"(?:(?:(?:one|a)[ ])?hundred(?:[ ]and)?(?:[ ]{WORDED})?|{WORDED})\b"
ORDINAL = (
    rf"(?:(?:{'|'.join(_TENS)})[- ](?:{'|'.join(_NTH[:9])})|(?:{'|'.join(t[:-1] + 'ieth' for t in _TENS)})"
    rf"|(?:{'|'.join(sorted(_NTH, key=len)[::-1])})|\d{{1,3}}(?:st|nd|rd|th))"
)


def number(text: str) -> int | None:
    """Read a number in digits, Roman numerals or English words, cardinal or ordinal; None where it is none."""
    lower = " ".join(text.lower().replace("-", " ").split())
    if match := re.match(r"\d+", lower):
        return int(match[0])
    total, known = 0, False
    for word in lower.split():
        for names, step, first in ((_UNITS, 1, 1), (_NTH, 1, 1), (_TENS, 10, 20)):
            if word in names:
                total, known = total + first + step * names.index(word), True
        if word.endswith("ieth") and f"{word[:-4]}y" in _TENS:
            total, known = total + 20 + 10 * _TENS.index(f"{word[:-4]}y"), True
        if word == "hundred":
            total, known = 100, True
    return total if known else _roman(lower)


def _roman(text: str) -> int | None:
    if not text or set(text) - _ROMAN.keys():
        return None
    values = [_ROMAN[letter] for letter in text]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
