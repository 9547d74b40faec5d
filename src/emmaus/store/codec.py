"""Between records and rows: which table holds which record, and how JSON becomes a record again."""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from sqlalchemy import Table

from emmaus.store import doors, schema
from emmaus.types import (
    Account,
    Adapter,
    ApiKey,
    AuditEvent,
    ConsentEvent,
    Conversation,
    Dataset,
    Deployment,
    Draft,
    Evaluation,
    Invitation,
    Job,
    Preference,
    Rating,
    Rejection,
    Review,
    Score,
    Session,
    plain,
)

Record: TypeAlias = (
    Conversation
    | ConsentEvent
    | Rating
    | Score
    | Rejection
    | Dataset
    | Adapter
    | Evaluation
    | Deployment
    | Job
    | Review
    | Preference
    | Draft
    | Account
    | Session
    | Invitation
    | ApiKey
    | AuditEvent
)
Changing: TypeAlias = Job | Draft | Account | Session | Invitation | ApiKey
"""Records that say how something stands now; all others are immutable."""
RecordT = TypeVar("RecordT", bound=Record)
Made = TypeVar("Made")

TABLES: Mapping[type[object], Table] = {
    Conversation: schema.conversations,
    ConsentEvent: schema.consent_events,
    Rating: schema.ratings,
    Score: schema.scores,
    Rejection: schema.rejections,
    Dataset: schema.datasets,
    Adapter: schema.adapters,
    Evaluation: schema.evaluations,
    Deployment: schema.deployments,
    Job: schema.jobs,
    Review: schema.reviews,
    Preference: schema.preferences,
    Draft: schema.drafts,
    Account: doors.accounts,
    Session: doors.sessions,
    Invitation: doors.invitations,
    ApiKey: doors.api_keys,
    AuditEvent: doors.audit_events,
}
"""The table of each kind of record; what others point at comes first."""


def table_of(kind: type[object]) -> Table:
    """Return the table that holds records of this kind.

    Raises:
        TypeError: this is no record that the store keeps by itself (a Turn, say, lives in its Conversation).
    """
    if kind not in TABLES:
        names = ", ".join(known.__name__ for known in TABLES)
        raise TypeError(f"the store does not keep {kind.__name__}; it keeps {names}")
    return TABLES[kind]


def name_of(kind: type[object]) -> str:
    """Name the kind as a sentence does: "consent event"."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).strip()


def row(record: Record) -> dict[str, Any]:
    """Return the columns of a record whose fields are its columns (all but Conversation)."""
    return {field.name: plain(getattr(record, field.name)) for field in fields(record)}


def record(kind: type[Made], columns: Mapping[str, Any]) -> Made:
    """Build the record that this row, or this JSON, was made from; a field that is missing takes its default."""
    annotation: Any = kind
    made: Made = _reader(annotation)(columns)
    return made


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Make a function from plain JSON to `kind`, an annotation of a record's field."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _record_reader(kind)
    if origin in (Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        read = _reader(inner[0]) if len(inner) == 1 else _same
        return lambda value: None if value is None else read(value)
    if origin in (tuple, frozenset):
        item = _reader(arguments[0])
        return lambda value: origin(map(item, value))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return _same


def _record_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = [(field.name, _reader(hints[field.name])) for field in fields(kind)]
    return lambda value: kind(**{name: read(value[name]) for name, read in readers if name in value})


def _same(value: Any) -> Any:
    return value
