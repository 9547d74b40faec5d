"""Near-duplicates: what says almost the same words as something that is already there."""

import re
from collections.abc import Iterable

from rensa import RMinHash, RMinHashLSH

PERMUTATIONS = 128
BANDS = 32
"""32 bands of 4 rows find pairs of Jaccard similarity 0.6 in 99 % of cases, of 0.3 in 23 %; these are measured."""
ALIKE = 0.6
"""Jaccard similarity of word triples from which two texts are near-duplicates."""

_WORD = re.compile(r"[\w']+")


class Novelty:
    """Texts seen so far, by MinHash over word triples (Broder 1997)."""

    def __init__(self, seen: Iterable[tuple[str, str]] = (), *, alike: float = ALIKE) -> None:
        """Start with `seen`: pairs of name and text."""
        self._alike = alike
        self._index = RMinHashLSH(threshold=alike, num_perm=PERMUTATIONS, num_bands=BANDS)
        self._names: list[str] = []
        self._shingles: list[frozenset[str]] = []
        for name, text in seen:
            self.add(name, text)

    def add(self, name: str, text: str) -> None:
        """Remember a text."""
        shingles = shingled(text)
        self._index.insert(len(self._names), _sketch(shingles))
        self._names.append(name)
        self._shingles.append(shingles)

    def twin(self, text: str) -> str | None:
        """Name of a text seen before that is nearly the same, or None."""
        shingles = shingled(text)
        for number in sorted(int(key) for key in self._index.query(_sketch(shingles))):
            other = self._shingles[number]
            if len(shingles & other) >= self._alike * len(shingles | other):
                return self._names[number]
        return None


def words_of(text: str) -> list[str]:
    """The words of a text, as they are compared: lower-cased, with straight apostrophes."""
    return _WORD.findall(text.lower().replace("’", "'"))


def shingled(text: str) -> frozenset[str]:
    """Word triples; a text of one or two words is one shingle."""
    words = words_of(text)
    return frozenset(" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2)))


def _sketch(shingles: frozenset[str]) -> RMinHash:
    sketch = RMinHash(num_perm=PERMUTATIONS, seed=42)
    sketch.update(sorted(shingles))
    return sketch
