"""A person's own conversations that are kept: listed, searched, read, named, taken along, deleted."""

from dataclasses import dataclass
from datetime import UTC, datetime

from emmaus.errors import BadInput, EmmausError, NotFound
from emmaus.feedback import standing
from emmaus.home import Home
from emmaus.shown import Shown, bare, helped, show
from emmaus.types import CARE, Conversation, Turn, sound

LONGEST_TITLE = 200
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation, in a line."""

    id: str
    character: str
    title: str
    """What its speaker calls it; "" where they gave it no name."""
    question: str
    """The first one."""
    turns: int
    created_at: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Said:
    """A turn as a reader sees it, and what they say of it in the end."""

    turn: Shown
    created_at: float
    value: int
    flag: bool
    correction: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversation with all that was said."""

    id: str
    character: str
    title: str
    created_at: float
    turns: tuple[Said, ...]


def own(home: Home, id: str, subject: str) -> Conversation:
    """One conversation of a person.

    Raises:
        NotFound: they have none of this id, whoever else may.
    """
    found = home.store.find(Conversation, id=sound(id), subject=subject)
    if not found:
        raise NotFound(f"there is no conversation '{id}' of yours (any more): look at the list of those there are")
    return found[0]


def begun_with(home: Home, id: str, subject: str) -> Conversation:
    """One conversation of a person, by its id or the beginning of it.

    Raises:
        NotFound: none of theirs begins so.
        BadInput: several do.
    """
    ids = {one.id for one in home.store.find(Conversation, subject=subject) if id and one.id.startswith(sound(id))}
    if len(ids) > 1 and id not in ids:
        raise BadInput(f"several conversations begin with {id!r} ({', '.join(sorted(ids)[:3])}): give more of the id")
    return own(home, id if id in ids or not ids else ids.pop(), subject)


def listed(
    home: Home, subject: str, last: int, *, before: int | None = None, text: str = ""
) -> list[tuple[int, Conversation]]:
    """A person's newest conversations, newest first, each with its place; with `text` those in which it stands."""
    return home.store.listed(Conversation, last, before=before, text=sound(text).strip(), subject=subject)


def outline(c: Conversation) -> Kept:
    """Tell a conversation in a line."""
    question = c.turns[0].question if c.turns else ""
    return Kept(c.id, c.character, c.title, question, len(c.turns), c.created_at)


def rename(home: Home, id: str, title: str, subject: str) -> Kept:
    """Give a conversation of a person a name; "" takes it away.

    Raises:
        NotFound: they have none of this id.
        BadInput: the name has more than `LONGEST_TITLE` characters.
    """
    name = " ".join(sound(title).split())
    if len(name) > LONGEST_TITLE:
        raise BadInput(f"the name has {len(name):,} characters, at most {LONGEST_TITLE} are kept: shorten it")
    found = own(home, id, subject)
    home.store.rename(found.id, name)
    return outline(own(home, found.id, subject))


def delete(home: Home, id: str, subject: str) -> int:
    """Delete a conversation of a person with every trace of its words, from datasets too; how many went.

    Raises:
        NotFound: they have none of this id.
    """
    return home.store.forget_one(own(home, id, subject).id)


def whole(home: Home, c: Conversation, subject: str) -> Whole:
    """Tell a conversation as its speaker saw it, with what they say of each answer in the end."""
    ratings = home.store.ratings(turn.id for turn in c.turns)

    def said(turn: Turn) -> Said:
        held = next(iter(standing(given for given in ratings[turn.id] if given.subject == subject)), None)
        shown = kept_turn(home, turn)
        if held is None:
            return Said(shown, turn.created_at, 0, False, None)
        return Said(shown, turn.created_at, held.value, held.flag, held.correction)

    return Whole(c.id, c.character, c.title, c.created_at, tuple(map(said, c.turns)))


def kept_turn(home: Home, turn: Turn) -> Shown:
    """Show what is kept, also where the translation is away by which it would be checked."""
    try:
        return helped(turn) if turn.model == CARE else show(turn, home.corpus, home.pack.beside(home.corpus))
    except EmmausError:
        return bare(turn)


def markdown(home: Home, told: Whole) -> str:
    """Write a conversation as a page that any editor opens."""
    try:
        name = home.pack.character(told.character).name
    except EmmausError:  # its card cannot be read, or is gone
        name = told.character
    day = datetime.fromtimestamp(told.created_at, UTC).date().isoformat()
    parts = [f"# {_line(told.title) or 'A conversation with ' + name}", f"{day}. The answers are written by an AI."]
    for said in told.turns:
        parts.append("\n".join(f"> {line}" for line in said.turn.question.splitlines()))
        parts.append(f"**{'Emmaus' if said.turn.care else name}:** {said.turn.text}")
        if stands := "; ".join(stand.reference for stand in said.turn.stands_on if stand.pointed):
            parts.append(f"*Points at: {stands}*")
    return "\n\n".join(parts) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())
