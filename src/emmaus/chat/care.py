"""Before any persona answers: is somebody in danger? What is said outright by patterns, what is not by a classifier.

Sixteen languages have patterns; the classifier weighs English.

A crisis is danger now, of the writer or of somebody whom they speak of: from themselves, from somebody else, for
somebody else, or to life at this moment. Talk about such things in general is none, nor is what was overcome long ago.
"""

import logging
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import yaml

from emmaus.chat.signs import Verdict, ears, load_signs, verdicts
from emmaus.errors import ModelError

_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
"""Characters of no width, which may stand inside a word without a reader seeing it."""
KINDS = ("emergency", "self-harm", "abuse", "violence")
"""Kinds of danger, the most pressing first."""
_DISGUISED = re.compile(r"(?<![\w@$])(?=[@$\d]*[a-z])(?=[a-z]*[@$\d])[a-z@$\d]{2,12}(?![\w@$])")
_LETTERS = str.maketrans("013457@$", "oieastas")
_MARKS = re.compile("[\u0300-\u036f\u0640\u064b-\u0655\u0670\u093c]")
"""Accents; Arabic vowels, hamzas and lengthening; the Hindi dot below."""
_ALIKE = str.maketrans(
    {"ß": "ss", "ł": "l", "ı": "i", "œ": "oe", "æ": "ae", "ø": "o", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي", "ँ": "ं"}
    | {"؟": "?", "،": " ", "。": ".", "।": ".", "、": " ", "¿": "", "¡": "", "…": "."}
)
LONGEST_PART = 40_000
"""Characters that the classifier weighs as one message."""
OVERLAP = 500
"""Characters that two parts share, so that a sentence that is cut stands whole in one of them."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Crisis:
    """Somebody is, or may be, in danger."""

    kind: str
    """`self-harm`, `abuse` (by somebody else), `violence` (against somebody else) or `emergency` (to life, now)."""
    stage: Literal["patterns", "classifier"]
    """What saw it."""
    probability: float
    """0..1 as the classifier has it; 1 where it was said outright."""


@dataclass(frozen=True, slots=True)
class Language:
    """The patterns of one other language, read from `care_languages.yaml`."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    letters: re.Pattern[str]
    """Without one of these a text is not in this language."""
    blankless: bool
    """Whether the patterns meet a text without its blanks."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns, read from `care.yaml`."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    past: re.Pattern[str]
    today: re.Pattern[str]
    dated: re.Pattern[str]
    overcome: re.Pattern[str]
    present: re.Pattern[str]


def crisis(text: str) -> Crisis | None:
    """Say whether a message shows somebody in danger; None where it does not."""
    return crises([text])[0]


def crises(texts: Sequence[str], *, weights: Path | None = None) -> list[Crisis | None]:
    """Say it of many messages, each by itself, in their order; faster than one by one.

    `weights` is a folder with weights of one's own. Where the classifier cannot be used, each call says so in the log
    as an error: what is said outright is recognised nonetheless.
    """
    try:
        return judged(texts, weights=weights)
    except ModelError as error:
        _log.error("only what is said outright is recognised as a crisis: %s", error)
        return [outright(text) for text in texts]


def judged(texts: Sequence[str], *, weights: Path | None = None) -> list[Crisis | None]:
    """Say what `crises` says, for somebody who wants to remember it: with the classifier, or not at all.

    Raises:
        ModelError: the classifier cannot be used, and something is not said outright.
    """
    import numpy as np

    found = [outright(text) for text in texts]
    rest = [(place, part) for place, text in enumerate(texts) if found[place] is None for part in _parts(text)]
    if not rest:
        return found
    signs = load_signs(weights) if weights else load_signs()
    weighed = verdicts([part for _, part in rest], signs, ears())
    worst: dict[int, Verdict] = {}
    for (place, _), verdict in zip(rest, weighed, strict=True):
        worst[place] = max(worst.get(place, verdict), verdict, key=lambda one: one.score)
    for place, verdict in worst.items():
        if verdict.score >= signs.threshold:
            found[place] = Crisis(verdict.kind, "classifier", round(float(1 / (1 + np.exp(-verdict.score))), 4))
    return found


def outright(text: str) -> Crisis | None:
    """Say whether danger is said outright, by the patterns alone."""
    said = spoken(text)
    undisguised = lettered(said)
    kind = _in_english(said) or (undisguised != said and _in_english(undisguised)) or _in_others(folded(said))
    return Crisis(kind, "patterns", 1.0) if kind else None


def _in_english(said: str) -> str | None:
    rules = _rules()
    hits = ((kind, hit) for kind, pattern in rules.patterns for hit in pattern.finditer(said))
    overcome = rules.overcome.search(said) and not rules.present.search(said)
    return next((kind for kind, hit in hits if not (overcome and _past(said, hit, rules))), None)


def _in_others(said: str) -> str | None:
    joined = said.replace(" ", "")
    spoken_here = (language for language in _languages() if language.letters.search(said))
    looked = ((joined if one.blankless else said, *pattern) for one in spoken_here for pattern in one.patterns)
    return next((kind for text, kind, pattern in looked if pattern.search(text)), None)


def _past(said: str, hit: re.Match[str], rules: Rules) -> bool:
    """Whether a hit is told as long past, in its own sentence or the next, and not of today."""
    begin = max(said.rfind(mark, 0, hit.start() + 1) for mark in ".!?") + 1
    end = next((found.start() for found in re.finditer(r"[.!?]|$", said[hit.end() :])), 0) + hit.end()
    told = said[begin:end]
    if rules.today.search(told):
        return False
    return bool(rules.past.search(told) or rules.dated.match(said[end:].lstrip(".!? ")))


def _parts(text: str) -> list[str]:
    """A message in the parts in which it is weighed; none where nothing is said."""
    begins = range(0, max(len(text) - OVERLAP, 1), LONGEST_PART - OVERLAP)
    return [text[begin : begin + LONGEST_PART] for begin in begins if text[begin : begin + LONGEST_PART].strip()]


def spoken(text: str) -> str:
    """A message as the patterns meet it: lower case, straight apostrophes, blanks for what only divides."""
    text = unicodedata.normalize("NFKC", text).translate(_UNSEEN).lower()
    text = re.sub("[‘’`´]", "'", re.sub(r"<[^<>]{1,20}>|[*#~|>]", "", text))
    return re.sub(r"[\s,;()\[\]\"“”—–_]+", " ", text.replace(":", ". ")).replace(" .", ".").strip()


def lettered(said: str) -> str:
    """A message with letters for the digits and signs that stand for them within a word: `k1ll`, `d1e`, `my$elf`."""
    return _DISGUISED.sub(lambda found: found[0].translate(_LETTERS), said)


def folded(text: str) -> str:
    """A text as the patterns of other languages meet it: without what is left out in haste, accents first of all."""
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _MARKS.sub("", apart)).translate(_ALIKE)


@cache
def _rules() -> Rules:
    read = yaml.safe_load((files("emmaus.chat") / "care.yaml").read_text(encoding="utf-8"))
    words = {name: listed.replace("\n", "") for name, listed in read["words"].items()}

    def whole(pattern: str) -> str:
        for name, listed in words.items():
            pattern = pattern.replace(f" {name}" if name == "AM" else name, listed)
        return pattern

    patterns = (
        (kind, re.compile(whole(pattern)))
        for kind, several in read["patterns"].items()
        for pattern in several.splitlines()
    )
    told = (re.compile(read[name].replace("\n", "")) for name in ("past", "today", "dated", "overcome", "present"))
    return Rules(tuple(patterns), *told)


@cache
def _languages() -> tuple[Language, ...]:
    read = yaml.safe_load((files("emmaus.chat") / "care_languages.yaml").read_text(encoding="utf-8"))
    return tuple(
        Language(
            tuple(
                (kind, re.compile(folded(_expanded(pattern, one.get("words", {})))))
                for kind in KINDS
                for pattern in one.get(kind, "").splitlines()
            ),
            re.compile(one.get("letters", "[a-z]")),
            one.get("blankless", False),
        )
        for one in read.values()
    )


def _expanded(pattern: str, words: dict[str, str]) -> str:
    """Put the lists in the places of their names; a list may name another."""
    for name, listed in (*words.items(), *words.items()):
        pattern = pattern.replace(name, listed)
    return pattern
