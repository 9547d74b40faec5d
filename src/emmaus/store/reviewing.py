"""What a reviewer may read now, and what they decided: two who decide at once do not write over each other."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from emmaus.errors import NotConsented, NotFound
from emmaus.store.codec import record, table_of
from emmaus.store.conversations import as_it_stood, in_portions, select_conversations
from emmaus.store.ledger import consents, verdicts
from emmaus.store.rows import insert_records
from emmaus.store.schema import conversations, origins, ratings, scores, turns
from emmaus.store.standing import version_of
from emmaus.types import CARE, Conversation, Rating, Review, Scope, Source

REVIEWED = (Source.PERSON, Source.SYNTHETIC, Source.IMPORTED)
"""Where what is reviewed comes from: what is written by hand for a pack, and the corpus, was read before it shipped."""

Given = TypeVar("Given", Rating, Review)


@dataclass(frozen=True, slots=True)
class Reviewable:
    """A turn that a reviewer may read now, and what was said of it, latest first."""

    turn: str
    character: str
    source: Source
    value: float | None
    """Its latest score, 0..1; None where it has none."""
    ratings: tuple[Rating, ...]
    reviews: tuple[Review, ...]
    replaced: bool
    """Whether another took its place since: it was asked again, or in other words."""


def reviewable(
    connection: Connection, characters: Collection[str], *, without: str, near: float = 0.0, most: int | None = None
) -> list[Reviewable]:
    """List the turns of these characters that may be read for review now.

    All of which anything was said, by a rating or a review; and of the others the `most` whose score is nearest to
    `near`, those without one first. Those of people only while they allow it. None that the program answered itself,
    or that another took the place of, for nobody learns from them; but what was flagged stays, for a flag is a report.
    Scores of the rubric `without` are left out.
    """
    allowed = consents(connection)
    theirs = conversations.c.character.in_(list(characters))
    rated, reviewed = _given(connection, Rating, theirs), _given(connection, Review, theirs)
    of_turn = (scores.c.turn == turns.c.id, scores.c.value.is_not(None), scores.c.rubric != without)
    value = select(scores.c.value).where(*of_turn).order_by(scores.c.key.desc()).limit(1).scalar_subquery()
    replaced = turns.c.replaced_by.is_not(None)
    columns = (conversations.c.character, conversations.c.source, conversations.c.subject, value, replaced)
    spoken = _of_conversations(select(turns.c.id, *columns)).where(theirs)
    some = spoken.where(_said_of_turn()).order_by(turns.c.key)
    others = spoken.where(~_said_of_turn()).order_by(func.abs(func.coalesce(value, near) - near), turns.c.key)

    def readable(statement: Select[Any]) -> Iterator[Reviewable]:
        for turn, character, source, subject, scored, gone in connection.execute(statement):
            if _may_be_read(subject, source, allowed):
                said = (tuple(rated.get(turn, ())), tuple(reviewed.get(turn, ())))
                yield Reviewable(turn, character, Source(source), scored, *said, gone)

    return [*readable(some), *islice(readable(others), most)]


def readable_turns(connection: Connection, characters: Collection[str]) -> Counter[str]:
    """Count the turns of each of these characters that may be read for review now."""
    allowed, counts = consents(connection), Counter[str]()
    by = (conversations.c.character, conversations.c.source, conversations.c.subject)
    spoken = _of_conversations(select(*by, func.count()).select_from(turns))
    theirs = conversations.c.character.in_(list(characters))
    for character, source, subject, count in connection.execute(spoken.where(theirs).group_by(*by)):
        counts[character] += count if _may_be_read(subject, source, allowed) else 0
    return counts


def under_review(connection: Connection, turn_ids: Iterable[str]) -> dict[str, Conversation]:
    """Return the conversations of those of these turns that a reviewer may read now.

    One that another took the place of comes last in its conversation, as that stood then.
    """
    allowed = consents(connection)
    columns = (conversations.c.source, conversations.c.subject, turns.c.replaced_by)
    spoken = _of_conversations(select(turns.c.id, conversations.c.id, *columns))
    readable = {
        turn: (conversation, heir)
        for ids in in_portions(turn_ids)
        for turn, conversation, source, subject, heir in connection.execute(spoken.where(turns.c.id.in_(ids)))
        if _may_be_read(subject, source, allowed)
    }
    held = {turn: conversation for turn, (conversation, heir) in readable.items() if heir is None}
    found = {
        conversation.id: conversation
        for ids in in_portions(held.values())
        for conversation in select_conversations(connection, conversations.c.id.in_(ids))
    }
    return {
        turn: found[conversation] if heir is None else as_it_stood(connection, turn)
        for turn, (conversation, heir) in readable.items()
    }


def decide(connection: Connection, review: Review, version: str) -> bool:
    """Keep what was decided about a turn, if nobody decided since this version of it (`standing.version_of`).

    The same review sent twice is kept once.

    Raises:
        NotFound: the turn is not kept any more.
        NotConsented: it may not be read for review now.
    """
    if connection.scalar(select(turns.c.key).where(turns.c.id == review.turn)) is None:
        raise NotFound("this answer is not kept (any more): go on with the next one")
    if not under_review(connection, [review.turn]):
        raise NotConsented(
            "this answer is not up for review (any more): its speaker does not allow it, or asked again; "
            "go on with the next one"
        )
    before = version_of(verdicts(connection, Review, [review.turn])[review.turn])
    if before != version:
        return before == review.id
    insert_records(connection, [review])
    return True


def _of_conversations(spoken: Select[Any]) -> Select[Any]:
    """Join what is chosen of turns to their conversations, and leave out what nobody reviews."""
    flagged = select(ratings.c.turn).where(ratings.c.turn == turns.c.id, ratings.c.flag).correlate(turns).exists()
    return (
        spoken.join(conversations, conversations.c.key == turns.c.conversation)
        .join(origins, origins.c.key == turns.c.origin)
        .where(conversations.c.source.in_([source.value for source in REVIEWED]))
        .where(or_(turns.c.replaced_by.is_(None), flagged), origins.c.model != CARE)
    )


def _said_of_turn() -> ColumnElement[bool]:
    """Make the condition that a turn was rated or reviewed."""
    given = (table_of(kind).c.turn for kind in (Rating, Review))
    return or_(*(select(turn).where(turn == turns.c.id).correlate(turns).exists() for turn in given))


def _given(connection: Connection, kind: type[Given], theirs: ColumnElement[bool]) -> Mapping[str, list[Given]]:
    table = table_of(kind)
    statement = _of_conversations(select(table).join_from(table, turns, turns.c.id == table.c.turn)).where(theirs)
    found: defaultdict[str, list[Given]] = defaultdict(list)
    for row in connection.execute(statement.order_by(table.c.key.desc())):
        found[row.turn].append(record(kind, row._asdict()))
    return found


def _may_be_read(subject: str | None, source: str, allowed: Mapping[str, frozenset[Scope]]) -> bool:
    """Whether nobody's consent is needed, or it is given; what a person said and nobody knows who, nobody allowed."""
    if subject is None:
        return source != Source.PERSON
    return Scope.REVIEW in allowed.get(subject, frozenset())
