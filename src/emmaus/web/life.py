"""The life of a character as a page tells it: what happened to them, who was around them, and where they were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from emmaus.packs import Corpus
from emmaus.shown import passage
from emmaus.types import Character, Event, Fact


@dataclass(frozen=True, slots=True)
class Group:
    """Persons or places that were the same to a character: "brothers", and who they were."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An event with the words that tell it."""

    what: str
    reference: str
    """Empty where the corpus does not tell it."""
    text: str
    """Empty where the passage is long or none."""
    translation: str


@dataclass(frozen=True, slots=True)
class Life:
    """What a card says of a life, for programs."""

    place: str
    peoples: tuple[str, ...]
    offices: tuple[Fact, ...]
    events: tuple[Event, ...]
    kin: tuple[Fact, ...]
    companions: tuple[Fact, ...]
    places: tuple[Fact, ...]


def life(character: Character) -> Life:
    """Take the life out of a character."""
    c = character
    return Life(c.place, c.peoples, c.offices, c.events, c.kin, c.companions, c.places)


def in_time(characters: Iterable[Character]) -> list[Character]:
    """Sort characters by the order of their time: who was born first comes first."""
    return sorted(characters, key=lambda character: (character.era.start, character.era.end, character.name))


def told(character: Character, corpus: Corpus) -> tuple[Told, ...]:
    """Give the events of a life, each with the words that tell it."""
    return tuple(_told(event, corpus) for event in character.events)


def _told(event: Event, corpus: Corpus) -> Told:
    found = passage(event.reference, corpus) if event.reference else None
    return Told(event.what, event.reference, found.text if found else "", corpus.translation)


def grouped(facts: Sequence[Fact], *, people: bool = True) -> tuple[Group, ...]:
    """Put together those who were the same to a character, in the order in which the card first names each."""
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.relation, []).append(fact)
    return tuple(
        Group(plural(relation) if people and len(found) > 1 else relation, tuple(found))
        for relation, found in groups.items()
    )


def plural(relation: str) -> str:
    """More than one of a relation: "wives", "kinsmen", "sisters-in-law"."""
    first, dash, rest = relation.partition("-in-")
    if first.endswith("man"):
        first = first.removesuffix("man") + "men"
    elif first.endswith("fe"):
        first = first.removesuffix("fe") + "ves"
    elif first.endswith("y") and first[-2:-1] not in "aeiou":
        first = first.removesuffix("y") + "ies"
    elif first.endswith(("s", "ch", "sh", "x")):
        first += "es"
    else:
        first += "s"
    return first + dash + rest
