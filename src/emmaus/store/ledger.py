"""What is asked across records: consent that holds now, what was said of a turn, what came out of what."""

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, func, select

from emmaus.store.codec import record, table_of
from emmaus.store.conversations import in_portions
from emmaus.store.schema import consent_events, datasets
from emmaus.types import Rating, Scope, Score

Verdict = TypeVar("Verdict", Rating, Score)


def consent(connection: Connection, subject: str) -> frozenset[Scope]:
    """Return the scopes of the event recorded last: a clock that was set back revives nothing."""
    scopes = connection.scalar(
        select(consent_events.c.scopes)
        .where(consent_events.c.subject == subject)
        .order_by(consent_events.c.key.desc())
        .limit(1)
    )
    return frozenset(map(Scope, scopes or ()))


def consents(connection: Connection) -> dict[str, frozenset[Scope]]:
    """Return what holds now for everybody who ever answered; an empty set has withdrawn everything."""
    latest = select(func.max(consent_events.c.key)).group_by(consent_events.c.subject)
    statement = select(consent_events.c.subject, consent_events.c.scopes).where(consent_events.c.key.in_(latest))
    return {subject: frozenset(map(Scope, scopes)) for subject, scopes in connection.execute(statement)}


def verdicts(connection: Connection, kind: type[Verdict], turn_ids: Iterable[str]) -> dict[str, list[Verdict]]:
    """Return the ratings or scores of each of these turns, latest first; a turn without any has an empty list."""
    table = table_of(kind)
    wanted = list(turn_ids)
    found: dict[str, list[Verdict]] = {turn: [] for turn in wanted}
    for ids in in_portions(wanted):
        for row in connection.execute(select(table).where(table.c.turn.in_(ids)).order_by(table.c.key.desc())):
            found[row.turn].append(record(kind, row._asdict()))
    return found


def dataset_ids_with(connection: Connection, conversation: str) -> list[str]:
    """Ids of the datasets that were frozen with this conversation, oldest first, whether or not it still exists."""
    return list(
        connection.scalars(
            select(datasets.c.id).where(names(datasets.c.parents, [conversation])).order_by(datasets.c.key)
        )
    )


def names(column: Column[Any], ids: list[str]) -> Any:
    """Make the condition that the JSON list in this column names one of these ids."""
    item = func.json_each(column).table_valued("value")
    return select(1).select_from(item).where(item.c.value.in_(ids)).exists()
