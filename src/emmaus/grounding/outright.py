"""What a text that is searched for says outright: places that it names, and words that stand in a verse as they are.

For searches. The verses that a character answers from come from `retrieval` alone.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emmaus.errors import BadInput
from emmaus.grounding.english import stop_words, words
from emmaus.packs import Corpus, Reference
from emmaus.packs.concordance import Concordance
from emmaus.packs.mentions import find_references
from emmaus.packs.references import bible
from emmaus.packs.spelling import tokens

PHRASE = 3
"""Words from which on a text is looked for as it stands; of fewer, one must be an everyday one ("fear not").

Two words such as "holy spirit" are a topic, and so is "the enemy": the verses on it are not those in which the words
happen to stand side by side.
"""
_ARTICLES = frozenset({"a", "an", "the"})
_LONGEST = 5
"""Words of a reference that opens a text: "Song of Songs chapter 2:1" has five."""
_SMALL = re.compile(r"\b[a-z]+(?=\.?\s*\d)")


class Outright:
    """Finds in the translations of a pack what a text says outright. Reads their words at the first need."""

    def __init__(self, corpora: Sequence[Corpus]) -> None:
        """The first of `corpora` is the one that is shown."""
        self._corpora = corpora

    @cached_property
    def _all(self) -> list[Concordance]:
        return [corpus.concordance for corpus in self._corpora]

    def places(self, text: str) -> tuple[list[Reference], str]:
        """Give the places that a text names, in its order, and the text without them.

        A text that is nothing but a reference may be written anyhow ("1 cor 13"); a book's name alone is a word.
        """
        canon = self._corpora[0].canon
        if not any(sign.isdigit() for sign in text):
            return [], text
        with suppress(BadInput):
            return [canon.parse(text)], ""
        # People write "john 3:16" where they search; in running text a small letter is the sign of a word.
        raised = _SMALL.sub(lambda match: match[0].capitalize(), text)
        found = [one for one in find_references(raised, None if canon is bible() else canon) if one.places]
        places = [place for one in found for place in one.places]
        rest = text
        for one in reversed(found):
            rest = f"{rest[: one.start]} {rest[one.end :]}"
        if not found or text[: found[0].start].strip():
            first, after = self._opening(rest)
            return [*first, *places], after
        return places, rest

    def _opening(self, text: str) -> tuple[list[Reference], str]:
        """Give the place that a text begins with, as "acts 2 the spirit" does, and what comes after it."""
        said = text.split()
        for length in range(min(len(said), _LONGEST), 0, -1):
            if said[length - 1][-1].isdigit():
                with suppress(BadInput):
                    return [self._corpora[0].parse(" ".join(said[:length]))], " ".join(said[length:])
        return [], text

    def verses(self, text: str) -> list[str]:
        """List the verses in which these words stand one after another, in any of the translations."""
        said = words(text)
        said = said[1:] if said and said[0] in _ARTICLES else said
        if len(said) < PHRASE and (len(said) < 2 or not stop_words() & set(said)):
            return []
        keys = _keys(text)
        found = (one.spellings[number] for one in self._all for number in one.phrase(keys, within=True))
        return list(dict.fromkeys(found))

    def everyday(self, text: str) -> bool:
        """Whether a text has any word that stands in the translation that is shown."""
        return any(self._all[0].count(key) for key in _keys(text))

    def having(self, text: str) -> NDArray[np.float64]:
        """Give for each verse of the translation that is shown the share of a text's words that stand in it, 0..1."""
        return self._all[0].having(_keys(text))


def _keys(text: str) -> list[str]:
    return [key for token in tokens(text) for key in token.keys]
