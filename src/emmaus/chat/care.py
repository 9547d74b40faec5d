"""Before any persona answers: is somebody in danger? What is said outright by patterns, what is not by a classifier.

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
LONGEST_PART = 40_000
"""Characters that the classifier looks through at once; it hears less of each sentence of what is longer."""
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
class Rules:
    """The patterns, read from `care.yaml`."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    past: re.Pattern[str]
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
    import numpy as np

    found = [outright(text) for text in texts]
    rest = [(place, part) for place, text in enumerate(texts) if found[place] is None for part in _parts(text)]
    if not rest:
        return found
    try:
        signs = load_signs(weights) if weights else load_signs()
        weighed = verdicts([part for _, part in rest], signs, ears())
    except ModelError as error:
        _log.error("only what is said outright is recognised as a crisis: %s", error)
        return found
    worst: dict[int, Verdict] = {}
    for (place, _), verdict in zip(rest, weighed, strict=True):
        worst[place] = max(worst.get(place, verdict), verdict, key=lambda one: one.score)
    for place, verdict in worst.items():
        if verdict.score >= signs.threshold:
            found[place] = Crisis(verdict.kind, "classifier", round(float(1 / (1 + np.exp(-verdict.score))), 4))
    return found


def outright(text: str) -> Crisis | None:
    """Say whether danger is said outright, by the patterns alone."""
    rules, said = _rules(), spoken(text)
    hits = ((kind, hit) for kind, pattern in rules.patterns for hit in pattern.finditer(said))
    kind = next((kind for kind, hit in hits if not _overcome(said, hit, rules)), None)
    return Crisis(kind, "patterns", 1.0) if kind else None


def _overcome(said: str, hit: re.Match[str], rules: Rules) -> bool:
    """Whether a hit is told as long past, in its own sentence or the next, and nothing says that it is back."""
    if not rules.overcome.search(said) or rules.present.search(said):
        return False
    begin = max(said.rfind(mark, 0, hit.start() + 1) for mark in ".!?") + 1
    end = next((found.start() for found in re.finditer(r"[.!?]|$", said[hit.end() :])), 0) + hit.end()
    return bool(rules.past.search(said[begin:end]) or rules.dated.match(said[end:].lstrip(".!? ")))


def _parts(text: str) -> list[str]:
    """A message in the parts in which it is weighed; none where nothing is said."""
    begins = range(0, max(len(text) - OVERLAP, 1), LONGEST_PART - OVERLAP)
    return [text[begin : begin + LONGEST_PART] for begin in begins if text[begin : begin + LONGEST_PART].strip()]


def spoken(text: str) -> str:
    """A message as the patterns meet it: lower case, straight apostrophes, blanks for what only divides."""
    text = unicodedata.normalize("NFKC", text).translate(_UNSEEN).lower()
    text = re.sub("[‘’`´]", "'", re.sub(r"<[^<>]{1,20}>|[*#~|>]", "", text))
    return re.sub(r"[\s,;()\[\]\"“”—–_]+", " ", text.replace(":", ". ")).replace(" .", ".").strip()


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
    told = (re.compile(read[name].replace("\n", "")) for name in ("past", "dated", "overcome", "present"))
    return Rules(tuple(patterns), *told)
