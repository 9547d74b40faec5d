"""Conversations and their turns: the one record that spans tables."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, or_, select, update

from emmaus.errors import NotFound, StoreError
from emmaus.store.schema import conversations, origins, turns
from emmaus.types import Conversation, Finding, Source, Turn, plain

MOST_VALUES = 900
"""Values that every SQLite takes in one statement."""

T = TypeVar("T")
_Origin = tuple[str, str | None, str]

_JOINED = [
    *conversations.c,
    turns.c.id.label("turn"),
    turns.c.question,
    turns.c.answer,
    turns.c.passages,
    turns.c.recalled,
    turns.c.findings,
    turns.c.created_at.label("answered_at"),
    origins.c.model,
    origins.c.adapter,
    origins.c.prompt,
]


def in_portions(values: Iterable[T]) -> Iterator[list[T]]:
    """Distinct values, as many at a time as one statement takes."""
    every = list(dict.fromkeys(values))
    for start in range(0, len(every), MOST_VALUES):
        yield every[start : start + MOST_VALUES]


def insert_conversations(connection: Connection, given: Iterable[Conversation]) -> None:
    """Insert those whose id is new, with their turns."""
    new = {conversation.id: conversation for conversation in reversed(list(given))}
    for ids in in_portions(new):
        for known in connection.scalars(select(conversations.c.id).where(conversations.c.id.in_(ids))):
            del new[known]
    if not new:
        return
    ordered = list(reversed(new.values()))
    # Keys are given here, inside the write lock, so that turns can name them and both go in as one statement each.
    first = (connection.scalar(select(func.max(conversations.c.key))) or 0) + 1
    connection.execute(insert(conversations), [_row(key, item) for key, item in enumerate(ordered, first)])
    _insert_turns(connection, [(key, turn) for key, item in enumerate(ordered, first) for turn in item.turns])


def select_conversations(
    connection: Connection, *where: ColumnElement[bool], last: int | None = None
) -> list[Conversation]:
    """Return the conversations for which this holds, oldest first; `last` keeps only so many of the newest."""
    statement = _spoken(turns.c.replaced_by.is_(None)).where(*where)
    if last is not None:
        newest = select(conversations.c.key).where(*where).order_by(conversations.c.key.desc()).limit(last)
        statement = statement.where(conversations.c.key.in_(newest))
    return [_conversation(list(rows)) for _, rows in groupby(connection.execute(statement), lambda row: row.key)]


def as_it_stood(connection: Connection, turn_id: str) -> Conversation:
    """Return the conversation of a turn up to it, as it stood when it was said, whatever took its place since.

    Raises:
        NotFound: the turn is not kept (any more).
    """
    said = connection.execute(select(turns.c.key, turns.c.conversation).where(turns.c.id == turn_id)).first()
    if said is None:
        raise NotFound(f"there is no answer {turn_id!r} here (any more)")
    heirs = turns.alias("heirs")
    heir = select(heirs.c.key).where(heirs.c.id == turns.c.replaced_by).scalar_subquery()
    stood = or_(turns.c.replaced_by.is_(None), heir > said.key, turns.c.key == said.key)
    statement = _spoken(stood & (turns.c.key <= said.key)).where(conversations.c.key == said.conversation)
    return _conversation(list(connection.execute(statement)))


def replaced(connection: Connection, conversation_ids: Iterable[str]) -> dict[str, tuple[Turn, ...]]:
    """Return the turns of these conversations in whose place others stand, oldest first."""
    found: dict[str, tuple[Turn, ...]] = dict.fromkeys(conversation_ids, ())
    for ids in in_portions(found):
        gone = conversations.c.id.in_(ids) & turns.c.id.is_not(None)
        for row in connection.execute(_spoken(turns.c.replaced_by.is_not(None)).where(gone)):
            found[row.id] += (_turn(row),)
    return found


def append(connection: Connection, conversation: str, turn: Turn) -> None:
    """Add a turn to the end of a conversation; a turn that it already has is left as it is."""
    key = connection.scalar(select(conversations.c.key).where(conversations.c.id == conversation))
    if key is None:
        raise NotFound(f"there is no conversation {conversation!r} (any more): begin a new one")
    holder = connection.scalar(select(turns.c.conversation).where(turns.c.id == turn.id))
    if holder is None:
        _insert_turns(connection, [(key, turn)])
    elif holder != key:
        raise StoreError(f"turn {turn.id!r} belongs to another conversation: give this one an id of its own")


def replace_turns(connection: Connection, turn_ids: Iterable[str], by: str) -> None:
    """Let a turn take the place of others of its conversation."""
    for ids in in_portions(turn_ids):
        connection.execute(update(turns).where(turns.c.id.in_(ids)).values(replaced_by=by))


def _spoken(held: ColumnElement[bool]) -> Select[Any]:
    """Join conversations to those of their turns for which this holds."""
    return (
        select(*_JOINED)
        .outerjoin_from(conversations, turns, (turns.c.conversation == conversations.c.key) & held)
        .outerjoin(origins, turns.c.origin == origins.c.key)
        .order_by(conversations.c.key, turns.c.key)
    )


def _row(key: int, conversation: Conversation) -> dict[str, Any]:
    return {
        "key": key,
        "id": conversation.id,
        "character": conversation.character,
        "source": conversation.source.value,
        "subject": conversation.subject,
        "topic": conversation.topic,
        "job": conversation.job,
        "parents": plain(conversation.parents) or None,
        "title": conversation.title or None,
        "created_at": conversation.created_at,
    }


def _insert_turns(connection: Connection, given: Sequence[tuple[int, Turn]]) -> None:
    if not given:
        return
    keys = _origin_keys(connection, {(turn.model, turn.adapter, turn.prompt) for _, turn in given})
    rows = [
        {
            "id": turn.id,
            "conversation": key,
            "origin": keys[turn.model, turn.adapter, turn.prompt],
            "question": turn.question,
            "answer": turn.answer,
            "passages": plain(turn.passages) or None,
            "recalled": turn.recalled,
            "findings": plain(turn.findings) or None,
            "created_at": turn.created_at,
        }
        for key, turn in given
    ]
    connection.execute(insert(turns), rows)


def _origin_keys(connection: Connection, wanted: set[_Origin]) -> dict[_Origin, int]:
    keys: dict[_Origin, int] = {}
    for model, adapter, prompt in sorted(wanted, key=repr):
        same = (origins.c.model == model, origins.c.adapter.is_not_distinct_from(adapter), origins.c.prompt == prompt)
        key = connection.scalar(select(origins.c.key).where(*same))
        if key is None:
            values = {"model": model, "adapter": adapter, "prompt": prompt}
            key = connection.scalar(insert(origins).values(values).returning(origins.c.key)) or 0
        keys[model, adapter, prompt] = key
    return keys


# By hand, not through the codec: these two are read by the hundred thousand.
def _conversation(rows: Sequence[Row[Any]]) -> Conversation:
    first = rows[0]
    return Conversation(
        id=first.id,
        character=first.character,
        source=Source(first.source),
        turns=tuple(_turn(row) for row in rows if row.turn is not None),
        subject=first.subject,
        topic=first.topic,
        job=first.job,
        parents=tuple(first.parents or ()),
        title=first.title or "",
        created_at=first.created_at,
    )


def _turn(row: Row[Any]) -> Turn:
    return Turn(
        id=row.turn,
        question=row.question,
        answer=row.answer,
        passages=tuple(row.passages or ()),
        recalled=row.recalled,
        model=row.model,
        adapter=row.adapter,
        prompt=row.prompt,
        findings=tuple(Finding(**found) for found in row.findings or ()),
        created_at=row.answered_at,
    )
