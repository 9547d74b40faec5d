"""Who talks, what is said, and what the speaker allows and thinks of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from emmaus.types.plain import digest
from emmaus.types.portrait import Portrait

Role: TypeAlias = Literal["system", "user", "assistant"]


class Scope(StrEnum):
    """One thing a person can allow to be done with their words; each is granted by itself."""

    STORE = "store"
    """Keep the conversation in this installation."""
    REVIEW = "review"
    """Let a reviewer read it."""
    TRAIN = "train"
    """Let characters learn from it."""
    SHARE = "share"
    """Let it leave this installation, in an export."""


class Source(StrEnum):
    """Where a conversation comes from."""

    AUTHORED = "authored"
    """Written by hand; ships with a pack."""
    PERSON = "person"
    """A person talked with a character."""
    SYNTHETIC = "synthetic"
    """A model wrote the answers."""
    IMPORTED = "imported"
    """Read from a file."""
    SCRIPTURE = "scripture"
    """The character's own words in the corpus."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat, as every chat API takes it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A verse or short range with its words in one translation."""

    reference: str
    """Canonical form, "Psalm 23:1" or "Psalm 23:1-3"."""
    text: str
    translation: str


@dataclass(frozen=True, slots=True)
class Era:
    """The years in which a character lived; years before Christ are negative."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class VoiceTrait:
    """One habit of speech, with an example of it."""

    trait: str
    example: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A person, a place or an office in a character's life, and where the corpus says so."""

    name: str
    relation: str
    """What they were to the character ("father", "friend"), or what happened there ("born"); "" for an office."""
    reference: str
    """Empty where the corpus does not say it."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a character lived through."""

    what: str
    """One sentence, in the first person."""
    reference: str
    """Empty where the corpus does not tell it."""


@dataclass(frozen=True, slots=True)
class Character:
    """Who is talked with: the card, the life, and the bounds of what they can know."""

    pack: str
    slug: str
    name: str
    title: str
    era: Era
    place: str
    card: str
    """The persona prompt, sent with every question."""
    witnessed: tuple[str, ...]
    """References to what they lived through."""
    heard: tuple[str, ...]
    """References to what they could have heard or read."""
    own_words: tuple[str, ...]
    """References to their own speech or writing."""
    kin: tuple[Fact, ...]
    """Family, by what the character would call them."""
    companions: tuple[Fact, ...]
    """Everybody else they knew."""
    places: tuple[Fact, ...]
    offices: tuple[Fact, ...]
    """What they were: "king", "shepherd"."""
    events: tuple[Event, ...]
    """Their life, in order."""
    peoples: tuple[str, ...]
    """Peoples and tribes that they belong to."""
    called: tuple[str, ...]
    """How others speak of them, as the character would not: "the Psalmist"."""
    cannot_know: tuple[str, ...]
    """Words and phrases from outside their life, beside the pack's timeline."""
    voice: tuple[VoiceTrait, ...]
    sample_questions: tuple[str, ...]
    portrait: Portrait | None = None
    """How they are drawn; None is drawn as an initial."""

    @property
    def knew(self) -> tuple[str, ...]:
        """Names of the persons and places of their life."""
        facts = (*self.kin, *self.companions, *self.places)
        return tuple(dict.fromkeys((*(fact.name for fact in facts), *self.peoples)))

    @property
    def hash(self) -> str:
        """Content hash: a changed card is another character version."""
        return digest(self)


CARE = "care"
"""Stands in `Turn.model` when the program itself answered, out of character; such a turn is never learned from."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check found in an answer."""

    check: Literal["quotation", "life", "time"]
    kind: str
    """What it is, in the words of that check: "altered", "kin"."""
    text: str
    """The words of the answer that it is about."""
    detail: str = ""
    """The true words or reference, or what speaks against it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer, with everything that went into the answer."""

    id: str
    question: str
    answer: str
    """As the model wrote it: verses are pointed at (`[Psalm 23:1]`), their words are inserted when it is shown."""
    passages: tuple[str, ...] = ()
    """References that stood in the prompt."""
    recalled: str | None = None
    """Id of the conversation whose answer was recalled into the prompt."""
    model: str = ""
    adapter: str | None = None
    prompt: str = ""
    """Hash of the prompt templates."""
    findings: tuple[Finding, ...] = ()
    """What the checks found in the answer when it was given."""
    created_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns between one asker and one character."""

    id: str
    character: str
    source: Source
    turns: tuple[Turn, ...]
    subject: str | None = None
    """Pseudonym of the person who asked; None where no person did."""
    topic: str = ""
    job: str | None = None
    """The generation job that made it."""
    parents: tuple[str, ...] = ()
    title: str = ""
    """What its speaker calls it; "" is told by its first question."""
    created_at: float = 0.0


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One line of the consent ledger: the scopes that hold from this moment on (empty = withdrawn)."""

    id: str
    subject: str
    scopes: frozenset[Scope]
    policy: str
    """Version of the words that were agreed to."""
    at: float


@dataclass(frozen=True, slots=True)
class Rating:
    """What a person said of one turn."""

    id: str
    turn: str
    subject: str
    value: Literal[-1, 0, 1]
    reason: str = ""
    flag: bool = False
    correction: str | None = None
    """The answer that should have been given."""
    at: float = 0.0
    reasons: tuple[str, ...] = ()
    """Names of the usual reasons that apply."""
