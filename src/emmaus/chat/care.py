"""Before any persona answers: is somebody in danger? What is said outright by patterns, what is not by a classifier.

A crisis is danger now, of the writer or of somebody whom they speak of: from themselves, from somebody else, for
somebody else, or to life at this moment. Talk about such things in general is none, nor is what was overcome long ago.
"""

import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import yaml

from emmaus.chat.signs import ears, load_signs, verdicts
from emmaus.errors import ModelError

_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
"""Characters of no width, which may stand inside a word without a reader seeing it."""


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
    overcome: re.Pattern[str]
    present: re.Pattern[str]


def crisis(text: str) -> Crisis | None:
    """Say whether a message shows somebody in danger; None where it does not."""
    return crises([text])[0]


def crises(texts: Sequence[str], *, weights: Path | None = None) -> list[Crisis | None]:
    """Say it of many messages, each by itself, in their order; faster than one by one.

    `weights` is a folder with weights of one's own. Without its files the classifier is left out with a warning: what
    is said outright is recognised nonetheless.
    """
    import numpy as np

    found = [outright(text) for text in texts]
    rest = [place for place, seen in enumerate(found) if seen is None and texts[place].strip()]
    try:
        signs = load_signs(weights) if weights else load_signs()
        weighed = verdicts([texts[place] for place in rest], signs, ears()) if rest else []
    except ModelError as error:
        warnings.warn(f"only what is said outright is recognised as a crisis: {error}", RuntimeWarning, stacklevel=2)
        return found
    for place, verdict in zip(rest, weighed, strict=True):
        if verdict.score >= signs.threshold:
            found[place] = Crisis(verdict.kind, "classifier", round(float(1 / (1 + np.exp(-verdict.score))), 4))
    return found


def outright(text: str) -> Crisis | None:
    """Say whether danger is said outright, by the patterns alone."""
    rules = _rules()
    said = spoken(text)
    if rules.past.search(said) and rules.overcome.search(said) and not rules.present.search(said):
        return None
    kind = next((kind for kind, pattern in rules.patterns if pattern.search(said)), None)
    return Crisis(kind, "patterns", 1.0) if kind else None


def spoken(text: str) -> str:
    """A message as the patterns meet it: lower case, straight apostrophes, blanks for what only divides."""
    text = unicodedata.normalize("NFKC", text).translate(_UNSEEN).lower()
    text = re.sub("[‘’`´]", "'", re.sub(r"<[^<>]{1,20}>|[*#~|>]", "", text))
    return re.sub(r"[\s,;()\[\]\"“”—–_]+", " ", text.replace(":", ". ")).replace(" .", ".").strip()


@cache
def _rules() -> Rules:
    read = yaml.safe_load((files("emmaus.chat") / "care.yaml").read_text(encoding="utf-8"))
    words = {name: listed.replace("| ", "|") for name, listed in read["words"].items()}

    def whole(pattern: str) -> str:
        for name, listed in words.items():
            pattern = pattern.replace(f" {name}" if name == "AM" else name, listed)
        return pattern

    patterns = (
        (kind, re.compile(whole(pattern)))
        for kind, several in read["patterns"].items()
        for pattern in several.splitlines()
    )
    past, overcome, present = (re.compile(read[name].replace("| ", "|")) for name in ("past", "overcome", "present"))
    return Rules(tuple(patterns), past, overcome, present)
