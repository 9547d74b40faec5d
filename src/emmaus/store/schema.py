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

SCHEMA = "0004"
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


def _json(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, JSON(none_as_null=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _time(name: str) -> Column[float]:
    return Column(name, Float, nullable=False)


def _identity() -> Sequence[Column[Any]]:
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
    *_identity(),
    _text("character"),
    _text("source"),
    _text("subject", nullable=True),
    _text("topic"),
    _text("job", nullable=True),
    _json("parents", nullable=True),
    _time("created_at"),
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
    _text("model"),
    _text("adapter", nullable=True),
    _text("prompt"),
)
"""What answered: thousands of turns share one row."""

turns = Table(
    "turns",
    metadata,
    *_identity(),
    Column("conversation", ForeignKey("conversations.key", ondelete="CASCADE"), nullable=False, index=True),
    Column("origin", ForeignKey("origins.key"), nullable=False),
    _text("question"),
    _text("answer"),
    _json("passages", nullable=True),
    _text("recalled", nullable=True),
    _json("findings", nullable=True),
    _time("created_at"),
)

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
    *_identity(),
    Column("subject", Text, nullable=False, index=True),
    _json("scopes"),
    _text("policy"),
    _time("at"),
)

ratings = Table(
    "ratings",
    metadata,
    *_identity(),
    _turn(),
    Column("subject", Text, nullable=False, index=True),
    Column("value", Integer, nullable=False),
    _text("reason"),
    Column("flag", Boolean, nullable=False),
    _text("correction", nullable=True),
    _time("at"),
    # Who reads on from the last key they saw would miss a rating that got the key of a forgotten one.
    sqlite_autoincrement=True,
)

scores = Table(
    "scores",
    metadata,
    *_identity(),
    _turn(),
    _text("rubric"),
    _text("judge"),
    _json("criteria"),
    Column("value", Float, nullable=True),
    _text("unscored"),
    _json("findings"),
)

rejections = Table(
    "rejections",
    metadata,
    *_identity(),
    Column("job", Text, nullable=False, index=True),
    _text("rule"),
    _text("evidence"),
    _text("question"),
    _text("answer"),
    _text("twin", nullable=True),
)

datasets = Table(
    "datasets",
    metadata,
    *_identity(),
    Column("character", Text, nullable=False, index=True),
    _text("hash"),
    Column("examples", Packed, nullable=False),
    _json("report"),
    Column("seed", Integer, nullable=False),
    _json("parents"),
    _time("created_at"),
)

adapters = Table(
    "adapters",
    metadata,
    *_identity(),
    _text("character"),
    Column("version", Integer, nullable=False),
    _text("base"),
    _json("recipe"),
    Column("dataset", Text, nullable=False, index=True),
    _text("dataset_hash"),
    _text("folder"),
    _text("gguf"),
    _json("files"),
    _json("metrics"),
    _time("created_at"),
    # A server may keep an adapter cached under its name, so a version is never given twice.
    UniqueConstraint("character", "version"),
)

evaluations = Table(
    "evaluations",
    metadata,
    *_identity(),
    Column("character", Text, nullable=False, index=True),
    _text("candidate"),
    _text("incumbent", nullable=True),
    _text("base"),
    _text("probes"),
    Column("samples", Packed, nullable=False),
    _json("differences"),
    _json("regressions"),
    _json("decision"),
    _time("created_at"),
)

deployments = Table(
    "deployments",
    metadata,
    *_identity(),
    Column("character", Text, nullable=False, index=True),
    Column("adapter", ForeignKey("adapters.id"), nullable=True),
    _text("target"),
    Column("evaluation", ForeignKey("evaluations.id"), nullable=True),
    Column("replaced", ForeignKey("deployments.id"), nullable=True),
    _text("by"),
    _time("at"),
)

jobs = Table(
    "jobs",
    metadata,
    *_identity(),
    _text("kind"),
    _text("character"),
    _json("request"),
    _text("state"),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    _text("note"),
    _json("values"),
    _time("created_at"),
)
