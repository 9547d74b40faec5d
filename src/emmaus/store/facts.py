"""Small facts about an installation, each by its name."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from emmaus.store.schema import meta


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
