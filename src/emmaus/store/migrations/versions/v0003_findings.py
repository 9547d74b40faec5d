"""Turns say what the checks found in them, and past good ones have a vector to be found by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column and the table; of turns from before it is not known."""
    op.add_column("turns", sa.Column("findings", sa.JSON()))
    op.create_table(
        "vectors",
        sa.Column("turn", sa.String(), nullable=False),
        sa.Column("embedder", sa.Text(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["turn"], ["turns.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("turn", "embedder"),
    )
