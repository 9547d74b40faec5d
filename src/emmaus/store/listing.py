"""Records page by page, newest first, and conversations by the words in them."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from emmaus.store.codec import RecordT, table_of
from emmaus.store.conversations import select_conversations
from emmaus.store.rows import select_records
from emmaus.store.schema import conversations, turns
from emmaus.types import Conversation


def listed(
    connection: Connection,
    kind: type[RecordT],
    last: int,
    before: int | None,
    text: str,
    *where: ColumnElement[bool],
) -> list[tuple[int, RecordT]]:
    """Return the newest `last` records for which this holds, newest first, each with its place (`before` which)."""
    table = table_of(kind)
    chosen: list[ColumnElement[bool]] = list(where)
    if before is not None:
        chosen.append(table.c.key < before)
    if text:
        chosen.append(_says(text))
    keys = connection.execute(
        select(table.c.id, table.c.key).where(*chosen).order_by(table.c.key.desc()).limit(last)
    ).all()
    found: list[Any] = select_records(connection, kind, table.c.id.in_([row.id for row in keys]))
    by_id = {item.id: item for item in found}
    return [(row.key, by_id[row.id]) for row in keys]


def conversation_of(connection: Connection, turn: str) -> Conversation | None:
    """Return the conversation that a turn is of."""
    key = select(turns.c.conversation).where(turns.c.id == turn).scalar_subquery()
    return next(iter(select_conversations(connection, conversations.c.key == key)), None)


def _says(text: str) -> ColumnElement[bool]:
    """Make the condition that this text stands in the name of a conversation, or in one of its turns."""
    spoken = select(turns.c.key).where(turns.c.conversation == conversations.c.key, turns.c.replaced_by.is_(None))
    said = spoken.where(
        or_(*(column.icontains(text, autoescape=True) for column in (turns.c.question, turns.c.answer)))
    )
    return or_(conversations.c.title.icontains(text, autoescape=True), said.exists())
