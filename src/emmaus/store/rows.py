"""Records in and out of their tables."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from emmaus.store.codec import TABLES, Changing, Record, RecordT, name_of, record, row, table_of
from emmaus.store.conversations import insert_conversations, select_conversations
from emmaus.types import Conversation

_FIXED = frozenset({"id", "kind", "request", "created_at"})
"""What no change writes. (The character of a job, or of a draft, never differs.)"""


def insert_records(connection: Connection, records: Iterable[Record]) -> None:
    """Keep records of any kinds; those whose id is known are left as they are."""
    kinds = list(TABLES)
    ordered = sorted(records, key=lambda record: kinds.index(type(record)))
    for kind, group in groupby(ordered, type):
        if kind is Conversation:
            insert_conversations(connection, [item for item in group if isinstance(item, Conversation)])
        else:
            statement = insert(table_of(kind)).on_conflict_do_nothing(index_elements=["id"])
            connection.execute(statement, [row(item) for item in group])


def change(connection: Connection, changed: Changing, beside: Iterable[Record], expected: dict[str, Any]) -> bool:
    """Write over the record of this id, if these fields of it are as expected, and keep what is beside it; else not."""
    table = table_of(type(changed))
    values = {name: value for name, value in row(changed).items() if name not in _FIXED}
    where = (table.c.id == changed.id, *conditions(type(changed), expected))
    if connection.scalar(select(table.c.key).where(*where)) is None:
        return False
    insert_records(connection, beside)
    connection.execute(update(table).where(*where).values(values))
    return True


def add_record(connection: Connection, kept: RecordT) -> RecordT:
    """Keep a record; one whose id is known is left as it is, and returned so."""
    insert_records(connection, [kept])
    return select_records(connection, type(kept), table_of(type(kept)).c.id == kept.id)[0]


def select_records(
    connection: Connection, kind: type[RecordT], *where: ColumnElement[bool], last: int | None = None
) -> list[RecordT]:
    """Return the records for which this holds, oldest first; `last` keeps only so many of the newest."""
    if kind is Conversation:
        found: list[Any] = select_conversations(connection, *where, last=last)
        return found
    table = table_of(kind)
    statement = select(table).where(*where).order_by(table.c.key if last is None else table.c.key.desc()).limit(last)
    rows = connection.execute(statement).all()
    return [record(kind, item._asdict()) for item in (rows if last is None else reversed(rows))]


def conditions(kind: type[object], equals: dict[str, Any]) -> list[ColumnElement[bool]]:
    """Make the conditions that these fields of a kind equal these values.

    Raises:
        TypeError: a field by which this kind cannot be found.
    """
    columns = {
        column.name: column
        for column in table_of(kind).c
        if column.type.python_type in (str, int, float, bool) and column.name != "key"
    }
    if unknown := sorted(equals.keys() - columns.keys()):
        raise TypeError(f"a {name_of(kind)} cannot be found by {unknown[0]!r}; what can be: {', '.join(columns)}")
    return [columns[name].is_not_distinct_from(value) for name, value in equals.items()]


def missing(connection: Connection, kind: type[object], id: str) -> str:
    """Say that there is no record of this id, and which there are."""
    column, key = table_of(kind).c.id, table_of(kind).c.key
    newest = connection.scalars(select(column).order_by(key.desc()).limit(3)).all()
    known = f"the newest are {', '.join(newest)}" if newest else "there are none yet"
    return f"there is no {name_of(kind)} {id!r} here; {known}"
