"""The tables. What is queried has a column and, where it pays, an index; the rest of a record is JSON.

Every table has an integer `key`: it carries the order in which records came in, which is the order in which they are
found, and keeps references between the two big tables (conversations and turns) at a few bytes. `SCHEMA` names the
last migration; a change here needs a new one in migrations/versions, and a test compares the two.
"""

import json
import zlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

SCHEMA = "0005"
"""The migration that made the tables below."""


def compact(value: Any) -> str:
    """JSON without spaces, every letter as itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Packed(TypeDecorator[Any]):
    """JSON, deflated: for the two long lists of records (examples, samples) that repeat one prompt line after line."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes:
        """Pack."""
        return zlib.compress(compact(value).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Unpack."""
        return json.loads(zlib.decompress(value or b""))


def json_column(name: str, *, nullable: bool = False) -> Column[Any]:
    """A column of JSON."""
    return Column(name, JSON(none_as_null=True), nullable=nullable)


def text_column(name: str, *, nullable: bool = False) -> Column[str]:
    """A column of text."""
    return Column(name, Text, nullable=nullable)


def time_column(name: str) -> Column[float]:
    """A column of Unix seconds."""
    return Column(name, Float, nullable=False)


def identity() -> Sequence[Column[Any]]:
    """What every record has: the order in which it came, and its id."""
    return Column("key", Integer, primary_key=True), Column("id", String, nullable=False, unique=True)


def _turn() -> Column[str]:
    return Column("turn", ForeignKey("turns.id", ondelete="CASCADE"), nullable=False, index=True)


metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
)

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))

conversations = Table(
    "conversations",
    metadata,
    *identity(),
    text_column("character"),
    text_column("source"),
    text_column("subject", nullable=True),
    text_column("topic"),
    text_column("job", nullable=True),
    json_column("parents", nullable=True),
    text_column("title", nullable=True),
    time_column("created_at"),
    Index(None, "character", "source"),
)
# Most conversations have no subject, no parents, and many no job: those rows cost these indexes nothing.
for _indexed, _given in (("subject", "subject"), ("job", "job"), ("key", "parents")):
    _where = conversations.c[_given].is_not(None)
    Index(f"ix_conversations_with_{_given}", conversations.c[_indexed], sqlite_where=_where, postgresql_where=_where)

origins = Table(
    "origins",
    metadata,
    Column("key", Integer, primary_key=True),
    text_column("model"),
    text_column("adapter", nullable=True),
    text_column("prompt"),
)
"""What answered: thousands of turns share one row."""

turns = Table(
    "turns",
    metadata,
    *identity(),
    Column("conversation", ForeignKey("conversations.key", ondelete="CASCADE"), nullable=False, index=True),
    Column("origin", ForeignKey("origins.key"), nullable=False),
    text_column("question"),
    text_column("answer"),
    json_column("passages", nullable=True),
    text_column("recalled", nullable=True),
    json_column("findings", nullable=True),
    text_column("replaced_by", nullable=True),
    time_column("created_at"),
)
"""A turn that another took the place of (asked again, or in other words) stays for what was said of it."""

vectors = Table(
    "vectors",
    metadata,
    Column("turn", ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("embedder", Text, primary_key=True),
    Column("packed", LargeBinary, nullable=False),
)
"""Where a turn lies among others, one byte a dimension; it goes with its turn."""

consent_events = Table(
    "consent_events",
    metadata,
    *identity(),
    Column("subject", Text, nullable=False, index=True),
    json_column("scopes"),
    text_column("policy"),
    time_column("at"),
)

ratings = Table(
    "ratings",
    metadata,
    *identity(),
    _turn(),
    Column("subject", Text, nullable=False, index=True),
    Column("value", Integer, nullable=False),
    text_column("reason"),
    Column("flag", Boolean, nullable=False),
    text_column("correction", nullable=True),
    time_column("at"),
    Column("reasons", JSON, nullable=False, server_default="[]"),
    # Who reads on from the last key they saw would miss a rating that got the key of a forgotten one.
    sqlite_autoincrement=True,
)

scores = Table(
    "scores",
    metadata,
    *identity(),
    _turn(),
    text_column("rubric"),
    text_column("judge"),
    json_column("criteria"),
    Column("value", Float, nullable=True),
    text_column("unscored"),
    json_column("findings"),
)

rejections = Table(
    "rejections",
    metadata,
    *identity(),
    Column("job", Text, nullable=False, index=True),
    text_column("rule"),
    text_column("evidence"),
    text_column("question"),
    text_column("answer"),
    text_column("twin", nullable=True),
)

datasets = Table(
    "datasets",
    metadata,
    *identity(),
    Column("character", Text, nullable=False, index=True),
    text_column("hash"),
    Column("examples", Packed, nullable=False),
    json_column("report"),
    Column("seed", Integer, nullable=False),
    json_column("parents"),
    time_column("created_at"),
)

adapters = Table(
    "adapters",
    metadata,
    *identity(),
    text_column("character"),
    Column("version", Integer, nullable=False),
    text_column("base"),
    json_column("recipe"),
    Column("dataset", Text, nullable=False, index=True),
    text_column("dataset_hash"),
    text_column("folder"),
    text_column("gguf"),
    json_column("files"),
    json_column("metrics"),
    time_column("created_at"),
    # A server may keep an adapter cached under its name, so a version is never given twice.
    UniqueConstraint("character", "version"),
)

evaluations = Table(
    "evaluations",
    metadata,
    *identity(),
    Column("character", Text, nullable=False, index=True),
    text_column("candidate"),
    text_column("incumbent", nullable=True),
    text_column("base"),
    text_column("probes"),
    Column("samples", Packed, nullable=False),
    json_column("differences"),
    json_column("regressions"),
    json_column("decision"),
    time_column("created_at"),
)

deployments = Table(
    "deployments",
    metadata,
    *identity(),
    Column("character", Text, nullable=False, index=True),
    Column("adapter", ForeignKey("adapters.id"), nullable=True),
    text_column("target"),
    Column("evaluation", ForeignKey("evaluations.id"), nullable=True),
    Column("replaced", ForeignKey("deployments.id"), nullable=True),
    text_column("by"),
    time_column("at"),
)

jobs = Table(
    "jobs",
    metadata,
    *identity(),
    text_column("kind"),
    text_column("character"),
    json_column("request"),
    text_column("state"),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    text_column("note"),
    json_column("values"),
    time_column("created_at"),
)

reviews = Table(
    "reviews",
    metadata,
    *identity(),
    _turn(),
    text_column("reviewer"),
    text_column("decision"),
    json_column("reasons"),
    text_column("correction", nullable=True),
    time_column("at"),
)

preferences = Table(
    "preferences",
    metadata,
    *identity(),
    _turn(),
    Column("other", ForeignKey("turns.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("subject", Text, nullable=False, index=True),
    text_column("better"),
    time_column("at"),
)

drafts = Table(
    "drafts",
    metadata,
    *identity(),
    text_column("character"),
    Column("subject", Text, nullable=False, index=True),
    text_column("conversation", nullable=True),
    text_column("question"),
    text_column("text"),
    time_column("at"),
)
"""Answers that broke off. They are no turns, so nothing that learns or measures can meet one."""
