"""Proper names in an answer, and those that a character can know."""

import re
from functools import lru_cache

from emmaus.packs import Corpus
from emmaus.types import Character

_SENTENCE_START = re.compile(r"(^|[.!?:;]\s+|[\"“‘(\[]\s*|\n\s*)([A-Z])")
_NAME = re.compile(r"\b[A-Z][a-z]{2,}\b")
_EVERYBODY = frozenset(
    # Words that are written with a capital without being anybody's name.
    [
        "God",
        "Lord",
        "Almighty",
        "Father",
        "Spirit",
        "Holy",
        "One",
        "Most",
        "High",
        "Rock",
        "King",
        "Queen",
        "Law",
        "Sabbath",
        "Passover",
        "He",
        "His",
        "Him",
        "You",
        "Your",
        "Scripture",
        "Scriptures",
        "Master",
        "Maker",
        "Creator",
        "Shepherd",
        "Redeemer",
        "Saviour",
        "Savior",
        "Sir",
        "Word",
        "Israel",
        "Israelite",
        "Israelites",
        "Hebrew",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ]
)


def names_in(text: str, *, everywhere: bool = False) -> frozenset[str]:
    """Capitalised words that do not merely begin a sentence; with `everywhere` those that do count too."""
    if not everywhere:
        text = _SENTENCE_START.sub(lambda match: match[1] + match[2].lower(), text)
    return frozenset(_NAME.findall(text)) - _EVERYBODY


@lru_cache(maxsize=24)
def known_names(character: Character, corpus: Corpus) -> frozenset[str]:
    """Names in everything that the character lived through, heard or said, and on their card."""
    texts = [character.name, character.title, character.place, character.card, character.era.label]
    texts += [*character.knew, *(trait.example for trait in character.voice)]
    verses = corpus.lines()
    for span in (*character.witnessed, *character.heard, *character.own_words):
        texts += [verses[verse] for verse in corpus.expand(span) if verse in verses]
    return frozenset().union(*(names_in(text, everywhere=True) for text in texts))
