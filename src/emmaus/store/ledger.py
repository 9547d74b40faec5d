"""What is asked across records: consent that holds now, what was said of a turn, what came out of what."""

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, func, select, true

from emmaus.store.agreement import policy
from emmaus.store.codec import record, table_of
from emmaus.store.conversations import in_portions
from emmaus.store.schema import consent_events, datasets
from emmaus.types import Rating, Review, Scope, Score

Verdict = TypeVar("Verdict", Rating, Score, Review)


def consent(connection: Connection, subject: str) -> frozenset[Scope]:
    """Return what a person allows: nothing where they never answered. Holds as `consents` says."""
    return _holding(connection, consent_events.c.subject == subject).get(subject, frozenset())


def consents(connection: Connection) -> dict[str, frozenset[Scope]]:
    """Return what holds now for everybody who ever answered; an empty set allows nothing.

    The event recorded last holds (a clock that was set back revives nothing), and only if it agreed to the words as
    they are now. Under new words nothing is used that older ones allowed, not even what was kept under them: which
    words a turn was kept under is written nowhere.
    """
    return _holding(connection)


def _holding(connection: Connection, *who: ColumnElement[bool]) -> dict[str, frozenset[Scope]]:
    latest = select(func.max(consent_events.c.key)).where(*who).group_by(consent_events.c.subject)
    columns = (consent_events.c.subject, consent_events.c.scopes, consent_events.c.policy)
    statement = select(*columns).where(consent_events.c.key.in_(latest))
    _, words = policy()
    return {
        subject: frozenset(map(Scope, scopes if agreed == words else ()))
        for subject, scopes, agreed in connection.execute(statement)
    }


def verdicts(connection: Connection, kind: type[Verdict], turn_ids: Iterable[str]) -> dict[str, list[Verdict]]:
    """Return the ratings, scores or reviews of each of these turns, latest first; a turn may have none."""
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


def lineage(connection: Connection, conversation_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids of the datasets that were frozen with each of these conversations, oldest first."""
    wanted = list(conversation_ids)
    found: dict[str, list[str]] = {conversation: [] for conversation in wanted}
    item = func.json_each(datasets.c.parents).table_valued("value")
    for ids in in_portions(wanted):
        statement = select(datasets.c.id, item.c.value).join_from(datasets, item, true())
        statement = statement.where(item.c.value.in_(ids)).order_by(datasets.c.key)
        for dataset, conversation in connection.execute(statement):
            found[conversation].append(dataset)
    return found


def names(column: Column[Any], ids: list[str]) -> Any:
    """Make the condition that the JSON list in this column names one of these ids."""
    item = func.json_each(column).table_valued("value")
    return select(1).select_from(item).where(item.c.value.in_(ids)).exists()
