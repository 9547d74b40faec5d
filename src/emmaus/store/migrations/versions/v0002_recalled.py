"""Turns say what was recalled into their prompt."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; of turns from before it is not known."""
    op.add_column("turns", sa.Column("recalled", sa.Text()))
