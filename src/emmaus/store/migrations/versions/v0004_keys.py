"""The key of a rating is never given again: what came after the last one that was read is then always new."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table anew, which only SQLite needs: a sequence of Postgres gives no key again anyway."""
    if op.get_context().dialect.name == "sqlite":
        with op.batch_alter_table("ratings", recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass
