"""What a pack holds beside its characters."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that people ask about."""

    slug: str
    title: str
    questions: tuple[str, ...]
    """Questions that suit any character."""


@dataclass(frozen=True, slots=True)
class LaterTerm:
    """A person, thing or event, and from which year on it can be known."""

    term: str
    aliases: tuple[str, ...]
    start: int
    """The first year in which anyone could speak of it; years before Christ are negative."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What pack.yaml says."""

    name: str
    title: str
    licence: str
    corpora: Mapping[str, str | None]
    """Translation -> its file in the pack; None for an installed pythonbible package. In the order of the file."""
    default_translation: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What topics.yaml says."""

    topics: tuple[Topic, ...]
    askers: tuple[str, ...]
    situations: tuple[str, ...]
