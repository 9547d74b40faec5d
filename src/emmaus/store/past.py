"""Past good answers of people: which there are, which may be used now, and the vectors that they are found by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, or_, select
from sqlalchemy.dialects.sqlite import insert

from emmaus.store.conversations import MOST_VALUES, in_portions
from emmaus.store.ledger import consents, verdicts
from emmaus.store.schema import conversations, origins, ratings, turns, vectors
from emmaus.store.standing import said_of
from emmaus.types import CARE, Rating, Review, Scope, Source

NEEDED = frozenset((Scope.STORE, Scope.TRAIN))
"""What somebody must allow for their words, of a conversation or of a correction, to be an example for others."""


@dataclass(frozen=True, slots=True)
class Liked:
    """A turn that somebody liked or corrected, found by where its rating stands in the order of ratings."""

    key: int
    turn: str
    packed: bytes | None
    """Its vector, where there is one."""


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A question of somebody, and the answer that they found good or would have wanted."""

    turn: str
    question: str
    answer: str
    passages: tuple[str, ...]


def liked(connection: Connection, character: str, embedder: str, after: int) -> list[Liked]:
    """List the turns of a character that were liked or corrected by ratings after this one, in that order."""
    said = select(ratings.c.key, ratings.c.turn).where(ratings.c.key > after).order_by(ratings.c.key)
    new = connection.execute(said.where(or_(ratings.c.value > 0, ratings.c.correction.is_not(None)))).all()
    spoken = (
        select(turns.c.id, vectors.c.packed)
        .join(conversations, conversations.c.key == turns.c.conversation)
        .join(origins, origins.c.key == turns.c.origin)
        .outerjoin(vectors, (vectors.c.turn == turns.c.id) & (vectors.c.embedder == embedder))
        .where(conversations.c.character == character, conversations.c.source == Source.PERSON.value)
        .where(origins.c.model != CARE, turns.c.replaced_by.is_(None))
    )
    # A few are asked for by name: in one statement SQLite would go through all of the character's turns each time.
    many = turns.c.id.in_(select(ratings.c.turn).where(ratings.c.key > after))
    which = many if len(new) > MOST_VALUES else turns.c.id.in_([turn for _, turn in new])
    packed = {turn: blob for turn, blob in connection.execute(spoken.where(which))} if new else {}
    return [Liked(key, turn, packed[turn]) for key, turn in new if turn in packed]


def usable(connection: Connection, turn_ids: Iterable[str]) -> dict[str, PastTurn]:
    """Return those of these turns that may be an example for others now.

    Whoever asked allows it now (`NEEDED`), somebody likes or corrects the answer in the end, and nobody objects to it
    or rejected it (`standing.said_of`). A correction counts while the person who wrote it allows it.
    """
    allowed = consents(connection)
    spoken = select(turns.c.id, turns.c.question, turns.c.answer, turns.c.passages, conversations.c.subject)
    spoken = spoken.join(conversations, conversations.c.key == turns.c.conversation)
    theirs = {
        turn: PastTurn(turn, question, answer, tuple(passages or ()))
        for ids in in_portions(turn_ids)
        for turn, question, answer, passages, subject in connection.execute(
            spoken.where(turns.c.id.in_(ids), turns.c.replaced_by.is_(None))
        )
        if allowed.get(subject, frozenset()) >= NEEDED
    }
    rated, reviewed = verdicts(connection, Rating, theirs), verdicts(connection, Review, theirs)
    found: dict[str, PastTurn] = {}
    for turn, past in theirs.items():
        said = said_of(rated[turn], reviewed[turn], allowed, NEEDED)
        if said.liked and not said.objections:
            found[turn] = replace(past, answer=said.correction or past.answer)
    return found


def keep_vectors(connection: Connection, embedder: str, packed: Mapping[PastTurn, bytes]) -> frozenset[str]:
    """Keep vectors of turns in place of older ones, and return the turns' ids.

    None is kept of a turn that was forgotten, corrected or forbidden since its vector was begun.
    """
    adding = insert(vectors)
    adding = adding.on_conflict_do_update(index_elements=["turn", "embedder"], set_={"packed": adding.excluded.packed})
    now = usable(connection, [past.turn for past in packed])
    kept = {past.turn: blob for past, blob in packed.items() if now.get(past.turn) == past}
    for ids in in_portions(kept):
        connection.execute(adding, [{"turn": turn, "embedder": embedder, "packed": kept[turn]} for turn in ids])
    return frozenset(kept)
