"""Signs of a crisis that nobody says outright: the layers of MiniLM, learned anew from messages written for it.

It knows nothing of patterns, answers or characters. A message is weighed as a whole and, where it is long, in windows
of two sentences, of which the most alarming counts: a letter about the weather with a sentence of despair in it is a
letter of despair. The embeddings of words are those of MiniLM; `signs.onnx` holds the layers, learned by
`bench/care.py`, and `signs.json` what belongs to them.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Protocol

from emmaus.errors import ModelFileError
from emmaus.models.layers import Embeddings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KINDS = ("self-harm", "abuse", "violence", "emergency")
"""What a crisis can be: danger from oneself, from somebody else, for somebody else, or to life at this moment."""
SHORT = 3
"""Sentences of a message that is weighed as a whole only."""
MOST_SENTENCES = 120
"""Of a longer message, short sentences are read together, which bounds the time that it takes."""
LONGEST_STRETCH = 300
"""Characters of a sentence, or of short ones together; a longer one is cut, as only 256 tokens of a window are read."""
LONGEST_WHOLE = 500
"""Characters of a message that is weighed as a whole only, and of how much of a longer one is."""
CHANCES = 0.75
"""In letters of 4,000 characters 1.0 hears .42 of the hints, with .00 false alarms; 0.75 .53, .07; 0.5 .62, .20."""
MENDING = "reinstall emmaus, or make it again with: python bench/care.py train"
_REPEATED = re.compile(r"(?<!\S)(\S+(?: \S+){0,3}?)(?: \1(?!\S)){3,}")
"""The same few words four times or more in a row."""
_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|\n+")


class Hears(Protocol):
    """What the layers are given: `Embeddings`."""

    @property
    def name(self) -> str:
        """The layers belong to the embeddings of this name."""
        ...

    def read(self, texts: Sequence[str]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """Give texts in batches of equal length: their places, and their tokens."""
        ...


@dataclass(frozen=True, slots=True)
class Signs:
    """The layers, opened, and what belongs to them."""

    embedder: str
    """Name of the embeddings that they stand on."""
    threshold: float
    """Log odds from which a message counts as a crisis."""
    session: Any
    """An `onnxruntime.InferenceSession`: `tokens`, shape (texts, tokens, dimensions), to `scores`, shape (texts, 5):
    natural-log odds of a crisis, then of its kinds."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the network makes of one message."""

    score: float
    """Log odds of a crisis."""
    kind: str
    """The likeliest of `KINDS`, should it be one."""


@cache
def ears() -> Embeddings:
    """The embeddings that every message is heard with in this process, whatever embedder the house uses elsewhere."""
    return Embeddings()


@cache
def load_signs(folder: Path = Path(__file__).parent) -> Signs:
    """Open the layers that ship, or those in a folder.

    Raises:
        ModelFileError: a file or a fact of `signs.json` is missing, or the weights are not those that it names.
    """
    from emmaus.models.embedding import network

    try:
        content = (folder / "signs.onnx").read_bytes()
        facts = json.loads((folder / "signs.json").read_text(encoding="utf-8"))
        named = {name: facts[name] for name in ("sha256", "embedder", "threshold")}
    except (KeyError, TypeError) as error:
        raise ModelFileError(f"the care classifier's {folder / 'signs.json'} lacks {error}: {MENDING}") from error
    except (OSError, ValueError) as error:
        raise ModelFileError(f"the care classifier cannot be read ({error}): {MENDING}") from error
    if hashlib.sha256(content).hexdigest() != named["sha256"]:
        raise ModelFileError(f"the care classifier {folder / 'signs.onnx'} is torn or was changed: {MENDING}")
    return Signs(named["embedder"], named["threshold"], network(content))


def verdicts(texts: Sequence[str], signs: Signs, hears: Hears) -> list[Verdict]:
    """Weigh many messages; all their windows are read in one call.

    The most alarming of many windows had as many chances to be so by accident: `CHANCES` times the logarithm of their
    number is taken off its log odds.

    Raises:
        ModelError: the embedding model is not installed, or cannot be read.
        ModelFileError: the weights belong to another model.
    """
    import numpy as np

    if hears.name != signs.embedder:
        raise ModelFileError(f"the care classifier belongs to {signs.embedder}, not to {hears.name}: {MENDING}")
    cut = [windows(text) for text in texts]
    every = list(dict.fromkeys(window for some in cut for window in some))
    scores = np.zeros((len(every), 1 + len(KINDS)), dtype=np.float32)
    for places, tokens in hears.read(every):
        (scores[places],) = signs.session.run(None, {"tokens": tokens})
    rows = dict(zip(every, scores, strict=True))
    worst = [max((rows[window] for window in some), key=lambda row: float(row[0])) for some in cut]
    odds = [float(row[0] - CHANCES * np.log(len(some))) for row, some in zip(worst, cut, strict=True)]
    return [Verdict(one, KINDS[int(row[1:].argmax())]) for one, row in zip(odds, worst, strict=True)]


def windows(text: str) -> list[str]:
    """The stretches of a message that are weighed: the whole and, where it is long, each two sentences in a row."""
    parts = _sentences(text)
    whole = " ".join(parts)
    if len(parts) <= SHORT and len(whole) <= LONGEST_WHOLE:
        return [whole]
    pairs = (f"{one} {next_}" for one, next_ in pairwise(parts))
    return list(dict.fromkeys([whole[:LONGEST_WHOLE], *pairs]))


def _sentences(text: str) -> list[str]:
    spaced = " \n".join(unicodedata.normalize("NFKC", text).splitlines())
    said = (_REPEATED.sub(r"\1", " ".join(part.split())) for part in _END.split(spaced) if re.search(r"\w", part))
    apart = dict.fromkeys(said)  # what is said again says nothing more, and the network was never shown it
    parts = [stretch for sentence in apart for stretch in wrap(sentence, LONGEST_STRETCH)] or [text.strip()]
    return parts if len(parts) <= MOST_SENTENCES else wrap(" ".join(parts), LONGEST_STRETCH)
