"""Small facts about an installation, each by its name."""

import uuid

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from emmaus.errors import NotConsented
from emmaus.store.schema import meta

FORGOTTEN = "last forgotten"
"""Names the fact that is another one each time that somebody's words are deleted."""


def fact(connection: Connection, key: str) -> str | None:
    """Return a fact; None where it was never settled."""
    return connection.scalar(select(meta.c.value).where(meta.c.key == key))


def settle(connection: Connection, key: str, value: str) -> None:
    """Settle a fact, whatever it was before."""
    statement = insert(meta).values(key=key, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def once(connection: Connection, key: str, value: str) -> str:
    """Settle a fact unless it is settled already, and return what holds."""
    connection.execute(insert(meta).values(key=key, value=value).on_conflict_do_nothing(index_elements=["key"]))
    holding: str = connection.scalars(select(meta.c.value).where(meta.c.key == key)).one()
    return holding


def note_forgotten(connection: Connection) -> None:
    """Note that words were deleted: who read them before must not write them anew."""
    settle(connection, FORGOTTEN, uuid.uuid4().hex)


def require_unforgotten(connection: Connection, since: str | None) -> None:
    """Go no further where anybody deleted their words after the fact `FORGOTTEN` was `since`.

    Raises:
        NotConsented: somebody did.
    """
    if fact(connection, FORGOTTEN) != since:
        raise NotConsented("somebody deleted what they had said while it was gone through: do this again, without it")
