"""Accounts and what lets them in, what reviewers decided, what broke off; conversations have names and turns heirs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns and the tables; the subjects that were here before stay those of this computer's person."""
    op.add_column("conversations", sa.Column("title", sa.Text()))
    op.add_column("turns", sa.Column("replaced_by", sa.Text()))
    op.add_column("ratings", sa.Column("reasons", sa.JSON(), nullable=False, server_default="[]"))
    _accounts()
    _letting_in()
    _audit_events()
    _decided()
    _drafts()


def _accounts() -> None:
    op.create_table(
        "accounts",
        *_identity("accounts"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text()),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
        sa.UniqueConstraint("subject", name="uq_accounts_subject"),
        sa.UniqueConstraint("provider", name="uq_accounts_provider"),
    )


def _letting_in() -> None:
    op.create_table(
        "sessions",
        *_identity("sessions"),
        sa.Column("account", sa.String()),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_table(
        "invitations",
        *_identity("invitations"),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("used_by", sa.String()),
        sa.ForeignKeyConstraint(["used_by"], ["accounts.id"]),
    )
    op.create_table(
        "api_keys",
        *_identity("api_keys"),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("account", sa.String()),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("used_at", sa.Float()),
        sa.Column("revoked_at", sa.Float()),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_api_keys_account", "api_keys", ["account"])


def _audit_events() -> None:
    op.create_table(
        "audit_events",
        *_identity("audit_events"),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_index("ix_audit_events_object_act", "audit_events", ["object", "act"])


def _decided() -> None:
    op.create_table(
        "reviews",
        *_identity("reviews"),
        sa.Column("turn", sa.String(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("correction", sa.Text()),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["turn"], ["turns.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_reviews_turn", "reviews", ["turn"])
    op.create_table(
        "preferences",
        *_identity("preferences"),
        sa.Column("turn", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("better", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["turn"], ["turns.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other"], ["turns.id"], ondelete="CASCADE"),
    )
    for column in ("turn", "other", "subject"):
        op.create_index(f"ix_preferences_{column}", "preferences", [column])


def _drafts() -> None:
    op.create_table(
        "drafts",
        *_identity("drafts"),
        sa.Column("character", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text()),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
    )
    op.create_index("ix_drafts_subject", "drafts", ["subject"])


def _identity(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name=f"uq_{table}_id"),
    ]
