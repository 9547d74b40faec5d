"""Signs of a crisis that nobody says outright: a small network over what MiniLM hears, and over the words themselves.

It knows nothing of patterns, answers or characters. A message is weighed as a whole and, where it is long, in windows
of two sentences, of which the most alarming counts: a letter about the weather with a sentence of despair in it is a
letter of despair. The weights (`signs.npz`) are learned by `bench/care.py` from messages written for it.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from emmaus.errors import ModelFileError
from emmaus.models.layers import LayeredMiniLM

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KINDS = ("self-harm", "abuse", "violence", "emergency")
"""What a crisis can be: danger from oneself, from somebody else, for somebody else, or to life at this moment."""
BUCKETS = 8192
"""Word and letter n-grams are hashed into so many features."""
SHORT = 3
"""Sentences of a message that is weighed as a whole only."""
MOST_SENTENCES = 120
"""A longer message is read in so many stretches, which bounds the time that it takes (about two seconds)."""
LONGEST_STRETCH = 500
"""Characters of a sentence; a longer one is cut, as the embedding hears only its beginning."""
MENDING = "reinstall emmaus, or make it again with: python bench/care.py train"
_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|\n+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\s\w]")


class Hears(Protocol):
    """What the network hears with: `LayeredMiniLM`."""

    @property
    def name(self) -> str:
        """The weights belong to the model of this name."""
        ...

    def read(self, texts: Sequence[str]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """Give texts in batches of equal length: their places, and their tokens."""
        ...


@dataclass(frozen=True, slots=True)
class Signs:
    """The weights, as `unpacked` reads them. Scores are 1 + 4: natural-log odds of a crisis, then of its kinds."""

    embedder: str
    """Name of the model whose tokens the weights belong to."""
    threshold: float
    """Log odds from which a message counts as a crisis."""
    nets: tuple[Mapping[str, NDArray[np.float32]], ...]
    """Small networks that are averaged; their arrays are explained in `_looked`."""
    heard: NDArray[np.float32]
    """Weights of the mean over the tokens: dimensions x scores."""
    said: NDArray[np.float32]
    """Weights of the hashed n-grams: BUCKETS x scores."""
    bias: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the network makes of one message."""

    score: float
    """Log odds of a crisis."""
    kind: str
    """The likeliest of `KINDS`, should it be one."""


@cache
def ears() -> LayeredMiniLM:
    """The model that every message is heard with in this process, whatever embedder the rest of the house uses."""
    return LayeredMiniLM()


@cache
def load_signs(folder: Path = Path(__file__).parent) -> Signs:
    """Read the weights that ship, or those in a folder.

    Raises:
        ModelFileError: the file is missing, or is not the one whose SHA-256 ships beside it.
    """
    try:
        content = (folder / "signs.npz").read_bytes()
        expected = (folder / "signs.sha256").read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ModelFileError(f"the care classifier cannot be read ({error}): {MENDING}") from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise ModelFileError(f"the care classifier {folder / 'signs.npz'} is torn or was changed: {MENDING}")
    return unpacked(content)


def unpacked(content: bytes) -> Signs:
    """Read weights from the bytes of an npz file: arrays of int8, each with the step that a 1 stands for."""
    import numpy as np

    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        whole = {n: stored[n].astype(np.float32) * stored[f"{n}/step"] for n in stored.files if f"{n}/step" in stored}
        plain = {n: stored[n] for n in stored.files if n not in whole and not n.endswith("/step")}
    count = 1 + max(int(name.split("/")[0]) for name in whole if "/" in name)
    nets = [{n.split("/")[1]: a for n, a in whole.items() if n.startswith(f"{at}/")} for at in range(count)]
    return Signs(
        embedder=str(plain["embedder"]),
        threshold=float(plain["threshold"]),
        nets=tuple(nets),
        heard=whole["heard"],
        said=whole["said"],
        bias=plain["bias"],
    )


def verdicts(texts: Sequence[str], signs: Signs, hears: Hears) -> list[Verdict]:
    """Weigh many messages; all their windows are read in one call.

    Raises:
        ModelError: the embedding model is not installed, or cannot be read.
        ModelFileError: the weights belong to another model.
    """
    if hears.name != signs.embedder:
        raise ModelFileError(f"the care classifier belongs to {signs.embedder}, not to {hears.name}: {MENDING}")
    cut = [windows(text) for text in texts]
    every = list(dict.fromkeys(window for some in cut for window in some))
    scores = dict(zip(every, scored(every, signs, hears), strict=True))
    worst = [max((scores[window] for window in some), key=lambda row: float(row[0])) for some in cut]
    return [Verdict(float(row[0]), KINDS[int(row[1:].argmax())]) for row in worst]


def scored(texts: Sequence[str], signs: Signs, hears: Hears) -> NDArray[np.float32]:
    """Scores of windows, shape (len(texts), 1 + 4)."""
    import numpy as np

    scores = np.zeros((len(texts), 1 + len(KINDS)), dtype=np.float32)
    for places, tokens in hears.read(texts):
        looked = sum(_looked(tokens, net) for net in signs.nets) / len(signs.nets)
        scores[places] = looked + tokens.mean(axis=1) @ signs.heard + signs.bias
    for row, text in enumerate(texts):
        grams = hashed(text)
        scores[row] += signs.said[grams].sum(axis=0) / np.sqrt(len(grams) + 1)
    return scores


def _looked(tokens: NDArray[np.float32], net: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Scores of one network for a batch of texts, from tokens of shape (texts, tokens, dimensions).

    Each token is narrowed (`narrow`), each three in a row are joined (`left`, `mid`, `right`), and what was found is
    pooled over the text in three ways: mean, most, and by attention (`look`). `out` makes scores of that.
    """
    import numpy as np

    alone = np.maximum(tokens @ net["narrow"] + net["narrow_bias"], 0)
    joined = alone @ net["mid"] + net["mid_bias"]
    joined[:, 1:] += alone[:, :-1] @ net["left"]
    joined[:, :-1] += alone[:, 1:] @ net["right"]
    found = np.concatenate([alone, np.maximum(joined, 0)], axis=2)
    looks = found @ net["look"]
    looks = np.exp(looks - looks.max(axis=1, keepdims=True))
    attended = (found * (looks / looks.sum(axis=1, keepdims=True))).sum(axis=1)
    pooled = np.concatenate([found.mean(axis=1), found.max(axis=1), attended], axis=1)
    scores: NDArray[np.float32] = pooled @ net["out"]
    return scores


def windows(text: str) -> list[str]:
    """The stretches of a message that are weighed: the whole and, where it is long, each two sentences in a row."""
    parts = _sentences(text)
    whole = " ".join(parts)
    if len(parts) <= SHORT:
        return [whole]
    pairs = (f"{one} {next_}" for one, next_ in zip(parts, parts[1:], strict=False))
    return list(dict.fromkeys([whole[: 2 * LONGEST_STRETCH], *pairs]))


def _sentences(text: str) -> list[str]:
    spaced = " \n".join(unicodedata.normalize("NFKC", text).splitlines())
    cut = [" ".join(part.split()) for part in _END.split(spaced) if re.search(r"\w", part)]
    parts = [p[i : i + LONGEST_STRETCH] for p in cut for i in range(0, len(p), LONGEST_STRETCH)] or [text.strip()]
    each = -(-len(parts) // MOST_SENTENCES)
    return [" ".join(parts[i : i + each]) for i in range(0, len(parts), each)]


def plain(text: str) -> str:
    """Lower case, straight apostrophes, single blanks, and no letter more than twice in a row."""
    text = re.sub("[‘’`´]", "'", unicodedata.normalize("NFKC", text).lower())
    return re.sub(r"\s+", " ", re.sub(r"(.)\1{2,}", r"\1\1", text)).strip()


def hashed(text: str) -> NDArray[np.int64]:
    """Places of a window's features: one, two and three words (one may be left out), three and four letters."""
    import numpy as np

    words = [re.sub(r"\d+", "0", word) for word in _WORD.findall(plain(text))]
    said = ["^", *words, "$"]
    grams = {f"1{word}" for word in said}
    grams |= {f"2{one} {two}" for one, two in zip(said, said[1:], strict=False)}
    for one, two, three in zip(said, said[1:], said[2:], strict=False):
        grams |= {f"3{one} {two} {three}", f"s{one} {three}"}
    for word in set(words):
        if len(word) > 2 and word[0].isalpha():
            letters = f"<{word.replace(chr(39), '')}>"
            grams |= {f"c{letters[i : i + n]}" for n in (3, 4) for i in range(len(letters) - n + 1)}
    return np.array(sorted({zlib.crc32(gram.encode()) % BUCKETS for gram in grams}), dtype=np.int64)
