"""One spelling for words that are the same: what a quotation and a verse are compared by.

`folded` takes away what is no difference at all (capitals, apostrophes, British or American spelling, the name of God).
`modern` also takes away what is old: "thou lovest" and "you love" become one. Neither is meant to be read.
"""

import re
from functools import lru_cache
from typing import NamedTuple

WORD = re.compile(r"[^\W_]+(?:['\u2019\u02bc`][^\W\d_]+)*")
"""A word with its apostrophes; hyphens part words."""

_NAMES = {name: "lord" for name in ("yahweh", "jehovah", "yhwh", "yah", "jah")}
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc`")
_SAME = {
    "judgement": "judgment", "judgements": "judgments", "acknowledgement": "acknowledgment", "grey": "gray",
    "ax": "axe", "enquire": "inquire", "enquired": "inquired", "enquiry": "inquiry", "sulphur": "sulfur",
    "shew": "show", "shewed": "showed", "shewn": "shown", "sheweth": "showeth", "shewing": "showing",
    "shewest": "showest", "burnt": "burned", "learnt": "learned", "spilt": "spilled", "dreamt": "dreamed",
    "spelt": "spelled", "leapt": "leaped", "amongst": "among", "whilst": "while", "plough": "plow",
    "ploughed": "plowed", "ploughing": "plowing", "ploughman": "plowman", "ploughmen": "plowmen", "skilful": "skillful",
    "ploughshares": "plowshares", "practise": "practice", "practised": "practiced", "licence": "license", "oh": "o",
    "storey": "story", "mould": "mold", "moulded": "molded", "gaol": "jail", "cheque": "check", "sceptre": "scepter",
    "centre": "center", "theatre": "theater", "sepulchre": "sepulcher", "sepulchres": "sepulchers", "fibre": "fiber",
    "lustre": "luster", "mitre": "miter", "meagre": "meager", "ochre": "ocher", "sceptres": "scepters",
    "saviours": "saviors", "spectre": "specter", "artefact": "artifact", "pedlar": "peddler", "tyre": "tire",
}  # fmt: skip
_OUR = re.compile(
    r"((?:hon|lab|neighb|col|fav|savi|vig|rum|harb|arm|vap|ard|od|hum|clam|splend|val|rig|behavi|endeav|succ|ranc|cand"
    r"|ferv|flav|glam|dol|dem|sav|parl|tum))ou(r)"
)
_ISE = re.compile(r"is(e|es|ed|ing|ation|er|eth)$")
_ENCE = re.compile(r"(def|off|pret)ence")
_WARDS = re.compile(r"(to|after|back|for|up|down|in|out|home|heaven)wards$")

_OLD = {
    "thou": "you", "thee": "you", "ye": "you", "thy": "your", "thine": "your", "yours": "your", "thyself": "yourself",
    "hath": "has", "doth": "does", "saith": "says", "unto": "to", "art": "are", "wilt": "will", "shalt": "shall",
    "hast": "have", "dost": "do", "didst": "did", "hadst": "had", "wast": "were", "wert": "were", "spake": "spoke",
    "sayest": "say", "canst": "can", "couldest": "could", "wouldest": "would", "shouldest": "should", "mayest": "may",
    "mightest": "might", "brake": "broke", "bare": "bore", "sware": "swore", "gat": "got", "begat": "begot",
    "drave": "drove", "holpen": "helped", "wherefore": "therefore", "verily": "truly", "nigh": "near", "yea": "yes",
    "nay": "no", "mine": "my", "an": "a", "builded": "built", "digged": "dug", "stedfast": "steadfast", "upon": "on",
    "whosoever": "whoever", "whatsoever": "whatever", "wheresoever": "wherever", "whomsoever": "whomever",
    "twain": "two", "betwixt": "between", "brethren": "brothers", "cleave": "cling", "cannot": "can not",
}  # fmt: skip
_SHORT = {"cant": "can not", "wont": "will not", "shant": "shall not", "im": "i am", "ill": "ill", "lets": "let us"}
_ENDINGS = {"'re": " are", "'ve": " have", "'ll": " will", "'m": " am"}
_PLAIN_TH = frozenset(
    [
        "teeth", "beneath", "seth", "heth", "japheth", "elizabeth", "nazareth", "sabbath", "gath",
        "death", "breath", "wrath", "oath", "path", "truth", "youth", "mouth", "south", "north",
        "month", "health", "wealth", "strength", "length", "depth", "breadth", "hundredth", "tenth",
        "seventh", "fifth", "sixth", "eighth", "ninth", "twentieth", "thirtieth", "fortieth",
        "fiftieth", "twelfth", "bath", "goliath", "sheth", "beth", "ashtoreth", "chinnereth",
        "anathoth",
    ]
)  # fmt: skip
_DIGITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = dict(
    zip(
        ["2", "3", "4", "5", "6", "7", "8", "9"],
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        strict=True,
    )
)


class Token(NamedTuple):
    """A word of a text, as it is compared."""

    start: int
    end: int
    folded: str
    keys: tuple[str, ...]
    """Its modern form; two where it is a contraction."""


def tokens(text: str) -> list[Token]:
    """List the words of a text as they are compared. "The" before a name of God is none: some translations have it."""
    found = [Token(match.start(), match.end(), *forms(match[0])) for match in WORD.finditer(text)]
    return [
        one for one, after in zip(found, [*found[1:], None], strict=False)
        if not (one.folded == "the" and after is not None and after.folded == "lord")
    ]  # fmt: skip


@lru_cache(maxsize=50_000)
def forms(word: str) -> tuple[str, tuple[str, ...]]:
    """Give the folded and the modern form of a word as it is written."""
    return folded(word), modern(word)


def folded(word: str) -> str:
    """Write a word without capitals and apostrophes, in one spelling of those that are used."""
    word = word.lower().translate(_APOSTROPHES)
    if word in _NAMES:
        return "lord"
    if word.isdecimal():  # not isdigit: "²" is a digit and no number
        return spelled(word)
    word = _SAME.get(word, word)
    if word.startswith("burnto"):  # "burntoffering"
        word = "burned" + word[5:]
    if len(word) > 4:
        word = _ISE.sub(r"iz\1", _OUR.sub(r"\1o\2", word))
        word = _WARDS.sub(r"\1ward", _ENCE.sub(r"\1ense", word))
        word = word.replace("ll", "l").replace("pp", "p")
    return word


def modern(word: str) -> tuple[str, ...]:
    """Give the words that a word, however old, is compared by: without old endings and contractions."""
    lower = word.lower().replace("\u2019", "'").replace("`", "'").replace("\u02bc", "'")
    for ending, whole in _ENDINGS.items():
        if lower.endswith(ending) and len(lower) > len(ending):
            return tuple(_modern(part) for part in (lower[: -len(ending)] + whole).split())
    bare = lower.replace("'", "")
    if bare in _SHORT and "'" in lower:
        return tuple(_modern(part) for part in _SHORT[bare].split())
    if lower.endswith("n't"):
        return (_modern(lower[:-3]), "not")
    return tuple(_modern(part) for part in _OLD.get(bare, bare).split())


def _modern(word: str) -> str:
    word = folded(_OLD.get(word, word))
    if len(word) < 4 or word in _PLAIN_TH:
        return word
    if word.endswith("eth"):
        return _base(word[:-3]) + "+s"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return _base(word[:-1]) + "+s"
    if word.endswith("edst"):
        return word[:-2]
    return word


def _base(stem: str) -> str:
    """The one form of "make", "mak(eth)" and "mak(es)"."""
    stem = stem.removesuffix("e")
    if stem.endswith("i"):
        stem = stem[:-1] + "y"
    return stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else stem


def spelled(digits: str) -> str:
    """Write a whole number below 100 in words, run together; others as they are."""
    value = int(digits) if len(digits) < 3 else 100
    if value < 20:
        return _DIGITS[value]
    if value < 100:
        return _TENS[str(value)[0]] + (_DIGITS[value % 10] if value % 10 else "")
    return digits


def lovest(word: str) -> str:
    """The modern form of a word in -est that stands beside "thou": "lovest" is "love"."""
    return word[:-3] if word.endswith("est") and len(word) > 4 else word
