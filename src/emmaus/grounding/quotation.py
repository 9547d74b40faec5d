"""The record of a quotation: what it is, and what is true of it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["exact", "normalised", "partial", "paraphrase", "altered", "wrong_reference", "nonexistent"]
BAD: frozenset[Kind] = frozenset({"altered", "wrong_reference", "nonexistent"})
"""Kinds that must not reach a reader as scripture."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation of scripture in a text, and what is true of it."""

    kind: Kind
    reference: str
    """Canonical spelling of the place given; where none is given, of the place found; as written if there is none."""
    text: str
    """The quoted words as they stand in the text; "" where a reference to nowhere stands alone."""
    start: int
    end: int
    """Where they stand in the text; those of the reference where there are no words."""
    correction: str | None = None
    """True words of the verse that was meant (altered) or the true reference (wrong_reference, nonexistent)."""
    translation: str = ""
    """The translation that has these words, or whose words `correction` gives; "" where none has."""
    place: str = ""
    """Canonical spelling of where the words, or those that were meant, truly stand; "" where nowhere."""
    osis: str = ""
    """OSIS of `place`, or of `reference` where the words stand nowhere; "" where that does not exist."""
    given: str = ""
    """The reference as it is written in the text; "" where none is."""
    cited: tuple[int, int] = (0, 0)
    """Where that stands in the text."""

    @property
    def bad(self) -> bool:
        """Whether a reader must not take this for scripture."""
        return self.kind in BAD
