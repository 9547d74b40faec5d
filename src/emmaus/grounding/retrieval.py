"""Verses for a question, among those the character can know.

The question's own words count most; everyday words are widened by the pack's synonyms, which count less. What the
character said or saw is preferred to what they heard of, and a short verse to a long one.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emmaus.grounding.english import content_words, forms, words
from emmaus.grounding.index import SearchFile
from emmaus.packs import Corpus, Pack
from emmaus.types import Character, Passage, digest

WIDENED = 0.6
"""Weight of words that only the synonyms bring in."""
NAMED = 1.0
"""Weight added to names: somebody who asks about Goliath wants Goliath."""
OWN, WITNESSED, HEARD = 1.4, 1.3, 1.0
"""Factors on the score of what a character said, saw and heard of."""
SHORT = 40
"""Words up to which a verse counts as short: a small model loses the thread of longer ones."""
TRANSLATIONS = (1.0, 0.7)
"""Weights of a word in the translation that is shown, and in the others."""
_LONG = 0.8
_SCRAP = (6, 0.7)
"""Fewer words than these hardly say anything by themselves."""
_RANKED = 500
_CANDIDATES = 60
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")


class Index:
    """The search index over a pack's corpora. Open once, ask from any thread."""

    def __init__(self, pack: Pack, corpus: Corpus, search: SearchFile) -> None:
        self._corpus = corpus
        self._search = search
        self._synonyms = pack.synonyms
        self._longest = max((len(key.split()) for key in self._synonyms), default=1)
        self._verses = list(corpus.lines())
        lengths = np.array([text.count(" ") + 1 for text in corpus.lines().values()])
        self._fitting = np.where(lengths < _SCRAP[0], _SCRAP[1], np.where(lengths > SHORT, _LONG, 1.0))
        self._factors: dict[str, NDArray[np.float64]] = {}

    @classmethod
    def open(cls, home: Path, pack: Pack, translation: str | None = None) -> "Index":
        """Open the index kept in `home`/cache, building it (seconds, once) where there is none or it is damaged.

        It finds by the words of every translation of the pack, and gives the words of one.
        """
        corpus = pack.corpus(translation)
        corpora = [corpus, *(pack.corpus(name) for name in pack.corpora if name != corpus.translation)]

        def rows() -> Iterator[tuple[str, str]]:
            lines = [one.lines() for one in corpora]
            for verse in lines[0]:
                first, *others = (" ".join(content_words(one.get(verse, ""))) for one in lines)
                yield first, " ".join(others)

        key = digest([one.hash for one in corpora])
        return cls(pack, corpus, SearchFile(home / "cache", key, rows, TRANSLATIONS))

    def retrieve(self, question: str, character: Character, k: int = 3) -> tuple[Passage, ...]:
        """Give the `k` best passages (or fewer) that the character can know, best first; none where nothing fits."""
        chosen: list[str] = []
        seen: list[frozenset[str]] = []
        for verse in islice(self.ranked(question, character), _CANDIDATES):
            text = frozenset(content_words(self._corpus.lines()[verse]))
            if any(len(text & other) > 0.7 * len(text | other) for other in seen):
                continue  # the same words are in the corpus twice, as in Psalms 14 and 53
            chosen.append(verse)
            seen.append(text)
            if len(chosen) == k:
                break
        return tuple(self._corpus.get(verse) for verse in chosen)

    def ranked(self, question: str, character: Character | None = None) -> Iterator[str]:
        """List verses by falling score; with no character, of the whole corpus."""
        wider, replaced = self._widened(question)
        own = {word for word in content_words(question) if word not in replaced}
        scores = np.zeros(len(self._verses))
        for terms, weight in ((own, 1.0), (wider - own, WIDENED), (_names(question, character), NAMED)):
            for term in sorted(terms):
                rows, found = self._search.matches(term)
                scores[rows] += weight * found
        scores *= self._fitting
        if character:
            scores *= self._factor(character)
        best = np.flatnonzero(scores > 0)
        if len(best) > _RANKED:
            best = best[np.argpartition(-scores[best], _RANKED)[:_RANKED]]
        return (self._verses[row] for row in best[np.lexsort((best, -scores[best]))])

    def close(self) -> None:
        """Let go of the index file."""
        self._search.close()

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _widened(self, question: str) -> tuple[set[str], set[str]]:
        """Give what the synonyms make of the question's words and phrases, and the words they stand in for."""
        said = words(question)
        wider: set[str] = set()
        replaced: set[str] = set()
        for length in range(1, self._longest + 1):
            for at in range(len(said) - length + 1):
                phrase = said[at : at + length]
                for key in forms(phrase[0]) if length == 1 else {" ".join(phrase)}:
                    if key + "!" in self._synonyms:
                        replaced.update(content_words(" ".join(phrase)))
                    for text in self._synonyms.get(key, self._synonyms.get(key + "!", ())):
                        wider.update(content_words(text))
        return wider, replaced

    def _factor(self, character: Character) -> NDArray[np.float64]:
        """Give per verse 0 where the character cannot know it, else how much it is preferred."""
        key = character.hash
        if key not in self._factors:
            rows = {verse: row for row, verse in enumerate(self._verses)}
            factor = np.zeros(len(rows))
            levels = ((character.heard, HEARD), (character.witnessed, WITNESSED), (character.own_words, OWN))
            for references, value in levels:
                for verse in (verse for reference in references for verse in self._corpus.expand(reference)):
                    if verse in rows:
                        factor[rows[verse]] = value
            self._factors[key] = factor
        return self._factors[key]


def _names(question: str, character: Character | None) -> set[str]:
    """Find the names in a question: capitalised within a sentence, or known to the character and written anyhow."""
    known = {word for name in character.knew for word in words(name)} if character else set()
    found = {match.lower() for match in _NAME.findall(question)} | (known & set(words(question)))
    return {form for name in found for form in content_words(name)}
