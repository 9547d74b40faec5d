"""The tables of who is let in: accounts, sessions, invitations, keys, and the audit log of what was administered."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Table, Text

from emmaus.store.schema import identity, json_column, metadata, text_column, time_column

accounts = Table(
    "accounts",
    metadata,
    *identity(),
    Column("name", Text, nullable=False, unique=True),
    text_column("password", nullable=True),
    text_column("post"),
    Column("subject", Text, nullable=False, unique=True),
    Column("provider", Text, nullable=True, unique=True),
    Column("closed", Boolean, nullable=False),
    time_column("created_at"),
)

sessions = Table(
    "sessions",
    metadata,
    *identity(),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=True, index=True),
    time_column("created_at"),
    time_column("seen_at"),
    time_column("expires_at"),
)

invitations = Table(
    "invitations",
    metadata,
    *identity(),
    text_column("post"),
    text_column("by"),
    time_column("created_at"),
    time_column("expires_at"),
    Column("used_by", ForeignKey("accounts.id"), nullable=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    *identity(),
    text_column("secret"),
    text_column("name"),
    json_column("rights"),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=True, index=True),
    time_column("created_at"),
    Column("used_at", Float, nullable=True),
    Column("revoked_at", Float, nullable=True),
)

audit_events = Table(
    "audit_events",
    metadata,
    *identity(),
    time_column("at"),
    text_column("who"),
    text_column("act"),
    text_column("object"),
    text_column("detail"),
    # Whoever signs in waits for how often that name failed: of a log of years only its own lines are read.
    Index(None, "object", "act"),
)
