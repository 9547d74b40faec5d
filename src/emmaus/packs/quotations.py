"""Tell whether words stand in a corpus word for word, and which words of it they were probably meant to be.

For what is written by hand into a pack: there a quotation is right only where a corpus has its very words, and what is
found for one that is not is advice to its author, of one verse. What a model or anybody else quotes is judged in
`grounding.lookup` and `grounding.comparing`: by modern forms of words ("loveth" is "loves"), in several verses and
translations, with what an editor may leave out or put in brackets. That room stands above this one and cannot be asked.

Looking for exact words is a search in one string. Looking for near ones builds an index of the words at its first use
(a fraction of a second for a Bible); after that it takes a few milliseconds.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

ADVISED = 0.6
"""Share of a quotation's words, in order and by weight, that a verse must have to be advised to an author."""
RUN = 3
"""Words of it that must stand there one after another: "I am" and "to do" are in every chapter."""
SHORTEST = 4
"""Words from which on a quotation says enough to look for what was meant."""
_CANDIDATES = 12
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_SPACES = str.maketrans({mark: " " for mark in "\u201c\u201d\u2018\u2014\u2013\u2026\u00a0"} | {"\u2019": "", "'": ""})
_BYTES = bytes(code if chr(code).isalnum() or code >= 128 or code == 10 else 32 for code in range(256))


class Nearest(NamedTuple):
    """The passage a quotation comes nearest to, with the words that were probably meant."""

    reference: str
    words: str
    closeness: float


def plain(text: str) -> str:
    """Write a text in lower case without marks, its words one space apart: what two texts are compared by."""
    return " ".join(text.lower().translate(_SPACES).encode().translate(_BYTES).decode().split())


class Words:
    """All words of a corpus, to be searched."""

    def __init__(self, verses: Mapping[str, str]) -> None:
        """Take canonical spelling -> words of every verse, in order."""
        self._spellings = list(verses)
        self._texts = list(verses.values())
        flat = "\n".join(self._texts).lower()
        for code, other in _SPACES.items():
            flat = flat.replace(chr(code), other)  # a few quick passes: str.translate is slow on a whole Bible
        self._plain = [" ".join(line.split()) for line in flat.encode().translate(_BYTES).decode().split("\n")]
        self._all = " " + " ".join(self._plain) + " "

    def says(self, text: str) -> bool:
        """Tell whether these words stand in the corpus one after another; marks and capitals do not count."""
        return f" {plain(text)} " in self._all

    def nearest(self, text: str) -> Nearest | None:
        """Find the verse that a quotation of `SHORTEST` words or more comes close to, or None."""
        wanted = plain(text).split()
        if len(wanted) < SHORTEST:
            return None
        weights: dict[int, float] = defaultdict(float)
        for word in set(wanted):
            found = self._postings.get(word, ())
            if 0 < len(found) <= max(50, len(self._texts) // 15):
                weight = math.log(len(self._texts) / len(found)) + 0.1
                for number in found:
                    weights[number] += weight
        best = sorted(weights, key=lambda number: (-weights[number], number))[:_CANDIDATES]
        near = (nearest_in(wanted, self._spellings[number], self._texts[number], self._weight) for number in best)
        return max((one for one in near if one), key=lambda one: one.closeness, default=None)

    def _weight(self, word: str) -> float:
        """How much a word says: the rarer it is in the corpus, the more; most, where it is not there at all."""
        return math.log(len(self._texts) / (1 + len(self._postings.get(word, ())))) + 1

    @cached_property
    def _postings(self) -> Mapping[str, Sequence[int]]:
        postings: dict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(self._plain):
            for word in set(line.split(" ")):
                postings[word].append(number)
        return postings


def nearest_in(
    wanted: Sequence[str], reference: str, text: str, weight: Callable[[str], float] = lambda word: 1.0
) -> Nearest | None:
    """How close the plain words `wanted` come to one passage, each with its weight, or None where they do not."""
    spans = [match.span() for match in _WORD.finditer(text)]
    have = [plain(text[first:last]) for first, last in spans]
    blocks = [b for b in SequenceMatcher(None, wanted, have, autojunk=False).get_matching_blocks() if b.size]
    shared = (word for block in blocks for word in wanted[block.a : block.a + block.size])
    closeness = sum(map(weight, shared)) / sum(map(weight, wanted))
    if closeness < ADVISED or max(block.size for block in blocks) < min(RUN, len(wanted)):
        return None
    first, last = blocks[0].b, blocks[-1].b + blocks[-1].size
    if last - first >= ADVISED * len(have):
        return Nearest(reference, text, closeness)
    if last - first > 2 * len(wanted):
        return None
    return Nearest(reference, text[spans[first][0] : spans[last - 1][1]], closeness)


QUOTED = re.compile('\u201c([^\u201c\u201d]*)\u201d|"([^"]*)"')
"""Words in double quotation marks, curled or straight: taken for a quotation."""


def quotations(text: str) -> list[str]:
    """List the words between double quotation marks, in order; empty ones left out."""
    return [words for match in QUOTED.finditer(text) if (words := (match[1] or match[2] or "").strip())]
