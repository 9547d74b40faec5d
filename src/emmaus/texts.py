"""What can be asked of texts when nobody speaks: which verses lie near them, and whether their quotations are true."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emmaus.errors import BadInput
from emmaus.grounding import Quotation, verify
from emmaus.home import Home
from emmaus.packs.mentions import find_references
from emmaus.types import sound

MOST = 1000
"""Verses that are found for one text at most."""
LONGEST_SEARCH = 20_000
"""Characters of a text that is searched for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A verse that was found."""

    reference: str
    """Canonical spelling: "John 3:16"."""
    osis: str
    """As other programs write it: "John.3.16"."""
    score: float
    """Higher is better; comparable within one search only."""


def search(home: Home, texts: Sequence[str], k: int, character: str | None) -> Iterator[tuple[Hit, ...]]:
    """Find the `k` best verses for each text, best first; none for a text that says nothing.

    Raises:
        BadInput: `k` is not 1 to `MOST`, or a text is none, or longer than `LONGEST_SEARCH`.
        NotFound: there is no such character.
    """
    if not isinstance(k, int) or not 1 <= k <= MOST:
        raise BadInput(f"cannot find {k!r} verses: ask for 1 to {MOST}")
    asked = [checked(text) for text in texts]
    for text in asked:
        if why := refused(text):
            raise BadInput(why)
    who = home.pack.character(character) if character else None
    canon = home.corpus.canon
    return (
        tuple(Hit(reference, canon.osis(canon.parse(reference)), score) for reference, score in found)
        for found in home.index.search_many(asked, k, who)
    )


def checked(text: object) -> str:
    """Give a text without halves of characters.

    Raises:
        BadInput: it is no text.
    """
    if not isinstance(text, str):
        raise BadInput(f"a text was expected, as a str, and {type(text).__name__} was given: put the words in quotes")
    return sound(text)


def refused(text: str) -> str:
    """Say why a text is not searched for; nothing where it is."""
    if len(text) <= LONGEST_SEARCH:
        return ""
    return f"the text has {len(text):,} characters, at most {LONGEST_SEARCH:,} are searched: cut it"


def nowhere(home: Home, text: str) -> tuple[str, ...]:
    """List the references in a text to places that the canon lacks, as they are written."""
    return tuple(mention.text for mention in find_references(text, home.corpus.canon) if not mention.places)


def quotations(home: Home, text: str) -> tuple[Quotation, ...]:
    """Find every quotation in a text and say of what kind it is, by all translations of the pack.

    Raises:
        BadInput: it is no text.
    """
    return verify(checked(text), [home.corpus, *home.pack.beside(home.corpus)])
