"""Verses for a question, among those the character can know.

Three things speak for a verse: that its words are the question's own (everyday words widened by the pack's synonyms,
which count less), that it means the same, and that it is known and quoted. What the character said or saw is preferred
to what they heard of, and a short verse to a long one. Where vectors are missing, words alone decide.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emmaus.grounding.asked import Asked
from emmaus.grounding.english import content_words, roots, words
from emmaus.grounding.index import SearchFile
from emmaus.grounding.meaning import Meaning, Watch
from emmaus.grounding.outright import Outright
from emmaus.models.embedding import MiniLM
from emmaus.models.protocols import Embedder
from emmaus.packs import Corpus, Pack
from emmaus.types import Character, Passage, digest

WORDS, QUOTED = 0.35, 0.05
"""Weights of the words' score (0..1) and of a verse's prior beside the cosine of meaning; see docs/design.md."""
ENOUGH, MOST = 8.0, 16.0
"""BM25 sums at which a verse has most of the words' score, and to which the best verse's sum is scaled down."""
NEAR, FAINT = 0.42, 0.2
"""Cosines from which a verse goes to a character by meaning alone (nonsense stays below), and into a list."""
WIDENED = 0.6
"""Weight of words that only the synonyms bring in."""
NAMED = 1.0
"""Weight added to names: somebody who asks about Goliath wants Goliath."""
OWN, WITNESSED, HEARD = 0.08, 0.06, 0.0
"""Added to the score of what a character said, saw and heard of."""
STANDING, PLACED = 2.0, 4.0
"""Where one searches: added to the score of verses in which the very words stand, and the score of verses named."""
SHORT = 40
"""Words up to which a verse counts as short: a small model loses the thread of longer ones."""
TRANSLATIONS = (1.0, 0.7)
"""Weights of a word in the translation that is shown, and in the first of the others; a third adds no new words."""
LONGEST = 4000
"""Characters of a question that are read."""
_LONG = 0.8
_SCRAP = (6, 0.7)
"""Fewer words than these hardly say anything by themselves."""
VECTORS = Path("index", "vectors.npz")
"""Where in a pack's folder vectors of its verses are; `bench/build_index.py` makes those of the Bible."""
_RANKED = 500
_CANDIDATES = 60
_TOGETHER = 64
"""Questions scored at once: 8 MB of cosines."""
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")

Scores = NDArray[np.float32]


class Index:
    """The search index over a pack's corpora. Open once, ask from any thread."""

    def __init__(
        self, pack: Pack, corpus: Corpus, search: SearchFile, meaning: Meaning, rows: NDArray[np.int64]
    ) -> None:
        """`rows` says at which row of `meaning` each verse of `corpus` stands."""
        self.meaning = meaning
        self._corpus = corpus
        self._search = search
        self._rows = rows
        self._synonyms = pack.synonyms
        self._longest = max((len(key.split()) for key in self._synonyms), default=1)
        self._verses = list(corpus.lines())
        self._places = {verse: row for row, verse in enumerate(self._verses)}
        self._outright = Outright([corpus, *pack.beside(corpus)])
        lengths = np.array([text.count(" ") + 1 for text in corpus.lines().values()])
        self._fitting = np.where(lengths < _SCRAP[0], _SCRAP[1], np.where(lengths > SHORT, _LONG, 1.0))
        self._preferred: dict[str, tuple[Character, Scores]] = {}

    @classmethod
    def open(
        cls,
        home: Path,
        pack: Pack,
        translation: str | None = None,
        *,
        embedder: Embedder | None = None,
        watch: Watch | None = None,
    ) -> "Index":
        """Open the index kept in `home`/cache, building it (seconds, once) where there is none or it is damaged.

        It finds by the words of two translations and by their meaning, and gives the words of one.
        `embedder` maps questions to vectors (MiniLM where none is given); vectors of verses come with the pack, or
        are made in the background at the first question, of which `watch` is told.
        """
        corpus = pack.corpus(translation)
        beside = [name for name in pack.corpora if name != corpus.translation][: len(TRANSLATIONS) - 1]
        corpora = [corpus, *map(pack.corpus, beside)]

        def texts() -> Iterator[tuple[str, str]]:
            lines = [one.lines() for one in corpora]
            for verse in lines[0]:
                first, *others = (" ".join(content_words(one.get(verse, ""))) for one in lines)
                yield first, " ".join(others)

        search = SearchFile(home / "cache", digest([one.hash for one in corpora]), texts, TRANSLATIONS)
        lines, key = union(pack)
        meaning = Meaning(
            list(lines),
            list(lines.values()),
            key,
            embedder or MiniLM(threads=1),
            shipped=pack.folder / VECTORS,
            cache=home / "cache",
            watch=watch,
        )
        places = {verse: row for row, verse in enumerate(lines)}
        rows = np.fromiter((places[verse] for verse in corpus.lines()), np.int64, len(corpus.lines()))
        return cls(pack, corpus, search, meaning, rows)

    def retrieve(self, question: str | Asked, character: Character, k: int = 3) -> tuple[Passage, ...]:
        """Give the `k` best passages (or fewer) that the character can know, best first; none where nothing fits."""
        if k < 1:
            return ()
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

    def ranked(self, question: str | Asked, character: Character | None = None) -> Iterator[str]:
        """List verses by falling score; with no character, of the whole corpus."""
        ((scores, found),) = self._scored([question], character)
        return (self._verses[row] for row in _best(scores, found, _RANKED))

    def search(self, text: str, k: int = 10, character: Character | None = None) -> list[tuple[str, float]]:
        """Give the `k` best single verses with their scores, best first; of those that a character can know, or all.

        First come the verses of the places that the text names, in their order, and then those in which its words
        stand one after another in any translation.
        """
        return self.search_many([text], k, character)[0]

    def search_many(
        self, texts: Sequence[str], k: int = 10, character: Character | None = None
    ) -> list[list[tuple[str, float]]]:
        """Search for many texts; faster than one by one."""
        return [
            [(self._verses[row], float(scores[row])) for row in _best(scores, found, k)]
            for start in range(0, len(texts), _TOGETHER)
            for scores, found in self._searched(texts[start : start + _TOGETHER], character)
        ]

    def exchange(self, embedder: Embedder) -> None:
        """Find by the vectors of another embedder from now on; a question that is being answered is not disturbed."""
        before, self.meaning = self.meaning, self.meaning.by(embedder)
        before.stop()

    def close(self) -> None:
        """Let go of the index file, and stop what runs in the background."""
        self.meaning.close()
        self._search.close()

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _searched(
        self, texts: Sequence[str], character: Character | None
    ) -> Iterator[tuple[Scores, NDArray[np.bool_]]]:
        """Score texts as `_scored` does, with what they say outright before all the rest."""
        texts = [text[:LONGEST] for text in texts]
        named = [self._outright.places(text) for text in texts]
        left = [rest if words(rest) else text for text, (_, rest) in zip(texts, named, strict=True)]
        every = self._scored(left, character, everyday=True)
        for text, (places, _), (scores, found) in zip(texts, named, every, strict=True):
            known = self._known(character) >= 0 if character else np.ones(len(scores), dtype=np.bool_)
            standing = self._known_rows(self._outright.verses(text), known)
            scores[standing] += STANDING
            placed = self._known_rows((verse for place in places for verse in self._corpus.expand(place)), known)
            scores[placed] = PLACED + np.linspace(1, 0, len(placed), endpoint=False)
            found[standing] = found[placed] = True
            yield scores, found

    def _known_rows(self, verses: Iterable[str], known: NDArray[np.bool_]) -> list[int]:
        rows = dict.fromkeys(self._places[verse] for verse in verses if verse in self._places)
        return [row for row in rows if known[row]]

    def _scored(
        self, questions: Sequence[str | Asked], character: Character | None, *, everyday: bool = False
    ) -> Iterator[tuple[Scores, NDArray[np.bool_]]]:
        """Give for each question the scores of all verses, and which of them have to do with it.

        Nothing has to do with a question of everyday words alone ("How are you?"), unless `everyday` ones count too.
        """
        said = [(one.text if isinstance(one, Asked) else one)[:LONGEST] for one in questions]
        about = [
            row
            for row, question in enumerate(said)
            if content_words(question) or (everyday and self._outright.everyday(question))
        ]
        meant = self.meaning.likeness([questions[row] for row in about]) if about else None
        for row, question in enumerate(said):
            if row not in about:
                yield np.zeros(len(self._verses), dtype=np.float32), np.zeros(len(self._verses), dtype=np.bool_)
                continue
            by_words = self._by_words(question, character) if content_words(question) else self._by_all(question)
            scores = WORDS * by_words
            found = scores > 0
            if meant is not None:
                likeness = meant[about.index(row)][self._rows]
                found |= likeness >= (NEAR if character else FAINT)
                scores += likeness + QUOTED * self.meaning.prior()[self._rows]
            if character:
                known = self._known(character)
                scores, found = scores + known, found & (known >= 0)
            yield scores, found

    def _by_all(self, question: str) -> Scores:
        """Score all verses by their share of the question's words, everyday ones though they are, 0..1."""
        return (self._outright.having(question) * self._fitting).astype(np.float32)

    def _by_words(self, question: str, character: Character | None) -> Scores:
        """Score all verses by their words, 0..1."""
        wider, replaced = self._widened(question)
        own = {word for word in content_words(question) if word not in replaced}
        scores = np.zeros(len(self._verses))
        for terms, weight in ((own, 1.0), (wider - own, WIDENED), (_names(question, character), NAMED)):
            for term in sorted(terms):
                rows, found = self._search.matches(term)
                scores[rows] += weight * found
        scores *= self._fitting
        scores *= min(1.0, MOST / max(scores.max(initial=0.0), 1e-9))
        return np.tanh(scores / ENOUGH).astype(np.float32)

    def _widened(self, question: str) -> tuple[set[str], set[str]]:
        """Give what the synonyms make of the question's words and phrases, and the words they stand in for."""
        said = words(question)
        wider: set[str] = set()
        replaced: set[str] = set()
        for length in range(1, self._longest + 1):
            for at in range(len(said) - length + 1):
                phrase = said[at : at + length]
                for key in roots(phrase[0]) if length == 1 else {" ".join(phrase)}:
                    if key + "!" in self._synonyms:
                        replaced.update(content_words(" ".join(phrase)))
                    for text in self._synonyms.get(key, self._synonyms.get(key + "!", ())):
                        wider.update(content_words(text))
        return wider, replaced

    def _known(self, character: Character) -> Scores:
        """Give per verse what is added to its score, or -1 where the character cannot know it."""
        kept = self._preferred.get(character.slug)
        if kept is None or kept[0] is not character:
            rows = self._places
            factor = np.full(len(rows), -1.0, dtype=np.float32)
            levels = ((character.heard, HEARD), (character.witnessed, WITNESSED), (character.own_words, OWN))
            for references, value in levels:
                for verse in (verse for reference in references for verse in self._corpus.expand(reference)):
                    if verse in rows:
                        factor[rows[verse]] = value
            kept = self._preferred[character.slug] = character, factor
        return kept[1]


def union(pack: Pack) -> tuple[dict[str, str], str]:
    """Give every verse of a pack in the words of its default translation (else of another), and their hash."""
    names = [pack.default_translation, *(name for name in pack.corpora if name != pack.default_translation)]
    corpora = [pack.corpus(name) for name in names]
    lines = dict(corpora[0].lines())
    for corpus in corpora[1:]:
        for verse, text in corpus.lines().items():
            lines.setdefault(verse, text)
    return lines, digest(list(lines.items()))


def _best(scores: Scores, found: NDArray[np.bool_], k: int) -> NDArray[np.int64]:
    """Give the rows of the `k` best scores among those found, best first."""
    best = np.flatnonzero(found)
    if k < 1:
        return best[:0]
    if len(best) > k:
        best = best[np.argpartition(-scores[best], k - 1)[:k]]
    return best[np.lexsort((best, -scores[best]))]


def _names(question: str, character: Character | None) -> set[str]:
    """Find the names in a question: capitalised within a sentence, or known to the character and written anyhow."""
    known = {word for name in character.knew for word in words(name)} if character else set()
    found = {match.lower() for match in _NAME.findall(question)} | (known & set(words(question)))
    return {form for name in found for form in content_words(name)}
