"""Where the words of a quotation may be from: at the place given, anywhere, or in a verse that says the same.

For whatever anybody quotes, in whichever translation and spelling. The advice that the author of a pack is given, who
must quote one corpus word for word, comes from `packs.quotations`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emmaus.grounding.comparing import Match, Stretch, compare
from emmaus.grounding.english import stop_words
from emmaus.grounding.paraphrase import contents, overlap
from emmaus.grounding.words import Quote
from emmaus.packs.corpus import Corpus
from emmaus.packs.references import Reference

_INSIDE = 0.3
"""Share of the words that must stand at the place given, not beside it."""
_PHRASE = 4
"""Words one after another that few verses share."""
_APART = 30
"""Verses between places that are compared at once."""
_AS_NEAR = 0.1
"""Share of its words by which a translation may be further from a quotation and still be the one quoted."""
_PLACES = 24
"""Verses that begin alike which are compared."""

_WRITTEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Found:
    """A quotation compared with a place of a corpus."""

    match: Match
    corpus: Corpus


class Lookup:
    """Finds the places of quotations in some translations of one text."""

    def __init__(self, corpora: Sequence[Corpus]) -> None:
        self.corpora = corpora

    def weight(self, keys: Sequence[str]) -> float:
        """How much words say that are not everyday ones."""
        index = self.corpora[0].concordance
        old = 3.0 * sum(1 for key in keys if key.endswith("+s") and key[:-2] + "eth" in keys)
        return old + sum(index.weight(key) for key in set(keys) if key.replace("+s", "s") not in stop_words())

    def at(self, quote: Quote, places: Sequence[Reference]) -> Found | None:
        """Compare with the place that is given, in every translation."""
        found: list[Found] = []
        for corpus in self.corpora:
            for place in places:
                found += [Found(match, corpus) for match in self._compared(quote, corpus, place)]
            found += [Found(match, corpus) for match in self._together(quote, corpus, places)]
            if any(one.match.likeness == "exact" for one in found):
                break
        return max(found, key=lambda one: one.match.order, default=None)

    def _compared(self, quote: Quote, corpus: Corpus, place: Reference) -> Iterator[Match]:
        index = corpus.concordance
        verses = [index.numbers[verse] for verse in corpus.expand(place) if verse in index.numbers]
        if not verses:
            return
        first, last = verses[0], verses[-1]
        stretches = [(first, last)]
        if last - first > 30:
            near = [*index.near(quote.keys, 6), *((v, v) for v in index.phrase(quote.keys[:6]))]
            stretches = [(a, b) for a, b in near if a <= last and b >= first]
        else:
            reach = 1 + len(quote.keys) // 15
            stretches.append((first - 1, last + reach))
        for a, b in stretches:
            match = compare(quote, Stretch(index, a, b))
            inside = sum(1 for verse in match.verses if first <= verse <= last)
            if inside >= _INSIDE * len(match.verses):
                yield match
                if match.fine:
                    return

    def _together(self, quote: Quote, corpus: Corpus, places: Sequence[Reference]) -> Iterator[Match]:
        """Compare with all the places that are given at once, where they stand near each other: "Psalm 23:1, 4"."""
        index = corpus.concordance
        cited = {index.numbers[verse] for place in places for verse in corpus.expand(place) if verse in index.numbers}
        if len(places) < 2 or not cited or max(cited) - min(cited) > _APART:
            return
        match = compare(quote, Stretch(index, min(cited), max(cited)))
        if match.fine and cited.issuperset(match.verses):
            yield match

    def anywhere(self, quote: Quote, widely: bool = True) -> Found | None:
        """Give the best of the likeliest places anywhere; `widely` looks at those of nearly these words too."""
        found: list[Found] = []
        longest = max(quote.parts, key=len)
        keys = [key for one in longest for key in one.keys]
        reach = (2 if min(map(len, quote.parts)) > 2 else 0) if len(quote.parts) > 1 else 1 + len(quote.keys) // 15
        for corpus in self.corpora:
            for verse in corpus.concordance.phrase(keys)[:_PLACES]:
                back = reach if len(quote.parts) > 1 else 0
                match = compare(quote, Stretch(corpus.concordance, verse - back, verse + reach))
                found.append(Found(match, corpus))
                if match.likeness == "exact":
                    return found[-1]
        if widely and not any(one.match.fine for one in found):
            found += self._nearest(quote)
        return max(found, key=lambda one: one.match.order, default=None)

    def _nearest(self, quote: Quote) -> Iterator[Found]:
        """Compare with the places that have the most of the words, the three best of all translations."""
        places = []
        wanted = set(quote.keys)
        for corpus in self.corpora:
            index = corpus.concordance
            for first, last in index.near(quote.keys):
                have = {key for verse in range(first, last + 1) for one in index.tokens(verse) for key in one.keys}
                places.append((sum(index.weight(key) for key in wanted & have), corpus, first, last))
        places.sort(key=lambda one: -one[0])
        for _, corpus, first, last in places[:4]:
            yield Found(compare(quote, Stretch(corpus.concordance, first, last)), corpus)

    def pieced(self, quote: Quote) -> Found | None:
        """Give the best of the verses that share a phrase with words that are everyday ones each."""
        found: list[Found] = []
        phrases = [quote.keys[at : at + _PHRASE] for at in range(min(len(quote.keys), _PLACES) - _PHRASE + 1)]
        for corpus in self.corpora:
            index = corpus.concordance
            places = Counter(verse for phrase in phrases for verse in index.phrase(phrase)[:_PLACES])
            for verse, _ in places.most_common(_PHRASE):
                found.append(Found(compare(quote, Stretch(index, verse - 1, verse + 1)), corpus))
        return max(found, key=lambda one: one.match.order, default=None)

    def worded(self, quote: Quote, found: Found) -> Found:
        """Give the place that was found in the translation whose very words are nearest: old ones for old ones."""
        verses = [found.corpus.concordance.spellings[one] for one in (found.match.first, found.match.last)]
        options = [found]
        for corpus in self.corpora:
            index = corpus.concordance
            if corpus is found.corpus or not all(verse in index.numbers for verse in verses):
                continue
            match = compare(quote, Stretch(index, *(index.numbers[verse] for verse in verses)))
            if match.likeness == found.match.likeness and match.score >= found.match.score - _AS_NEAR:
                options.append(Found(match, corpus))
        return max(options, key=lambda one: (self._shared(quote, one), one.match.score))

    def _shared(self, quote: Quote, found: Found) -> tuple[int, int]:
        """How many words agree but for spelling, and how many words and marks but for capitals."""
        said = Counter(one.folded for part in quote.parts for one in part)
        match = found.match
        stretch = Stretch(found.corpus.concordance, match.first, match.last)
        start, end = match.span
        agreed = said & Counter(one.folded for one in stretch.tokens[start:end])
        written = _written(quote.text) & _written(stretch.words(start, end))
        return agreed.total(), written.total()

    def alike(self, quote: Quote) -> Found | None:
        """Find the verse that says most of what words say, in whatever order."""
        said = contents(" ".join(one.folded for part in quote.parts for one in part))
        if len(said) < 3:
            return None
        best: tuple[float, Found] | None = None
        for corpus in self.corpora:
            index = corpus.concordance
            for verse in index.about(quote.keys):
                share, many = overlap(said, contents(index.texts[verse]))
                if share >= 0.6 and many >= 3 and (best is None or share > best[0]):
                    best = share, Found(Match("other", share, verse, verse, (0, 1)), corpus)
        return best[1] if best else None

    def means(self, quote: Quote, given: Sequence[Reference], least: float) -> bool:
        """Tell whether words say what the place given says, though otherwise."""
        said = contents(" ".join(one.folded for part in quote.parts for one in part))
        have: set[tuple[str, int]] = set()
        verses = 0
        for corpus in self.corpora:
            index = corpus.concordance
            for place in given:
                for verse in corpus.expand(place):
                    if verse in index.numbers:
                        have |= contents(index.texts[index.numbers[verse]])
                        verses += 1
        share, many = overlap(said, have)
        wide = verses > 5 * len(self.corpora)
        if len(said) <= 2:
            return many >= 0.7 and share >= 0.7 and not wide and least < 0.5 and len(quote.keys) <= 5
        return many >= (3 if wide else 0.7 if least < 0.3 else 1.6) and share >= (0.6 if wide else least)

    def place(self, found: Found) -> str:
        """Write the place of what was found in canonical spelling."""
        index, match = found.corpus.concordance, found.match
        first, last = index.spellings[match.first], index.spellings[match.last]
        if first == last or first.rpartition(" ")[0] != last.rpartition(" ")[0]:
            return first
        closing = last.rpartition(" ")[2]
        chapter, _, verse = closing.partition(":")
        return f"{first}-{verse if first.rpartition(' ')[2].startswith(chapter + ':') else closing}"


def _written(text: str) -> Counter[str]:
    return Counter(_WRITTEN.findall(text.lower()))
