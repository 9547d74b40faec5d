"""What stands in the store, counted by the database: no conversation, and no long list of a record, is loaded for it.

Asked through the store: `store.ask(counting.tallies, "david")`.
"""

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    Select,
    Table,
    Text,
    cast,
    func,
    or_,
    select,
    type_coerce,
)

from emmaus.store.codec import RecordT, record, table_of
from emmaus.store.ledger import consents
from emmaus.store.rows import conditions
from emmaus.store.schema import Packed, conversations, datasets, ratings, reviews, scores, turns
from emmaus.types import Scope, Source

POINTS = 60
"""Most groups of conversations in a course of quality, the newest."""
DAY = 86400
_SPLITS = re.compile(rb'"split":"(\w+)"')
_QUALITY = re.compile(rb'"quality_score":([\d.eE+-]+)')
_COUNTED = ("consented", "rated", "scored", "reviewed", "unscored", "flagged", "reviewed_synthetic")
_DECIDED = ("accept", "edit", "reject")


@dataclass(frozen=True, slots=True)
class Tally:
    """The conversations of one character, by what became of them."""

    sources: Mapping[Source, int]
    """By where they come from; sources without any are left out."""
    consented: int = 0
    """Of people, those that may be learned from now."""
    rated: int = 0
    """With a turn of which somebody's latest word says something."""
    scored: int = 0
    """With a turn that has a value."""
    reviewed: int = 0
    """With a turn that a reviewer decided about."""
    unscored: int = 0
    """Those that may be scored, and that nobody looked at for it yet; hand-written ones need none."""
    flagged: int = 0
    """Those that may be reviewed, that somebody flagged, and that no reviewer decided about."""
    reviewed_synthetic: int = 0
    """Of those that a model wrote, how many a reviewer decided about."""

    @property
    def conversations(self) -> int:
        """All of them."""
        return sum(self.sources.values())


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a dataset, in figures."""

    dataset: str
    examples: int
    splits: Mapping[str, int]
    quality: float | None
    """Mean quality of its examples, 0..1."""


@dataclass(frozen=True, slots=True)
class Mean:
    """How good a group of conversations is."""

    source: Source
    job: str | None
    """The generation that wrote them; the others are grouped by day."""
    at: float
    """When the last of them began."""
    value: float
    """Mean of their scores, 0..1."""
    n: int
    """Scores."""


def tallies(connection: Connection, character: str | None = None) -> dict[str, Tally]:
    """Count the conversations of every character that has any, or of one, in one grouped query."""
    newest = select(func.max(ratings.c.key)).group_by(ratings.c.turn, ratings.c.subject)
    says = or_(ratings.c.value != 0, ratings.c.flag, ratings.c.correction.is_not(None))
    latest = select(func.max(reviews.c.key)).group_by(reviews.c.turn)
    decided = (reviews.c.key.in_(latest), reviews.c.decision.in_(_DECIDED))
    key = conversations.c.key
    rated, scored = key.in_(_with(ratings, ratings.c.key.in_(newest), says)), key.in_(_with(scores, _valued()))
    reviewed = key.in_(_with(reviews, *decided))
    groups = (conversations.c.character, conversations.c.source, conversations.c.subject)
    marks = {
        "rated": rated,
        "scored": scored,
        "reviewed": reviewed,
        "judged": key.in_(_with(scores)),
        "flagged": key.in_(_with(ratings, ratings.c.flag)) & ~reviewed,
    }
    statement: Select[Any] = select(*groups, func.count().label("all"), *(_sum(m).label(n) for n, m in marks.items()))
    if character is not None:
        statement = statement.where(conversations.c.character == character)
    allowed = consents(connection)
    found: dict[str, list[Any]] = {}
    for row in connection.execute(statement.group_by(*groups)):
        found.setdefault(row.character, []).append(row)
    return {slug: _tally(rows, allowed) for slug, rows in found.items()}


def fresh(connection: Connection, character: str, since: float) -> int:
    """Count the conversations of a character that are newer than this and may be learned from now."""
    theirs = (conversations.c.character == character, conversations.c.created_at > since)
    made = conversations.c.source != Source.AUTHORED.value
    statement = select(conversations.c.subject, func.count()).where(*theirs, made).group_by(conversations.c.subject)
    allowed = consents(connection)
    rows = connection.execute(statement).all()
    return sum(n for who, n in rows if who is None or Scope.TRAIN in allowed.get(who, frozenset()))


def contents(connection: Connection, character: str, last: int | None = None) -> list[Content]:
    """Say what is in the newest datasets of a character, oldest first, from their packed text."""
    packed = type_coerce(datasets.c.examples, LargeBinary)
    statement = select(datasets.c.id, packed).where(datasets.c.character == character)
    rows = connection.execute(statement.order_by(datasets.c.key.desc()).limit(last)).all()
    return [_content(name, zlib.decompress(blob)) for name, blob in reversed(rows)]


def course(connection: Connection, character: str) -> list[Mean]:
    """Give the mean score of each generation, and of each day's other conversations, oldest first."""
    day = cast(conversations.c.created_at / DAY, Integer)
    group = func.coalesce(conversations.c.job, cast(day, Text))
    last = func.max(conversations.c.created_at)
    statement = (
        select(conversations.c.source, conversations.c.job, last, func.avg(scores.c.value), func.count())
        .join_from(conversations, turns, turns.c.conversation == conversations.c.key)
        .join(scores, scores.c.turn == turns.c.id)
        .where(conversations.c.character == character, turns.c.replaced_by.is_(None), _valued())
        .group_by(conversations.c.source, conversations.c.job, group)
        .order_by(last.desc())
        .limit(POINTS)
    )
    rows = connection.execute(statement).all()
    return [Mean(Source(source), job, at, value, n) for source, job, at, value, n in reversed(rows)]


def outlines(connection: Connection, kind: type[RecordT], **equals: Any) -> list[RecordT]:
    """Return what `Store.find` does, quickly: the examples of datasets and the samples of evaluations stay empty."""
    table = table_of(kind)
    light = [column for column in table.c if not isinstance(column.type, Packed)]
    heavy: dict[str, Any] = {column.name: [] for column in table.c if isinstance(column.type, Packed)}
    rows = connection.execute(select(*light).where(*conditions(kind, equals)).order_by(table.c.key))
    names = {field.name for field in fields(kind)}
    return [record(kind, {n: v for n, v in (row._asdict() | heavy).items() if n in names}) for row in rows]


def _with(table: Table, *where: ColumnElement[bool]) -> Select[Any]:
    """Keys of the conversations of which a turn has such a rating, score or review; None is never among them."""
    return select(turns.c.conversation).join_from(table, turns, turns.c.id == table.c.turn).where(*where)


def _valued() -> ColumnElement[bool]:
    return scores.c.value.is_not(None)


def _sum(mark: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(func.iif(mark, 1, 0))


def _tally(rows: Iterable[Any], allowed: Mapping[str, frozenset[Scope]]) -> Tally:
    sources: dict[Source, int] = {}
    counted = dict.fromkeys(
        ("consented", "rated", "scored", "reviewed", "unscored", "flagged", "reviewed_synthetic"), 0
    )
    for row in rows:
        source = Source(row.source)
        sources[source] = sources.get(source, 0) + row.all
        scopes = frozenset(Scope) if row.subject is None else allowed.get(row.subject, frozenset())
        for name in ("rated", "scored", "reviewed"):
            counted[name] += getattr(row, name)
        counted["consented"] += row.all if row.subject is not None and Scope.TRAIN in scopes else 0
        counted["flagged"] += row.flagged if Scope.REVIEW in scopes else 0
        counted["reviewed_synthetic"] += row.reviewed if source is Source.SYNTHETIC else 0
        if source is not Source.AUTHORED and scopes & {Scope.TRAIN, Scope.REVIEW}:
            counted["unscored"] += row.all - row.judged
    return Tally({source: sources[source] for source in Source if source in sources}, **counted)


def _content(dataset: str, text: bytes) -> Content:
    """Read the figures off the JSON as it is written: a quotation mark inside a text has a backslash before it."""
    splits: dict[str, int] = {}
    for name in _SPLITS.findall(text):
        splits[name.decode()] = splits.get(name.decode(), 0) + 1
    values = [float(value) for value in _QUALITY.findall(text)]
    return Content(dataset, sum(splits.values()), splits, sum(values) / len(values) if values else None)
