"""Where words stand in a corpus: an index of every word in its modern form, kept in a file between starts.

Finds the places that a quotation may be from. Whether it is, `grounding` says.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from emmaus.packs.kept import keep_bytes, kept_bytes
from emmaus.packs.spelling import WORD, Token, forms, tokens

FORMAT = 1
"""Counted up when words are compared in another way, so that indexes made before are made again."""

Numbers: TypeAlias = NDArray[Any]
_STEP = 8
"""Words that one bin of possible beginnings takes in."""
_COMMON = 3000
"""Places from which on a word is looked up only where a quotation has no rarer ones."""
_FIELDS = ("ids", "starts", "order", "bounds")


class Concordance:
    """All words of a corpus in order, and the places of each."""

    def __init__(self, verses: Mapping[str, str], key: str = "", cache: Path | None = None) -> None:
        """Index the words of canonical spelling -> words; `key` names the text in the folder `cache`."""
        self.spellings = list(verses)
        self.texts = list(verses.values())
        self.numbers = {spelling: number for number, spelling in enumerate(self.spellings)}
        self._tokens: dict[int, list[Token]] = {}
        file = cache / f"words-{FORMAT}-{key}.bin" if cache and key else None
        body = kept_bytes(file) if file else None
        data = _built(self.texts) if body is None else _decoded(body)
        if file and body is None:
            keep_bytes(file, _encoded(data))
        self._words: list[str] = bytes(data["words"]).decode().split("\n")
        self._ids, self._starts, self._order, self._bounds = (data[name] for name in _FIELDS)
        self._number = {word: number for number, word in enumerate(self._words)}

    def __len__(self) -> int:
        return len(self.texts)

    def tokens(self, verse: int) -> list[Token]:
        """List the words of a verse by its number; remembered."""
        if verse not in self._tokens:
            if len(self._tokens) > 5000:
                self._tokens.clear()
            self._tokens[verse] = tokens(self.texts[verse])
        return self._tokens[verse]

    def count(self, word: str) -> int:
        """How often a word (in its modern form) stands here."""
        number = self._number.get(word)
        return 0 if number is None else int(self._bounds[number + 1] - self._bounds[number])

    def weight(self, word: str) -> float:
        """How much a word says: the rarer it is here, the more; about 1 for "the", 11 for what is not here at all."""
        return math.log(60_000 / (1 + self.count(word))) if self.count(word) < 60_000 else 0.1

    def phrase(self, words: Sequence[str], *, within: bool = False) -> list[int]:
        """Give the numbers of the verses in which words (in modern form) begin to stand one after another.

        With `within` they must end in that verse too.
        """
        numbers = [self._number.get(word, -1) for word in words]
        if not words or -1 in numbers:
            return []
        rarest = min(range(len(words)), key=lambda at: self.count(words[at]))
        at = self._places(words[rarest]) - rarest
        at = at[(at >= 0) & (at + len(words) <= len(self._ids))]
        for offset, number in enumerate(numbers):
            if not len(at):
                break
            at = at[self._ids[at + offset] == number]
        verses = self._verses(np.asarray(at))
        if within:
            verses = verses[verses == self._verses(np.asarray(at + len(words) - 1))]
        return [int(verse) for verse in verses]

    def having(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Give for each verse the share of some words (in modern form) that stand in it, the rarer counting more."""
        known = sorted({word for word in words if self.count(word)})
        having = np.zeros(len(self.texts))
        for word in known:
            having[np.unique(self._verses(self._places(word)))] += self.weight(word)
        return having / max(sum(map(self.weight, known)), 1e-9)

    def near(self, words: Sequence[str], most: int = 4) -> list[tuple[int, int]]:
        """Give the first and last verses of up to `most` places that have many of these words in about this order."""
        known = sorted({word for word in words if self.count(word)}, key=self.count)
        rare = [word for word in known if self.count(word) <= _COMMON] or known[:3]
        bins, weights = [], []
        for word in rare[:24]:
            places, weight = self._places(word), self.weight(word)
            for offset in [at for at, one in enumerate(words) if one == word][:3]:
                bins.append(np.maximum(places - offset, 0) // _STEP)
                weights.append(np.full(len(places), weight))
        if not bins:
            return []
        size = len(self._ids) // _STEP + 2
        votes = np.bincount(np.concatenate(bins), np.concatenate(weights), minlength=size)
        joined = votes[:-1] + votes[1:]
        found: list[tuple[int, int]] = []
        for _ in range(most):
            best = int(joined.argmax())
            if joined[best] <= 0:
                break
            joined[max(0, best - 1) : best + 2] = 0
            found.append(self.around(best * _STEP, best * _STEP + len(words) + _STEP))
        return list(dict.fromkeys(found))

    def about(self, words: Sequence[str], most: int = 3) -> list[int]:
        """Give the numbers of the verses that share the most with a set of words, whatever their order."""
        votes = np.zeros(len(self.texts))
        for word in {word for word in words if 0 < self.count(word) <= _COMMON}:
            votes[np.unique(self._verses(self._places(word)))] += self.weight(word)
        best = np.argsort(-votes, kind="stable")[:most]
        return [int(number) for number in best if votes[number] > 0]

    def around(self, first: int, last: int) -> tuple[int, int]:
        """Give the verses of the words from number `first` to number `last`."""
        ends = self._verses(np.clip(np.array([first, last]), 0, len(self._ids) - 1))
        return int(ends[0]), int(ends[1])

    def _places(self, word: str) -> Numbers:
        number = self._number[word]
        return self._order[self._bounds[number] : self._bounds[number + 1]]

    def _verses(self, places: Numbers) -> Numbers:
        return np.searchsorted(self._starts, places, side="right") - 1


def _built(texts: Sequence[str]) -> dict[str, Numbers]:
    """Index the words of verses: their ids, where each verse starts, and the places of each word."""
    raw: dict[str, int] = {}
    lists = [[raw.setdefault(word, len(raw)) for word in WORD.findall(text)] for text in texts]
    both = [forms(word) for word in raw]
    words: dict[str, int] = {}
    keys = [[words.setdefault(key, len(words)) for key in one[1]] for one in both]
    flat = np.fromiter((word for line in lists for word in line), np.int64)
    verse = np.repeat(np.arange(len(texts)), [len(line) for line in lists])
    article = np.array([one[0] == "the" for one in both])[flat]
    lord = np.array([one[0] == "lord" for one in both])[flat]
    kept = ~(article & np.append(lord[1:], False) & np.append(verse[1:] == verse[:-1], False))
    flat, verse = flat[kept], verse[kept]
    sizes = np.array([len(key) for key in keys])[flat]
    verse = np.repeat(verse, sizes)
    ids = np.fromiter((key for word in flat.tolist() for key in keys[word]), np.int32)
    order = np.argsort(ids, kind="stable").astype(np.int32)
    return {
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "ids": ids,
        "starts": np.searchsorted(verse, np.arange(len(texts))).astype(np.int32),
        "order": order,
        "bounds": np.searchsorted(ids[order], np.arange(len(words) + 1)).astype(np.int32),
    }


def _decoded(body: bytes) -> dict[str, Numbers]:
    sizes = np.frombuffer(body[:40], np.int64).tolist()
    parts, at = [], 40
    for size, kind in zip(sizes, (np.uint8, *[np.int32] * 4), strict=True):
        length = size * np.dtype(kind).itemsize
        parts.append(np.frombuffer(memoryview(body)[at : at + length], kind))
        at += length
    return dict(zip(("words", *_FIELDS), parts, strict=True))


def _encoded(data: Mapping[str, Numbers]) -> bytes:
    parts = [data[name] for name in ("words", *_FIELDS)]
    return np.array([len(part) for part in parts], np.int64).tobytes() + b"".join(part.tobytes() for part in parts)
