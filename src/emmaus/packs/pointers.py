"""Pointers: references in square brackets, by which an answer says where it stands.

The one reader of their form, for packs that are checked and for answers that are shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emmaus.errors import BadInput
from emmaus.packs.mentions import find_references
from emmaus.packs.references import Canon, Reference

LONGEST = 60
"""Characters between brackets from which on they are no pointer."""
MOST_VERSES = 3
"""Most verses that one pointer may take in."""
POINTER = re.compile(rf"\[([^\[\]]{{2,{LONGEST}}})\]")
"""An answer's pointer at a passage."""
OPENED = re.compile(rf"(?:\[[^\[\]]{{0,{LONGEST}}})+$")
"""Those that stand open at the end of an answer that was cut short."""
_NEXT = re.compile(r";(?!\s*\d+\s*(?:[:.,\u2010-\u2015-]|$))")
"""Parts one pointer from the next: "1 John 1:1" begins one, "24:2" goes on with the book before it."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """A reference between brackets."""

    text: str
    """As it is written."""
    places: tuple[Reference, ...]
    """The places that it names; none where there is no such place."""


def pointed(inside: str, canon: Canon) -> Iterator[Pointed]:
    """List the references between brackets, those to nowhere too; none where they name no book.

    Words around them count for nothing: "see Psalm 23:1, 4" and "Psalm 23:1, WEB" are pointers.
    """
    for part in _NEXT.split(inside):
        try:
            yield Pointed(part.strip(), (canon.parse(part),))
        except BadInput:
            yield from (Pointed(one.text, one.places) for one in find_references(part, canon))
