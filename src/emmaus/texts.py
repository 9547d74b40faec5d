"""What can be asked of texts when nobody speaks: which verses lie near them, and whether their quotations are true."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emmaus.errors import BadInput
from emmaus.grounding import Quotation, verify
from emmaus.home import Home
from emmaus.types import sound

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
        BadInput: `k` is below 1, or a text is longer than `LONGEST_SEARCH`.
        NotFound: there is no such character.
    """
    if k < 1:
        raise BadInput(f"cannot find {k} verses: ask for at least 1")
    for text in texts:
        if len(text) > LONGEST_SEARCH:
            raise BadInput(f"the text has {len(text):,} characters, at most {LONGEST_SEARCH:,} are searched: cut it")
    who = home.pack.character(character) if character else None
    canon = home.corpus.canon
    return (
        tuple(Hit(reference, canon.osis(canon.parse(reference)), score) for reference, score in found)
        for found in home.index.search_many([sound(text) for text in texts], k, who)
    )


def quotations(home: Home, text: str) -> tuple[Quotation, ...]:
    """Find every quotation in a text and say of what kind it is, by all translations of the pack."""
    return verify(sound(text), [home.corpus, *home.pack.beside(home.corpus)])
