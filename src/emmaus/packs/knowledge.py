"""Which passages a character can know: what they witnessed, heard or said themselves."""

from functools import lru_cache

from emmaus.errors import BadInput
from emmaus.packs.corpus import Corpus
from emmaus.packs.references import Canon, Reference
from emmaus.types import Character


def knows(character: Character, reference: Reference | str, corpus: Corpus) -> bool:
    """Tell whether every verse of a reference is within what the character can know; False for a place that is none."""
    try:
        found = corpus.parse(reference) if isinstance(reference, str) else reference
    except BadInput:
        return False
    known = ranges(corpus.canon, character.own_words + character.witnessed + character.heard)
    mine = [one for one in known if one.book == found.book]
    if any(one.start <= found.start and found.end <= one.end for one in mine):
        return True
    verses = [corpus.parse(verse) for verse in corpus.expand(found)]
    return all(any(one.start <= verse.start <= one.end for one in mine) for verse in verses)


@lru_cache(maxsize=256)
def ranges(canon: Canon, references: tuple[str, ...]) -> tuple[Reference, ...]:
    """Parse the references of a character, parsed once."""
    return tuple(canon.parse(reference) for reference in references)
