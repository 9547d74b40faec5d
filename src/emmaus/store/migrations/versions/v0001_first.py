"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first release."""
    _adapters()
    _consent_events()
    _conversations()
    _datasets()
    _evaluations()
    _jobs()
    _meta()
    _origins()
    _rejections()
    _deployments()
    _turns()
    _ratings()
    _scores()


def _adapters() -> None:
    op.create_table(
        "adapters",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("character", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("dataset_hash", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("gguf", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("character", "version", name="uq_adapters_character_version"),
        sa.UniqueConstraint("id", name="uq_adapters_id"),
    )
    op.create_index("ix_adapters_dataset", "adapters", ["dataset"])


def _consent_events() -> None:
    op.create_table(
        "consent_events",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name="uq_consent_events_id"),
    )
    op.create_index("ix_consent_events_subject", "consent_events", ["subject"])


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("character", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("job", sa.Text()),
        sa.Column("parents", sa.JSON()),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name="uq_conversations_id"),
    )
    op.create_index("ix_conversations_character_source", "conversations", ["character", "source"])
    op.create_index("ix_conversations_with_job", "conversations", ["job"], sqlite_where=sa.text("job IS NOT NULL"))
    op.create_index(
        "ix_conversations_with_parents", "conversations", ["key"], sqlite_where=sa.text("parents IS NOT NULL")
    )
    op.create_index(
        "ix_conversations_with_subject", "conversations", ["subject"], sqlite_where=sa.text("subject IS NOT NULL")
    )


def _datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("character", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("examples", sa.LargeBinary(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("parents", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name="uq_datasets_id"),
    )
    op.create_index("ix_datasets_character", "datasets", ["character"])


def _evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("character", sa.Text(), nullable=False),
        sa.Column("candidate", sa.Text(), nullable=False),
        sa.Column("incumbent", sa.Text()),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("probes", sa.Text(), nullable=False),
        sa.Column("samples", sa.LargeBinary(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("regressions", sa.JSON(), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name="uq_evaluations_id"),
    )
    op.create_index("ix_evaluations_character", "evaluations", ["character"])


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("character", sa.Text(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _origins() -> None:
    op.create_table(
        "origins",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text()),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _rejections() -> None:
    op.create_table(
        "rejections",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("twin", sa.Text()),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name="uq_rejections_id"),
    )
    op.create_index("ix_rejections_job", "rejections", ["job"])


def _deployments() -> None:
    op.create_table(
        "deployments",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("character", sa.Text(), nullable=False),
        sa.Column("adapter", sa.String()),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("evaluation", sa.String()),
        sa.Column("replaced", sa.String()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["adapter"],
            ["adapters.id"],
        ),
        sa.ForeignKeyConstraint(
            ["evaluation"],
            ["evaluations.id"],
        ),
        sa.ForeignKeyConstraint(
            ["replaced"],
            ["deployments.id"],
        ),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name="uq_deployments_id"),
    )
    op.create_index("ix_deployments_character", "deployments", ["character"])


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("passages", sa.JSON()),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.key"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["origin"],
            ["origins.key"],
        ),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name="uq_turns_id"),
    )
    op.create_index("ix_turns_conversation", "turns", ["conversation"])


def _ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("turn", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("flag", sa.Boolean(), nullable=False),
        sa.Column("correction", sa.Text()),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["turn"], ["turns.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name="uq_ratings_id"),
    )
    op.create_index("ix_ratings_subject", "ratings", ["subject"])
    op.create_index("ix_ratings_turn", "ratings", ["turn"])


def _scores() -> None:
    op.create_table(
        "scores",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("turn", sa.String(), nullable=False),
        sa.Column("rubric", sa.Text(), nullable=False),
        sa.Column("judge", sa.Text(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("value", sa.Float()),
        sa.Column("unscored", sa.Text(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["turn"], ["turns.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id", name="uq_scores_id"),
    )
    op.create_index("ix_scores_turn", "scores", ["turn"])
